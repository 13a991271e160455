"""Servers on one's own machine: Ollama's /v1, vLLM, llama.cpp, and any that nobody knows.

It owns what little they refuse. None asks for a key; only llama.cpp and vLLM look at the roles.
"""

from __future__ import annotations

import re

from tests.servers._http import Request
from tests.servers.rules._refusal import Refusal, refuse
from tests.servers.rules.vendors._vendor import (
    Issued,
    Vendor,
    check_common,
    check_foreign,
)

#: https://docs.ollama.com/api/openai-compatibility#reasoning
EFFORTS = ("high", "medium", "low", "max", "none")
#: Models of Ollama's library without the tag "thinking".
NO_THINKING = r"^(llama|gemma[23]?:|gemma[23]?$|mistral|phi3|codellama)"


def _unknown(path: str, name: str) -> str:
    return f"{path}: unknown field '{name}'"


def _check_ollama(request: Request, issued: Issued) -> None:
    body = request.body
    check_foreign(body, OLLAMA.private, _unknown)
    effort = body.get("reasoning_effort") or (body.get("reasoning") or {}).get("effort")
    if effort is not None and effort not in EFFORTS:  # ollama/ollama issue 15288
        refuse(
            f'invalid reasoning value: \'{effort}\' (must be "high", "medium", "low", "max", '
            'or "none")'
        )
    if effort not in (None, "none") and re.match(NO_THINKING, body["model"]):
        refuse(f'"{body["model"]}" does not support thinking')


def _check_vllm(request: Request, issued: Issued) -> None:
    """https://docs.vllm.ai/en/latest/features/reasoning_outputs.html"""
    body = request.body
    check_foreign(body, VLLM.private, _unknown)
    for name in ("max_tokens", "max_completion_tokens"):
        if (value := body.get(name)) is not None and value < 1:
            refuse(f"{name} must be at least 1, got {value}.", param=name)
    if body.get("stream_options") and not body.get("stream"):
        refuse("Stream options can only be defined when `stream=True`.")
    if body.get("tool_choice") not in (None, "none") and not body.get("tools"):
        refuse("When using `tool_choice`, `tools` must be set.")


def _check_llama(request: Request, issued: Issued) -> None:
    """The words: ggml-org/llama.cpp, tools/server/utils.hpp."""
    body = request.body
    check_foreign(body, LLAMA.private, _unknown)
    roles = [message["role"] for message in body["messages"]]
    if roles[-2:] == ["assistant", "assistant"]:
        refuse("Cannot have 2 or more assistant messages at the end of the list.")
    thinks = (body.get("chat_template_kwargs") or {}).get("enable_thinking", True)
    if roles[-1:] == ["assistant"] and thinks:
        refuse("Assistant response prefill is incompatible with enable_thinking.")


def _check_compatible(request: Request, issued: Issued) -> None:
    """A server that nobody knows takes its own fields back, and those of no other."""
    check_foreign(request.body, issued.private, _unknown)
    check_common(request.body)


def _vllm_error(refusal: Refusal) -> object:
    error = {"message": refusal.message, "type": "BadRequestError", "param": refusal.param}
    return {"error": error | {"code": refusal.status}}


def _llama_error(refusal: Refusal) -> object:
    code, kind = refusal.status, "invalid_request_error"
    return {"error": {"code": code, "message": refusal.message, "type": kind}}


OLLAMA = Vendor(
    name="ollama",
    private=("reasoning",),
    reasoning_field="reasoning",
    check=_check_ollama,
)
VLLM = Vendor(
    name="vllm",
    private=("reasoning", "reasoning_content"),
    check=_check_vllm,
    error=_vllm_error,
)
LLAMA = Vendor(
    name="llama",
    private=("reasoning_content",),
    check=_check_llama,
    error=_llama_error,
)
COMPATIBLE = Vendor(name="compatible", check=_check_compatible)
