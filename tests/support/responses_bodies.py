"""Writes streams of OpenAI's Responses, by the documented wire format, and reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from lauren_ai._exceptions import TransportError
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._transport.openai.responses.events import ResponsesDecoder
from lauren_ai._types import Completion, CompletionChunk

Json = dict[str, Any]

USAGE = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 30},
    "output_tokens": 20,
    "output_tokens_details": {"reasoning_tokens": 12},
    "total_tokens": 120,
}
#: What every response repeats of its request.
ECHO = {"object": "response", "instructions": "Be brief.", "tools": [], "temperature": 1.0}
LINK = {
    "type": "url_citation",
    "start_index": 0,
    "end_index": 5,
    "title": "T",
    "url": "https://e.org",
}
SEARCH = {
    "type": "web_search_call",
    "id": "ws_1",
    "status": "completed",
    "action": {"type": "search", "query": "weather"},
}


def sse(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def message(
    *pieces: str, id: str = "msg_1", annotations: Iterable[Json] = (), **fields: Any
) -> tuple[Json, list[Json]]:
    """A message item that is done, and the events between its beginning and its end."""
    annotations = list(annotations)
    at: Json = {"content_index": 0}
    part = {
        "type": "output_text",
        "annotations": annotations,
        "logprobs": [],
        "text": "".join(pieces),
    }
    empty = {**part, "text": "", "annotations": []}
    item = {
        "id": id,
        "type": "message",
        "status": "completed",
        "content": [part],
        "role": "assistant",
    }
    return item | fields, [
        {"type": "response.content_part.added", **at, "part": empty},
        *({"type": "response.output_text.delta", **at, "delta": p, "logprobs": []} for p in pieces),
        *(
            {
                "type": "response.output_text.annotation.added",
                **at,
                "annotation_index": number,
                "annotation": annotation,
            }
            for number, annotation in enumerate(annotations)
        ),
        {"type": "response.output_text.done", **at, "text": "".join(pieces), "logprobs": []},
        {"type": "response.content_part.done", **at, "part": part},
    ]


def refusal(*pieces: str, id: str = "msg_1") -> tuple[Json, list[Json]]:
    at: Json = {"content_index": 0}
    part = {"type": "refusal", "refusal": "".join(pieces)}
    item = {
        "id": id,
        "type": "message",
        "status": "completed",
        "content": [part],
        "role": "assistant",
    }
    return item, [
        {"type": "response.content_part.added", **at, "part": {"type": "refusal", "refusal": ""}},
        *({"type": "response.refusal.delta", **at, "delta": piece} for piece in pieces),
        {"type": "response.refusal.done", **at, "refusal": "".join(pieces)},
        {"type": "response.content_part.done", **at, "part": part},
    ]


def reasoning(
    *summary: str, id: str = "rs_1", encrypted: str | None = "gAAAA=="
) -> tuple[Json, list[Json]]:
    """Each text of `summary` is a part of its own, which comes in two pieces."""
    parts = [{"type": "summary_text", "text": text} for text in summary]
    item: Json = {"id": id, "type": "reasoning", "summary": parts}
    if encrypted is not None:
        item["encrypted_content"] = encrypted
    events: list[Json] = []
    for number, text in enumerate(summary):
        at: Json = {"summary_index": number}
        empty = {"type": "summary_text", "text": ""}
        events += [
            {"type": "response.reasoning_summary_part.added", **at, "part": empty},
            {"type": "response.reasoning_summary_text.delta", **at, "delta": text[:3]},
            {"type": "response.reasoning_summary_text.delta", **at, "delta": text[3:]},
            {"type": "response.reasoning_summary_text.done", **at, "text": text},
            {"type": "response.reasoning_summary_part.done", **at, "part": parts[number]},
        ]
    return item, events


def call(
    name: str, *pieces: str, call_id: str = "call_1", id: str = "fc_1", **fields: Any
) -> tuple[Json, list[Json]]:
    arguments = "".join(pieces)
    item = {
        "id": id,
        "type": "function_call",
        "status": "completed",
        "arguments": arguments,
        "call_id": call_id,
        "name": name,
    }
    return item | fields, [
        *({"type": "response.function_call_arguments.delta", "delta": piece} for piece in pieces),
        {"type": "response.function_call_arguments.done", "arguments": arguments},
    ]


def tool(item: Json) -> tuple[Json, list[Json]]:
    """An item of a tool of the server's own."""
    kind = item["type"]
    return item, [
        {"type": f"response.{kind}.in_progress"},
        {"type": f"response.{kind}.completed"},
    ]


