"""Kimi (Moonshot): fixed sampling, no forced tools while it thinks, thinking sent back.

It owns Moonshot's rules: https://platform.kimi.ai/docs/guide/use-kimi-k2-thinking-model
"""

from __future__ import annotations

from tests.servers._http import Request
from tests.servers.rules._refusal import refuse
from tests.servers.rules.vendors._vendor import (
    Body,
    Issued,
    Vendor,
    check_bearer,
    check_common,
    check_foreign,
    is_forced,
    iter_tool_turns,
)


def _check(request: Request, issued: Issued) -> None:
    body = request.body
    check_bearer(request.headers, "Incorrect API key provided", type="incorrect_api_key_error")
    check_foreign(
        body,
        VENDOR.private,
        lambda path, name: f"Invalid request: {path} has unknown field '{name}'",
    )
    check_common(body)
    if "moonshot-v1" in body["model"]:
        return
    thinks = (body.get("thinking") or {}).get("type") != "disabled"
    _check_sampling(body, 1 if thinks else 0.6)
    if not thinks:
        return
    if is_forced(body):  # https://docs.rs/crate/harn-vm (a probe of 2026-07-18)
        refuse(f"tool_choice '{body['tool_choice']}' is incompatible with thinking enabled")
    for i, message in iter_tool_turns(body):  # continuedev/continue issue 11600
        given, sent = message.get("reasoning_content"), issued.message_of(message)
        said = (sent or {}).get("reasoning_content")
        if (said is not None and given != said) or (sent is None and not given):
            refuse(
                "thinking is enabled but reasoning_content is missing in assistant tool call "
                f"message at index {i}"
            )


def _check_sampling(body: Body, temperature: float) -> None:
    """BerriAI/litellm pull 29687 and HKUDS/nanobot pull 4967."""
    for name, only in (("temperature", temperature), ("top_p", 0.95), ("n", 1)):
        if body.get(name) not in (None, only):
            refuse(f"invalid {name}: only {only} is allowed for this model")


VENDOR = Vendor(
    name="kimi",
    models=r"(kimi-|moonshot-)",
    private=("reasoning_content",),
    check=_check,
)
