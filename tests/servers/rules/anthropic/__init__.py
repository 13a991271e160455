"""Anthropic's Messages API as it judges a request: one module a part of the request.

It owns the order of the rules and what an answer holds by the request: cached tokens, thinking that
is shown or not, blocks that were dropped.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tests.servers._http import Request
from tests.servers._script import Script
from tests.servers.rules._refusal import UNREADABLE, Rules, refuse
from tests.servers.rules.anthropic.cache import PromptCache, wants_cache
from tests.servers.rules.anthropic.compatible import check_compatible
from tests.servers.rules.anthropic.content import check_messages
from tests.servers.rules.anthropic.headers import check_headers
from tests.servers.rules.anthropic.models import model_of, speaks_claude
from tests.servers.rules.anthropic.request import (
    check_fields,
    check_limits,
    check_output,
    check_sampling,
    check_thinking,
    check_tools,
)
from tests.servers.rules.anthropic.thinking import Signatures, blocks_answered

MAX_REQUEST_BYTES = 32 * 1024 * 1024
_COUNT = "/v1/messages/count_tokens"


class AnthropicRules(Rules):
    """The state of one server: what it signed, what it has cached."""

    def __init__(self) -> None:
        self.clock: Callable[[], float] = time.monotonic
        self.signatures = Signatures()
        self.cache = PromptCache(lambda: self.clock())

    def check(self, request: Request) -> None:
        """Refuse what the API refuses, headers first."""
        headers, body = request.headers, request.body
        check_headers(headers)
        if not isinstance(body, Mapping):
            refuse("The request body is not valid JSON: expected an object")
        if int(headers.get("content-length", 0)) > MAX_REQUEST_BYTES:
            refuse("Request exceeds the maximum size", status=413, type="request_too_large")
        counting = request.path.split("?")[0] == _COUNT
        check_fields(body, headers, counting=counting)
        if not speaks_claude(body["model"]):
            check_compatible(body)
            return
        model = model_of(body["model"])
        if not counting:
            check_limits(body, model)
        check_sampling(body, model)
        check_thinking(body, headers, model)
        check_output(body, headers, model)
        check_tools(body, headers, model)
        kinds = self.signatures.kinds
        check_messages(body, headers["anthropic-version"], model, kinds=kinds)
        _check_final_thinking(body)
        self.signatures.check(body, headers, model)
        self.cache.check(body)

    def answer(self, request: Request, script: Script) -> Script:
        """Fill in cached tokens, hide thinking that was not asked for, note the signatures."""
        body = request.body
        if script.status != 200 or not speaks_claude(body["model"]):
            return script
        whole = script.whole is not None and not body.get("stream")
        data = (script.whole or b"") if whole else script.data
        model = model_of(body["model"])
        dropped = self.signatures.check(body, request.headers, model)
        with suppress(*UNREADABLE):  # nothing that makes sense went out of a hostile script
            self.signatures.note(body, blocks_answered(data))
        changes: dict[str, Any] = {}
        if dropped and script.by_request and "anthropic-beta" in request.headers:
            changes["input_transformations"] = [_dropped(path) for path in dropped]
        if wants_cache(body):
            used = self.cache.use(body, model).fields()
            if "usage" in script.by_request:
                changes["usage"] = used
        thinking = body.get("thinking") or {}
        shown = thinking.get("display") or model.display
        if thinking.get("type") == "between_tools":
            shown = "summarized"  # its notes come with their text
        hidden = shown == "omitted" and "thinking" in script.by_request
        return _shaped(script, changes, hidden=hidden) if changes or hidden else script


def _dropped(path: str) -> dict[str, str]:
    return {"type": "thinking_dropped", "path": path, "reason": "prefix_binding_mismatch"}


def _check_final_thinking(body: Mapping[str, Any]) -> None:
    """With a budget, a turn that called tools goes on with the thinking that it started with.

    https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
    """
    messages = body["messages"]
    if (body.get("thinking") or {}).get("type") != "enabled" or len(messages) < 2:
        return
    last = messages[-1]
    if last["role"] != "user" or not any(
        isinstance(block, Mapping) and block.get("type") == "tool_result"
        for block in last["content"]
    ):
        return
    first = messages[-2]["content"][0]["type"]
    if first not in ("thinking", "redacted_thinking"):
        refuse(
            f"messages.{len(messages) - 2}.content.0.type: Expected `thinking` or "
            f"`redacted_thinking`, but found `{first}`. When `thinking` is enabled, a final "
            "`assistant` message must start with a thinking block (preceeding the lastmost set of "
            "`tool_use` and `tool_result` blocks). We recommend you include thinking blocks from "
            "previous turns. To avoid this requirement, disable `thinking`."
        )


def _shaped(script: Script, changes: Mapping[str, Any], *, hidden: bool) -> Script:
    """Return the script with `changes` in its message and the text of its thinking left out."""
    events = tuple(_event(event, changes, hidden=hidden) for event in script.events)
    if script.whole is None:
        return replace(script, events=events)
    message = _changed(json.loads(script.whole), changes)
    for block in message["content"]:
        if hidden and block["type"] == "thinking":
            block["thinking"] = ""
    return replace(script, events=events, whole=json.dumps(message).encode())


def _event(event: bytes, changes: Mapping[str, Any], *, hidden: bool) -> bytes:
    # An event that goes out is replaced by nothing, so that those after it keep their numbers.
    if hidden and b'"type": "thinking_delta"' in event:
        return b""
    if changes and event.startswith(b"event: message_start\n"):
        value = json.loads(event.split(b"data: ", 1)[1])
        value["message"] = _changed(value["message"], changes)
        return b"event: message_start\ndata: " + json.dumps(value).encode() + b"\n\n"
    return event


def _changed(message: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    usage = {**message["usage"], **changes.get("usage", {})}
    return {**message, **changes, "usage": usage}
