"""Gemini behind chat completions: signatures on the calls of the current turn.

It owns Google's rules: https://ai.google.dev/gemini-api/docs/thought-signatures and
https://ai.google.dev/gemini-api/docs/openai
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.servers._http import Request
from tests.servers.rules._refusal import Refusal, refuse, unknown_fields
from tests.servers.rules.vendors._vendor import (
    Body,
    Issued,
    Vendor,
    check_bearer,
    check_common,
    check_foreign,
)

# magentic issue 382 and langchain-google issue 1111 show what it does not know.
FIELDS = frozenset(
    "messages model max_tokens max_completion_tokens n stop stream stream_options temperature "
    "top_p tools tool_choice response_format reasoning_effort presence_penalty frequency_penalty "
    "seed user extra_body modalities audio service_tier".split()
)
#: Where a call comes from another model: https://ai.google.dev/gemini-api/docs/thought-signatures
SKIP = ("skip_thought_signature_validator", "context_engineering_is_the_way_to_go")


def _unknown(name: str, path: str = "") -> str:
    at = f" at '{path}'" if path else ""
    return f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'


def _check(request: Request, issued: Issued) -> None:
    body = request.body
    check_bearer(
        request.headers,
        "API key not valid. Please pass a valid API key.",
        status=400,
    )
    for name in unknown_fields(body, FIELDS):
        refuse(_unknown(name))
    check_foreign(body, VENDOR.private, lambda path, name: _unknown(name, path))
    check_common(body)
    if not re.search(r"gemini-[12]\b", body["model"]):
        _check_signatures(body, issued)


def _check_signatures(body: Body, issued: Issued) -> None:
    """Look at the calls since the user last spoke; a step's first call needs its signature.

    The words: langgenius/dify-official-plugins issue 2088.
    """
    messages = body["messages"]
    users = [i for i, message in enumerate(messages) if message["role"] == "user"]
    for message in messages[users[-1] + 1 if users else 0 :]:
        for j, call in enumerate(message.get("tool_calls") or ()):
            given, sent = _signature(call), issued.calls.get(call["id"])
            needed = _signature(sent) is not None if sent else j == 0
            if needed and given is None:
                refuse(
                    "Function call is missing a thought_signature in functionCall parts. This is "
                    "required for tools to work correctly, and missing thought_signature may lead "
                    "to degraded model performance. Additional data, function call "
                    f"`default_api:{call['function']['name']}` , position {j + 1}."
                )
            if given is not None and given not in SKIP and sent and given != _signature(sent):
                refuse("Corrupted thought signature.")
            if given is not None and given not in SKIP and not sent and issued.calls:
                refuse("Corrupted thought signature.")


def _signature(call: Mapping[str, Any]) -> str | None:
    google = (call.get("extra_content") or {}).get("google") or {}
    return google.get("thought_signature")


def _error(refusal: Refusal) -> Any:
    status = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND"}
    error = {"code": refusal.status, "message": refusal.message, "status": status[refusal.status]}
    return [{"error": error}]


VENDOR = Vendor(
    name="gemini",
    base="/v1beta/openai",
    models=r"gemini-",
    private=("extra_content",),
    check=_check,
    error=_error,
)
