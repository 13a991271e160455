"""A loopback server that speaks OpenAI's chat completions, and lists models, and embeds.

It owns that wire format (https://platform.openai.com/docs/api-reference/chat/streaming), with the
`reasoning_content` that compatible servers add. Alone:
`python -m tests.servers openai --port 8000`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.servers._blocks import Block, Text, Thinking, ToolCall
from tests.servers._http import Request
from tests.servers._script import Script
from tests.servers._server import FakeProvider, as_json, sse, text_of
from tests.servers.rules import Refusal, Rules

DONE = sse("[DONE]")
_HEADERS = {"x-request-id": "req_test"}
_DEFAULT_USAGE = {"prompt_tokens": 25, "prompt_tokens_details": {"cached_tokens": 0}}


class FakeOpenAI(FakeProvider):
    """`POST /v1/chat/completions` plays the queue; models and embeddings just answer."""

    def __init__(self, *, port: int = 0, strict: bool = True) -> None:
        super().__init__(port=port, strict=strict)
        self.rules = Rules()

    def is_scripted(self, path: str) -> bool:
        """Whether it is the chat completions endpoint."""
        return path == "/v1/chat/completions"

    @property
    def base_url(self) -> str:
        """What `base_url` means to OpenAI's SDK: with `/v1`."""
        return f"{self.url}/v1"

    def script(
        self,
        *blocks: Block,
        tokens_per_s: float | None = None,
        finish_reason: str | None = None,
        usage: Mapping[str, Any] | None = None,
        with_usage: bool = True,
        reasoning_field: str = "reasoning_content",
        model: str = "gpt-test",
        id: str = "chatcmpl-test",
    ) -> Script:
        """Return a whole completion: role, deltas, finish reason, a usage-only chunk, [DONE].

        `with_usage=False` leaves usage out, as servers do that don't know `stream_options`.
        `reasoning_field` names the delta's field for thinking: `reasoning` on some servers.
        """
        reason = finish_reason or _default_finish(blocks)
        head = {"id": id, "created": 1, "model": model, "system_fingerprint": "fp_test"}
        chunk = {**head, "object": "chat.completion.chunk"}
        deltas = [{"role": "assistant", "content": ""}, *_deltas(blocks, reasoning_field)]
        total = {**_usage(len(deltas) - 1), **(usage or {})}
        events = [
            *(_chunk(chunk, delta, None) for delta in deltas),
            _chunk(chunk, {}, reason),
            *([sse({**chunk, "choices": [], "usage": total})] if with_usage else []),
            DONE,
        ]
        message = _whole_message(blocks, reasoning_field)
        choice = {"index": 0, "message": message, "finish_reason": reason}
        whole = {**head, "object": "chat.completion", "choices": [choice]}
        body = json.dumps({**whole, "usage": total} if with_usage else whole).encode()
        return Script(tuple(events), whole=body, headers=_HEADERS).paced(tokens_per_s)

    def error(
        self,
        status: int,
        message: str = "",
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Script:
        """Return an error response; `headers` may hold `retry-after`."""
        body = {"error": {"message": message, "type": type, "param": None, "code": code}}
        return as_json(body, status=status, headers={**_HEADERS, **(headers or {})})

    def refusal(self, refusal: Refusal) -> Script:
        """Return the API's error for a request against its rules."""
        return self.error(refusal.status, refusal.message)

    def error_event(self, message: str = "Overloaded", *, type: str = "server_error") -> bytes:
        """Return an error in mid-stream, for `script.with_event(at, …)`."""
        return sse({"error": {"message": message, "type": type, "code": None}})

    def other(self, request: Request) -> Script:
        """List models, embed; anything else is a 404."""
        path = request.path.split("?")[0]
        if path == "/v1/models":
            model = {"id": "gpt-test", "object": "model", "created": 1, "owned_by": "tests"}
            return as_json({"object": "list", "data": [model]})
        if path == "/v1/embeddings":
            return as_json(_embeddings(request.body))
        return self.error(404, f"no route {request.path}")


def _usage(output: int) -> dict[str, Any]:
    total = 25 + output
    return {**_DEFAULT_USAGE, "completion_tokens": output, "total_tokens": total}


def _chunk(chunk: dict[str, Any], delta: dict[str, Any], reason: str | None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return sse({**chunk, "choices": [choice]})


def _default_finish(blocks: tuple[Block, ...]) -> str:
    return "tool_calls" if any(isinstance(block, ToolCall) for block in blocks) else "stop"


def _deltas(blocks: tuple[Block, ...], reasoning_field: str) -> Iterator[dict[str, Any]]:
    """Yield the deltas in order; tool calls are numbered from 0."""
    calls = 0
    for block in blocks:
        match block:
            case Text():
                yield from ({"content": piece} for piece in block.pieces)
            case Thinking():
                yield from ({reasoning_field: piece} for piece in block.pieces)
            case ToolCall():
                yield from _tool_deltas(calls, block)
                calls += 1
            case _:
                raise TypeError(f"chat completions have no {type(block).__name__}")


def _tool_deltas(index: int, call: ToolCall) -> Iterator[dict[str, Any]]:
    """Yield id and name once, then the argument fragments."""
    start = {"index": index, "id": call.id, "type": "function"}
    yield {"tool_calls": [{**start, "function": {"name": call.name, "arguments": ""}}]}
    for fragment in call.fragments:
        yield {"tool_calls": [{"index": index, "function": {"arguments": fragment}}]}


def _whole_message(blocks: tuple[Block, ...], reasoning_field: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant"}
    message["content"] = text_of([b.pieces for b in blocks if isinstance(b, Text)]) or None
    if thoughts := text_of([b.pieces for b in blocks if isinstance(b, Thinking)]):
        message[reasoning_field] = thoughts
    if calls := [b for b in blocks if isinstance(b, ToolCall)]:
        message["tool_calls"] = [_whole_call(call) for call in calls]
    return message


def _whole_call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": text_of([call.fragments])}
    return {"id": call.id, "type": "function", "function": function}


def _embeddings(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a vector of three that depends on each text's length only."""
    given = body["input"]
    texts = [given] if isinstance(given, str) else given
    data = [
        {"object": "embedding", "index": i, "embedding": [len(text), 0.5, -0.5]}
        for i, text in enumerate(texts)
    ]
    usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
    return {"object": "list", "data": data, "model": body.get("model", ""), "usage": usage}
