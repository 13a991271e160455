"""OpenRouter: reasoning goes back as it came, in order and whole.

It owns OpenRouter's rules: https://openrouter.ai/docs/use-cases/reasoning-tokens
"""

from __future__ import annotations

from tests.servers._http import Request
from tests.servers.rules._refusal import Refusal, refuse
from tests.servers.rules.vendors._vendor import (
    Issued,
    Vendor,
    check_bearer,
    check_common,
    check_foreign,
    iter_tool_turns,
)


def _check(request: Request, issued: Issued) -> None:
    body = request.body
    check_bearer(request.headers, "No auth credentials found", code=401)
    check_foreign(
        body, VENDOR.private, lambda path, name: f"Unrecognized key(s) in {path}: '{name}'"
    )
    check_common(body)
    for i, message in iter_tool_turns(body):
        said = (issued.message_of(message) or {}).get("reasoning_details")
        given = message.get("reasoning_details")
        if said is None:
            continue
        if given is None and "gemini-" in body["model"]:
            refuse(
                "Function call is missing a thought_signature in functionCall parts. This is "
                "required for tools to work correctly."
            )
        if given is not None and given != said:
            refuse(
                f"messages.{i}.reasoning_details: the sequence of reasoning blocks must match the "
                "one that the model generated"
            )


def _error(refusal: Refusal) -> object:
    return {"error": {"message": refusal.message, "code": refusal.status}}


VENDOR = Vendor(
    name="openrouter",
    base="/api/v1",
    private=("reasoning", "reasoning_details", "reasoning_content"),
    reasoning_field="reasoning",
    check=_check,
    error=_error,
)