def add(item: Json, index: int) -> bytes:
    """The event that an item begins."""
    empty: Json = {"status": "in_progress"}
    for key, value in (("content", []), ("summary", []), ("arguments", "")):
        if key in item:
            empty[key] = value
    return sse("response.output_item.added", output_index=index, item={**item, **empty})


def done(item: Json, index: int) -> bytes:
    return sse("response.output_item.done", output_index=index, item=item)


def write(item: Json, events: Iterable[Json], index: int) -> list[bytes]:
    """The events between: each names its item."""
    at = {"output_index": index, "item_id": item.get("id", "")}
    return [sse(e["type"], **{**at, **{k: v for k, v in e.items() if k != "type"}}) for e in events]


def begin() -> list[bytes]:
    response = {"id": "resp_1", "model": "gpt-6-sol-2026", "status": "in_progress", "output": []}
    return [
        sse("response.created", response={**ECHO, **response}),
        sse("response.in_progress", response={**ECHO, **response}),
    ]


def end(
    *items: Json, status: str = "completed", usage: Json | None = USAGE, **fields: Any
) -> bytes:
    response = {"id": "resp_1", "model": "gpt-6-sol-2026", "status": status, "output": list(items)}
    response |= {"error": None, "incomplete_details": None, "usage": usage}
    return sse(f"response.{status}", response={**ECHO, **response, **fields})


def body(*written: tuple[Json, list[Json]], **ending: Any) -> list[bytes]:
    """A whole stream: the items one after another, then the end."""
    events = begin()
    for index, (item, between) in enumerate(written):
        events += [add(item, index), *write(item, between, index), done(item, index)]
    return [*events, end(*(item for item, _ in written), **ending)]


def parallel(*written: tuple[Json, list[Json]]) -> list[bytes]:
    """A whole stream whose items are written side by side, an event of each in turn."""
    events = begin()
    queues = []
    for index, (item, between) in enumerate(written):
        events.append(add(item, index))
        queues.append(write(item, between, index))
    while any(queues):
        events += [queue.pop(0) for queue in queues if queue]
    events += [done(item, index) for index, (item, _) in enumerate(written)]
    return [*events, end(*(item for item, _ in written))]


FULL = body(
    reasoning("First I look.", "Then I add.", id="rs_1"),
    tool(SEARCH),
    reasoning(id="rs_2", encrypted="gBBBB=="),
    message("Hello", " there", annotations=[LINK], phase="commentary"),
    call("add", '{"a": 1,', ' "b": 2}', call_id="call_1", id="fc_1"),
    call("now", "{}", call_id="call_2", id="fc_2"),
)
BODIES = {
    "text": body(message("Hello", " there", " 😀")),
    "everything": FULL,
    "parallel": parallel(
        call("f", '{"x"', ": 1}"), call("g", '{"y": ', "2}", call_id="call_2", id="fc_2")
    ),
    "text beside a call": parallel(message("I ", "call."), call("f", '{"x": 1}')),
    "refusal": body(refusal("I can't", " do that.")),
    "max_output_tokens": body(
        message("Hel"), status="incomplete", incomplete_details={"reason": "max_output_tokens"}
    ),
    "failed": [*begin(), end(status="failed", error={"code": "server_error", "message": "No."})],
    "error": [*begin(), sse("error", code="rate_limit_exceeded", message="Slow down.", param=None)],
}


class Outcome:
    """What a consumer saw of one response."""

    def __init__(self, reads: Iterable[bytes], **options: Any) -> None:
        self.snapshot = Accumulator(provider="openai", model="gpt-6-sol")
        self.chunks: list[CompletionChunk] = []
        self.error: TransportError | None = None
        decoder = ResponsesDecoder(self.snapshot, **options)
        try:
            for data in reads:
                if not decoder.done:
                    decoder.feed(data, self.chunks)
            if not decoder.done:
                self.chunks += decoder.end()
        except TransportError as error:
            self.error = error

    @property
    def completion(self) -> Completion:
        return self.snapshot.build_completion(ending="error")

    @property
    def finals(self) -> list[CompletionChunk]:
        return [c for c in self.chunks if c.stop_reason is not None]

    @property
    def text(self) -> str:
        return "".join(c.delta for c in self.chunks)

    @property
    def thinking(self) -> str:
        return "".join(c.thinking_delta or "" for c in self.chunks)

    @property
    def calls(self) -> list[tuple[str, str, Any]]:
        return [(c.tool_use_id, c.name, c.input) for c in self.completion.tool_calls]

    @property
    def raws(self) -> list[Any]:
        return [b.raw for b in self.completion.blocks]

    def summarise(self) -> Any:
        return self.completion, self.text, self.thinking, self.finals, str(self.error)


def read(*events: bytes, **options: Any) -> Outcome:
    return Outcome([b"".join(events)], **options)
