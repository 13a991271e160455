"""A loopback server that speaks chat completions and Responses, and lists models, and embeds.

It owns the format of the first (https://platform.openai.com/docs/api-reference/chat/streaming) with
what vendors behind it add; `responses` owns that of the second. Alone:
`python -m tests.servers openai --port 8000`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.servers._blocks import Block, Text, Thinking, ToolCall
from tests.servers._http import Request
from tests.servers._script import Script
from tests.servers._server import FakeProvider, as_json, sse, text_of
from tests.servers.responses import build_response
from tests.servers.rules import Refusal, Rules
from tests.servers.rules.responses import ResponsesRules
from tests.servers.rules.vendors import VENDORS, ChatRules, is_chat_path

DONE = sse("[DONE]")
_HEADERS = {"x-request-id": "req_test"}
_DEFAULT_USAGE = {"prompt_tokens": 25, "prompt_tokens_details": {"cached_tokens": 0}}


class FakeOpenAI(FakeProvider):
    """`/v1/chat/completions` and `/v1/responses` play the queue; models and embeddings just answer.

    `vendor` names whose server it is (see `rules.vendors`). Without, each request is judged by the
    path and the model that it names: a `gpt-…` by OpenAI's rules, a name of no family by those that
    every server has.
    """

    def __init__(self, *, port: int = 0, strict: bool = True, vendor: str = "") -> None:
        super().__init__(port=port, strict=strict)
        self._vendor = VENDORS[vendor or "compatible"]
        self.rules: OpenAIRules = OpenAIRules(vendor)
        self._built = 0

    def form(self, request: Request, script: Script) -> Script:
        """Return the script's form for the endpoint that was asked."""
        asked = _is_responses(request.path.split("?")[0])
        return script.responses if asked and script.responses else script

    def is_scripted(self, path: str) -> bool:
        """Whether it is an endpoint for answers, at any vendor's place."""
        return is_chat_path(path) or _is_responses(path)

    @property
    def base_url(self) -> str:
        """What `base_url` means to OpenAI's SDK: with `/v1`, or the vendor's path."""
        return f"{self.url}{self._vendor.base}"

    def script(
        self,
        *blocks: Block,
        tokens_per_s: float | None = None,
        finish_reason: str | None = None,
        usage: Mapping[str, Any] | None = None,
        with_usage: bool = True,
        reasoning_field: str = "",
        reasoning_details: Sequence[Mapping[str, Any]] = (),
        model: str = "gpt-test",
        id: str = "chatcmpl-test",
    ) -> Script:
        """Return a whole completion: role, deltas, finish reason, a usage-only chunk, [DONE].

        `with_usage=False` leaves usage out, as servers do that don't know `stream_options`.
        `reasoning_field` names the delta's field for thinking, by default the vendor's;
        `reasoning_details` come with it, as OpenRouter sends them. The script holds the same answer
        for Responses.
        """
        field = reasoning_field or self._vendor.reasoning_field
        reason = finish_reason or _default_finish(blocks)
        head = {"id": id, "created": 1, "model": model, "system_fingerprint": "fp_test"}
        chunk = {**head, "object": "chat.completion.chunk"}
        details = [{"reasoning_details": list(reasoning_details)}] if reasoning_details else []
        deltas = [{"role": "assistant", "content": ""}, *details, *_deltas(blocks, field)]
        total = {**_usage(len(deltas) - len(details) - 1), **(usage or {})}
        events = [
            *(_chunk(chunk, delta, None) for delta in deltas),
            _chunk(chunk, {}, reason),
            *([sse({**chunk, "choices": [], "usage": total})] if with_usage else []),
            DONE,
        ]
        message = {**_whole_message(blocks, field), **(details[0] if details else {})}
        choice = {"index": 0, "message": message, "finish_reason": reason}
        whole = {**head, "object": "chat.completion", "choices": [choice]}
        body = json.dumps({**whole, "usage": total} if with_usage else whole).encode()
        open = frozenset() if usage else frozenset(("usage",))
        responses = self.response(*blocks, finish_reason=finish_reason, usage=usage, model=model)
        script = Script(tuple(events), whole=body, headers=_HEADERS, by_request=open)
        return replace(script, responses=responses).paced(tokens_per_s)

    def response(
        self,
        *blocks: Block,
        finish_reason: str | None = None,
        usage: Mapping[str, Any] | None = None,
        model: str = "gpt-test",
    ) -> Script:
        """Return an answer for Responses only, which has items that chat completions lack."""
        self._built += 1
        return build_response(
            *blocks, model=model, number=self._built, finish_reason=finish_reason, usage=usage
        )

    def error(
        self,
        status: int,
        message: str = "",
        *,
        type: str = "invalid_request_error",
        code: str | int | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Script:
        """Return an error response; `headers` may hold `retry-after`."""
        body = {"error": {"message": message, "type": type, "param": param, "code": code}}
        return as_json(body, status=status, headers={**_HEADERS, **(headers or {})})

    def refusal(self, refusal: Refusal) -> Script:
        """Return the vendor's error for a request against its rules."""
        if refusal.body is not None:
            return as_json(refusal.body, status=refusal.status, headers=_HEADERS)
        fields = {"type": refusal.type, "code": refusal.code, "param": refusal.param}
        return self.error(refusal.status, refusal.message, **fields)

    def error_event(self, message: str = "Overloaded", *, type: str = "server_error") -> bytes:
        """Return an error in mid-stream, for `script.with_event(at, …)`."""
        return sse({"error": {"message": message, "type": type, "code": None}})

    def other(self, request: Request) -> Script:
        """List models, embed; anything else is a 404."""
        path = request.path.split("?")[0]
        if path.endswith("/models"):
            model = {"id": "gpt-test", "object": "model", "created": 1, "owned_by": "tests"}
            return as_json({"object": "list", "data": [model]})
        if path.endswith("/embeddings"):
            return as_json(_embeddings(request.body))
        return self.error(404, f"no route {request.path}")


class OpenAIRules(Rules):
    """The rules of both endpoints; each request is judged by those of its path."""

    def __init__(self, vendor: str) -> None:
        self.chat = ChatRules(vendor)
        self.responses = ResponsesRules(needs_key=vendor in ("openai", "azure"))

    def check(self, request: Request) -> None:
        """Refuse what the endpoint refuses."""
        self._of(request).check(request)

    def answer(self, request: Request, script: Script) -> Script:
        """Return what the endpoint gives out; a script without a form for it stays as it is."""
        return self._of(request).answer(request, script)

    def _of(self, request: Request) -> Rules:
        return self.responses if _is_responses(request.path.split("?")[0]) else self.chat


def _is_responses(path: str) -> bool:
    return path in ("/v1/responses", "/openai/v1/responses")


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
    start = {"index": index, "id": call.id, "type": "function", **_signed(call)}
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
    return {"id": call.id, "type": "function", "function": function, **_signed(call)}


def _signed(call: ToolCall) -> dict[str, Any]:
    """https://ai.google.dev/gemini-api/docs/thought-signatures#openai"""
    signature = {"google": {"thought_signature": call.signature}}
    return {"extra_content": signature} if call.signature else {}


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
