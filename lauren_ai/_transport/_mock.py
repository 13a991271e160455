"""A transport that answers from a queue, for tests. It opens no connection."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from lauren_ai._exceptions import EmptyQueueError, TransportError
from lauren_ai._profiles import get_profile
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.answer_tool import ask_by_tool
from lauren_ai._types import Completion, CompletionChunk, Embedding, ToolCallDelta
from lauren_ai._usage import TokenUsage

Queued = list[CompletionChunk | TransportError]


class MockTransport:
    """Made by a test, which queues what the model says; each request takes the next item.

    `calls` holds the requests in order. An empty queue raises EmptyQueueError.
    """

    provider = "mock"

    def __init__(self) -> None:
        self.calls: list[CompletionRequest] = []
        self._queue: deque[Queued] = deque()
        self._embeddings: deque[list[list[float]]] = deque()
        self._counter = 0

    def queue_response(
        self,
        content: str | Completion | TransportError,
        *,
        stop_reason: str = "end_turn",
        usage: TokenUsage | None = None,
    ) -> None:
        """A text (or a whole Completion, or an error to raise) as the next answer."""
        if isinstance(content, TransportError):
            self._queue.append([content])
            return
        if isinstance(content, Completion):
            self._queue.append([*_chunks_of(content)])
            return
        usage = usage or TokenUsage(10, 5)
        self._queue.append(
            [CompletionChunk(content), CompletionChunk(stop_reason=stop_reason, usage=usage)]
        )

    def queue_stream(self, chunks: Iterable[CompletionChunk | str | TransportError]) -> None:
        """Chunks as they shall arrive, each in a read of its own. A str is a text delta, an error
        is raised there. Stop reason and usage arrive in one final chunk, wherever they stand; it is
        made up where there is none."""
        self._queue.append(
            _end_once([CompletionChunk(c) if isinstance(c, str) else c for c in chunks])
        )

    def queue_tool_use(
        self, name: str, input: dict[str, Any], *, tool_use_id: str | None = None
    ) -> None:
        """An answer that calls one tool."""
        self._counter += 1
        call_id = tool_use_id or f"toolu_mock_{self._counter}"
        arguments = msgspec.json.encode(input).decode()
        self._queue.append(
            [
                CompletionChunk(tool_call_delta=ToolCallDelta(call_id, name, "")),
                CompletionChunk(tool_call_delta=ToolCallDelta(call_id, None, arguments)),
                CompletionChunk(stop_reason="tool_use", usage=TokenUsage(10, 5)),
            ]
        )

    def queue_structured(self, value: Any) -> None:
        """An answer that is the JSON of `value` (a dict, a dataclass or a pydantic model)."""
        if hasattr(value, "model_dump_json"):
            self.queue_response(value.model_dump_json())
        else:
            self.queue_response(msgspec.json.encode(value).decode())

    def queue_embed(
        self, vectors: Sequence[Sequence[float]] | Sequence[Embedding] | Sequence[float]
    ) -> None:
        """The vectors of the next embed request; numbers alone are the one vector of one text."""
        values: list[Any] = [*vectors]
        if values and isinstance(values[0], int | float):
            values = [values]
        self._embeddings.append([v.vector if isinstance(v, Embedding) else [*v] for v in values])

    def reset(self) -> None:
        """Forget the queue and the calls."""
        self.calls.clear()
        self._queue.clear()
        self._embeddings.clear()

    async def stream(
        self, request: CompletionRequest, snapshot: Accumulator
    ) -> AsyncGenerator[list[CompletionChunk], None]:
        request = ask_by_tool(request, get_profile(self.provider, request.model))
        self.calls.append(request)
        if not self._queue:
            raise EmptyQueueError(
                f"MockTransport has no response for request {len(self.calls)}. "
                "Queue one with queue_response(…), queue_stream(…) or queue_tool_use(…)."
            )
        for item in self._queue.popleft():
            if isinstance(item, TransportError):
                item.partial_text = item.partial_text or snapshot.text
                raise item
            snapshot.add(item)
            yield [item]

    async def embed(self, texts: Sequence[str], *, model: str) -> list[Embedding]:
        if not self._embeddings:
            raise EmptyQueueError("MockTransport has no embeddings. Queue some: queue_embed(…).")
        vectors = self._embeddings.popleft()
        return [Embedding(i, vector, model) for i, vector in enumerate(vectors)]

    async def count_tokens(self, request: CompletionRequest) -> int:
        """A count for tests: the words of all messages."""
        return sum(len(m.text().split()) for m in request.messages)

    async def close(self) -> None:
        """Nothing is open."""


def _end_once(items: Queued) -> Queued:
    """The items with one final chunk, the last of them, as every provider's stream has it."""
    if items and isinstance(items[-1], TransportError):
        return items
    chunks = [item for item in items if isinstance(item, CompletionChunk)]
    ends = [chunk for chunk in chunks if chunk.stop_reason is not None or chunk.usage is not None]
    if not ends:
        usage = TokenUsage(10, len(items))
        return [*items, CompletionChunk(stop_reason="end_turn", usage=usage)]
    if ends == items[-1:] and ends[0].stop_reason is not None:
        return items
    reasons = [end.stop_reason for end in ends if end.stop_reason is not None]
    usages = [end.usage for end in ends if end.usage is not None]
    kept = [
        replace(item, stop_reason=None, usage=None) if isinstance(item, CompletionChunk) else item
        for item in items
    ]
    final = CompletionChunk(
        stop_reason=reasons[-1] if reasons else "end_turn", usage=usages[-1] if usages else None
    )
    return [*(item for item in kept if item != CompletionChunk()), final]


def _chunks_of(completion: Completion) -> list[CompletionChunk]:
    chunks: list[CompletionChunk] = []
    for block in completion.thinking_blocks:
        if block.type == "redacted_thinking" and block.raw is not None:
            chunks.append(CompletionChunk(redacted_thinking=block.raw["data"]))
        else:
            chunks.append(
                CompletionChunk(thinking_delta=block.text, thinking_signature=block.signature)
            )
    if completion.content:
        chunks.append(CompletionChunk(completion.content))
    for call in completion.tool_calls:
        arguments = msgspec.json.encode(call.input).decode()
        delta = ToolCallDelta(call.tool_use_id, call.name, arguments)
        chunks.append(CompletionChunk(tool_call_delta=delta))
    chunks.append(CompletionChunk(stop_reason=completion.stop_reason, usage=completion.usage))
    return chunks
