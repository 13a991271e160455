"""DeepSeek V4: thinks by default, and wants its thinking back in turns that called tools.

It owns DeepSeek's rules: https://api-docs.deepseek.com/guides/thinking_mode
"""

from __future__ import annotations

from collections.abc import Mapping

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

MAX_TOKENS = 393_216


def _check(request: Request, issued: Issued) -> None:
    body = request.body
    check_bearer(
        request.headers,
        "Authentication Fails (auth header format should be Bearer sk-...)",
        type="authentication_error",
        code="invalid_request_error",
    )
    check_foreign(
        body,
        VENDOR.private,
        lambda path, name: (
            f"Failed to deserialize the JSON body into the target type: {path}: unknown field "
            f"`{name}`"
        ),
    )
    check_common(body)
    _check_options(body)
    thinks = (body.get("thinking") or {}).get("type", "enabled") != "disabled"
    if not thinks or body["model"] == "deepseek-chat" or body.get("reasoning_effort") == "none":
        return
    if is_forced(body):  # deepseek-ai/DeepSeek-V3 issue 1376
        refuse("Thinking mode does not support this tool_choice")
    _check_thinking(body, issued)


def _check_options(body: Body) -> None:
    asked = body.get("max_tokens")
    # https://dev.to/aihubmix/deepseek-v4-pro-0813-across-3-apis-thinking-passback-tool-calls-and-hidden-400s-a74
    if asked is not None and not 1 <= asked <= MAX_TOKENS:
        refuse(f"Invalid max_tokens value, the valid range of max_tokens is [1, {MAX_TOKENS}]")
    if (body.get("response_format") or {}).get("type") == "json_schema":
        # https://api-docs.deepseek.com/guides/json_mode: text and json_object
        refuse("This response_format type is unavailable now")
    for i, message in enumerate(body["messages"]):
        for part in message["content"] if isinstance(message.get("content"), list) else ():
            if isinstance(part, Mapping) and part.get("type") != "text":
                refuse(
                    "Failed to deserialize the JSON body into the target type: "
                    f"messages[{i}]: unknown variant `{part.get('type')}`, expected `text`"
                )


def _check_thinking(body: Body, issued: Issued) -> None:
    """The words: crewAIInc/crewAI issue 5878. What was said comes back byte for byte."""
    for _, message in iter_tool_turns(body):
        given, sent = message.get("reasoning_content"), issued.message_of(message)
        said = (sent or {}).get("reasoning_content")
        if (said is not None and given != said) or (sent is None and not given):
            refuse("The `reasoning_content` in the thinking mode must be passed back to the API.")


VENDOR = Vendor(
    name="deepseek",
    models=r"deepseek-(v\d|chat$|reasoner$)",
    private=("reasoning_content",),
    check=_check,
)
