"""A loopback server that speaks Anthropic's Messages API, streaming and not.

It owns that wire format (https://docs.anthropic.com/en/api/messages-streaming), as a test needs it.
Alone: `python -m tests.servers anthropic --port 8000`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.servers._blocks import Block, Raw, RedactedThinking, Text, Thinking, ToolCall
from tests.servers._http import Request
from tests.servers._script import Script
from tests.servers._server import FakeProvider, as_json, sse, text_of
from tests.servers.rules import Refusal
from tests.servers.rules.anthropic import AnthropicRules

PING = sse({"type": "ping"}, event="ping")
USAGE = {"input_tokens": 25, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class FakeAnthropic(FakeProvider):
    """`POST /v1/messages` plays the queue; `/v1/messages/count_tokens` counts words."""

    def __init__(self, *, port: int = 0, strict: bool = True) -> None:
        super().__init__(port=port, strict=strict)
        self.rules: AnthropicRules = AnthropicRules()

    def is_scripted(self, path: str) -> bool:
        """Whether it is the Messages endpoint."""
        return path == "/v1/messages"

    def is_judged(self, path: str) -> bool:
        """Token counting has rules as messages have."""
        return path in ("/v1/messages", "/v1/messages/count_tokens")

    @property
    def base_url(self) -> str:
        """What `base_url` means to Anthropic's SDK: without `/v1`."""
        return self.url

    def script(
        self,
        *blocks: Block,
        tokens_per_s: float | None = None,
        stop_reason: str | None = None,
        usage: Mapping[str, Any] | None = None,
        output_tokens: int | None = None,
        model: str = "claude-test",
        id: str = "msg_test",
    ) -> Script:
        """Return a whole message: one ping after its start, then each block's events.

        `usage` is message_start's (with cache figures); `output_tokens` is message_delta's, by
        default one a piece. `stop_reason` is `tool_use` by default where a block calls a tool.
        """
        reason = stop_reason or _default_stop(blocks)
        given = {**USAGE, **(usage or {})}
        total = output_tokens if output_tokens is not None else sum(map(_piece_count, blocks))
        message = {"id": id, "type": "message", "role": "assistant", "model": model, "content": []}
        unset = {"stop_reason": None, "stop_sequence": None}
        start = {**message, **unset, "usage": {**given, "output_tokens": 1}}
        end = {"stop_reason": reason, "stop_sequence": None}
        events = (
            _event("message_start", message=start),
            PING,
            *(event for i, block in enumerate(blocks) for event in _block_events(i, block)),
            _event("message_delta", delta=end, usage={"output_tokens": total}),
            _event("message_stop"),
        )
        content = [_whole_block(block) for block in blocks]
        whole = {**message, **end, "content": content, "usage": {**given, "output_tokens": total}}
        data = json.dumps(whole).encode()
        open = frozenset(("thinking", "usage") if usage is None else ("thinking",))
        script = Script(events, whole=data, headers=_HEADERS, by_request=open)
        return script.paced(tokens_per_s)

    def error(
        self,
        status: int,
        message: str = "",
        *,
        type: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Script:
        """Return an error response; `headers` may hold `retry-after`."""
        body = _error_body(type or ERROR_TYPES.get(status, "api_error"), message)
        return as_json(body, status=status, headers={**_HEADERS, **(headers or {})})

    def refusal(self, refusal: Refusal) -> Script:
        """Return the API's error for a request against its rules."""
        return self.error(refusal.status, refusal.message, type=refusal.type)

    def error_event(self, message: str = "Overloaded", *, type: str = "overloaded_error") -> bytes:
        """Return an error event, for `script.with_event(at, …)` in mid-stream."""
        return sse(_error_body(type, message), event="error")

    def other(self, request: Request) -> Script:
        """Count tokens; anything else is a 404."""
        if request.path.split("?")[0] == "/v1/messages/count_tokens":
            return as_json({"input_tokens": len(json.dumps(request.body).split())})
        return self.error(404, f"no route {request.path}")


_HEADERS = {"request-id": "req_test"}


def _event(type: str, **fields: Any) -> bytes:
    return sse({"type": type, **fields}, event=type)


def _error_body(type: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": type, "message": message}, "request_id": "req_test"}


def _default_stop(blocks: tuple[Block, ...]) -> str:
    return "tool_use" if any(isinstance(block, ToolCall) for block in blocks) else "end_turn"


def _piece_count(block: Block) -> int:
    match block:
        case Text(pieces) | Thinking(pieces):
            return len(pieces)
        case ToolCall():
            return len(block.fragments)
        case _:
            return 1


def _block_events(index: int, block: Block) -> Iterator[bytes]:
    """Yield a block's start, its deltas, its stop."""
    yield _event("content_block_start", index=index, content_block=_start_of(block))
    for delta in _deltas(block):
        yield _event("content_block_delta", index=index, delta=delta)
    yield _event("content_block_stop", index=index)


def _start_of(block: Block) -> dict[str, Any]:
    match block:
        case Text():
            return {"type": "text", "text": ""}
        case Thinking():
            return {"type": "thinking", "thinking": "", "signature": ""}
        case ToolCall():
            return {"type": "tool_use", "id": block.id, "name": block.name, "input": {}}
        case RedactedThinking() | Raw():
            return _whole_block(block)


def _deltas(block: Block) -> Iterator[dict[str, Any]]:
    match block:
        case Text():
            yield from ({"type": "text_delta", "text": piece} for piece in block.pieces)
        case Thinking():
            yield from ({"type": "thinking_delta", "thinking": piece} for piece in block.pieces)
            yield from ({"type": "signature_delta", "signature": s} for s in block.signature)
        case ToolCall():
            yield {"type": "input_json_delta", "partial_json": ""}
            for fragment in block.fragments:
                yield {"type": "input_json_delta", "partial_json": fragment}
        case Raw():
            yield from block.deltas
        case RedactedThinking():
            return


def _whole_block(block: Block) -> dict[str, Any]:
    match block:
        case Text():
            return {"type": "text", "text": text_of([block.pieces])}
        case Thinking():
            signature = text_of([block.signature])
            return {"type": "thinking", "thinking": text_of([block.pieces]), "signature": signature}
        case ToolCall():
            return {**_start_of(block), "input": _input_of(block)}
        case RedactedThinking():
            return {"type": "redacted_thinking", "data": block.data}
        case Raw():
            return dict(block.block)


def _input_of(call: ToolCall) -> Any:
    """Return the arguments; a str where a test scripts JSON that is broken."""
    source = text_of([call.fragments])
    try:
        return json.loads(source or "{}")
    except json.JSONDecodeError:
        return source
