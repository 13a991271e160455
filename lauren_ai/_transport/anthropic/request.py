"""Builds the JSON of a request to Anthropic's Messages API. It sends nothing.

Source: https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.call_ids import fit_call_id
from lauren_ai._types import ContentBlock, Message, ToolChoice

Json = dict[str, Any]

_CALL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # the API refuses a history with any other


def build_body(request: CompletionRequest, *, adaptive_thinking: bool = False) -> Json:
    """The body of `POST /v1/messages`. The caller's messages are read, never changed."""
    system = [m.text() for m in request.messages if m.role == "system"]
    if request.system:
        system.insert(0, request.system)
    body: Json = {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "messages": _build_messages(request.messages),
        "stream": True,
    }
    if system:
        body["system"] = "\n\n".join(system)
    if request.tools:
        body["tools"] = [
            {"name": t.name, "description": t.description, "input_schema": t.input_schema}
            for t in request.tools
        ]
        body["tool_choice"] = _build_tool_choice(request)
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.top_p is not None:
        body["top_p"] = request.top_p
    if request.stop_sequences:
        body["stop_sequences"] = list(request.stop_sequences)
    if request.reasoning_effort:
        body["output_config"] = {"effort": request.reasoning_effort}
    if request.thinking:
        _add_thinking(body, request, adaptive=adaptive_thinking)
    extra = request.request_options.get("extra_body")
    if isinstance(extra, dict):
        body.update(extra)
    return body


def _add_thinking(body: Json, request: CompletionRequest, *, adaptive: bool) -> None:
    if adaptive:
        body["thinking"] = {"type": "adaptive", "display": "summarized"}
        return
    budget = max(1024, request.thinking_budget_tokens or 8000)  # the API's own floor
    body["thinking"] = {"type": "enabled", "budget_tokens": budget}
    if body["max_tokens"] <= budget:  # max_tokens counts the thinking too
        body["max_tokens"] += budget


def _build_tool_choice(request: CompletionRequest) -> Json:
    choice = request.tool_choice or ToolChoice()
    result: Json = {"type": choice.type}
    if choice.type == "tool":
        result["name"] = choice.name
    if request.parallel_tool_calls is False and choice.type != "none":
        result["disable_parallel_tool_use"] = True
    return result


def _build_messages(messages: Iterable[Message]) -> list[Json]:
    built = (_build_message(m) for m in messages if m.role != "system")
    # Another provider's turn may have held thinking alone. The API refuses an empty turn, and
    # takes two turns of a person in a row.
    return [m for m in built if m["content"] or m["role"] != "assistant"]


def _build_message(message: Message) -> Json:
    role = "assistant" if message.role == "assistant" else "user"
    if isinstance(message.content, str):
        return {"role": role, "content": message.content if message.content.strip() else ""}
    blocks = (_build_block(b) for b in message.content)
    return {"role": role, "content": [b for b in blocks if b is not None]}


def _build_block(block: ContentBlock) -> Json | None:
    if block.raw is not None and block.provider in (None, "anthropic"):
        return block.raw
    if block.type == "text":
        # The API refuses a block of white space alone; other models write such.
        return {"type": "text", "text": block.text} if (block.text or "").strip() else None
    if block.type == "image":
        return {"type": "image", "source": block.source}
    if block.type == "tool_use":
        return {
            "type": "tool_use",
            "id": fit_call_id(block.tool_use_id, _CALL_ID),
            "name": block.name,
            "input": block.input or {},
        }
    if block.type == "tool_result":
        result: Json = {
            "type": "tool_result",
            "tool_use_id": fit_call_id(block.tool_use_id, _CALL_ID),
            "content": _build_result(block.content),
        }
        if block.is_error:
            result["is_error"] = True
        return result
    if block.type == "thinking":
        # Without its signature the API refuses it: another provider's thinking stays behind.
        if block.signature is None:
            return None
        return {"type": "thinking", "thinking": block.text or "", "signature": block.signature}
    return None


def _build_result(content: str | Sequence[ContentBlock] | None) -> str | list[Json]:
    if content is None or isinstance(content, str):
        return content or ""
    return [built for b in content if (built := _build_block(b)) is not None]
