"""Decodes the events of Anthropic's Messages stream. It does no I/O.

Source: https://docs.anthropic.com/en/docs/build-with-claude/streaming
"""

from __future__ import annotations

from typing import Any

import msgspec

from lauren_ai._accumulate import Accumulator, OpenBlock
from lauren_ai._exceptions import StreamTruncatedError, TransportError
from lauren_ai._sse import ServerSentEvent, SSEDecoder
from lauren_ai._transport._errors import build_stream_error
from lauren_ai._transport._types import CompletionChunk, TokenUsage, ToolCallDelta

STOP_REASONS = {"model_context_window_exceeded": "context_window"}


class _Delta(msgspec.Struct):
    """The union of every delta: a field that its type lacks stays at its default."""

    type: str = ""
    text: str = ""
    partial_json: str = ""
    thinking: str = ""
    signature: str = ""
    citation: Any = None
    stop_reason: str | None = None
    stop_sequence: str | None = None


class _Event(msgspec.Struct):
    """The union of every event. Decoding one Struct costs a tenth of a pydantic model."""

    type: str
    index: int = -1
    delta: _Delta | None = None
    content_block: dict[str, Any] | None = None
    message: dict[str, Any] | None = None
    usage: dict[str, Any] | None = None
    error: Any = None


_decode = msgspec.json.Decoder(_Event).decode
_KNOWN = frozenset(
    {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "ping",
        "error",
    }
)


class AnthropicDecoder:
    """Made for one response. `snapshot` is filled as it is fed; `done` after message_stop."""

    def __init__(self, snapshot: Accumulator, *, allow_truncated: bool = False) -> None:
        self.snapshot = snapshot
        self.done = False
        self._allow_truncated = allow_truncated
        self._sse = SSEDecoder()
        self._blocks: dict[int, OpenBlock] = {}
        self._usage: dict[str, Any] = {}
        self._started = False

    def feed(self, data: bytes, chunks: list[CompletionChunk]) -> None:
        for event in self._sse.feed(data):
            if self.done:
                break
            self._feed_event(event, chunks)

    def _feed_event(self, event: ServerSentEvent, chunks: list[CompletionChunk]) -> None:
        try:
            item = _decode(event.data)
        except (msgspec.DecodeError, UnicodeError):
            item = self._decode_loosely(event)
        # The most frequent event first: most of an answer is text deltas.
        if item.type == "content_block_delta":
            self._feed_delta(item, event, chunks)
        elif item.type == "content_block_start":
            self._start_block(item.index, item.content_block or {}, chunks)
        elif item.type == "content_block_stop":
            self._stop_block(item.index)
        elif item.type == "message_start":
            self._start_message(item.message or {})
        elif item.type == "message_delta":
            self._usage.update(_without_nulls(item.usage))
            if item.delta is not None and item.delta.stop_reason:
                reason = item.delta.stop_reason
                self.snapshot.stop_reason = STOP_REASONS.get(reason, reason)
                if item.delta.stop_sequence is not None:
                    self.snapshot.metadata["stop_sequence"] = item.delta.stop_sequence
        elif item.type == "message_stop":
            chunks.append(self._finish())
        elif item.type == "error" or event.event == "error":
            raise build_stream_error(self.snapshot.provider, {"error": item.error})
        elif item.type != "ping":
            self.snapshot.note_unknown("unknown_events", msgspec.json.decode(event.data))

    def _decode_loosely(self, event: ServerSentEvent) -> _Event:
        """An event that is no JSON, has invalid UTF-8, or a new shape."""
        try:
            value = msgspec.json.decode(event.text)
        except msgspec.DecodeError as exc:
            if event.event == "error":
                raise build_stream_error(self.snapshot.provider, {"message": event.text}) from exc
            raise TransportError(
                f"{self.snapshot.provider} sent an event that is not JSON "
                f"({event.text[:80]!r}). The text so far is kept; ask again."
            ) from exc
        if event.event == "error":
            raise build_stream_error(self.snapshot.provider, value)
        if isinstance(value, dict) and value.get("type") not in _KNOWN:
            self.snapshot.note_unknown("unknown_events", value)
            return _Event("ping")
        try:
            return msgspec.convert(value, _Event)
        except msgspec.ValidationError as exc:
            raise TransportError(
                f"{self.snapshot.provider} sent a malformed event: {exc}. "
                "The text so far is kept; ask again."
            ) from exc

    def _start_message(self, message: dict[str, Any]) -> None:
        if self._started:
            raise TransportError(
                f"{self.snapshot.provider} began a second message in one response. "
                "The text so far is kept; ask again."
            )
        self._started = True
        self.snapshot.id = str(message.get("id") or "")
        self.snapshot.model = str(message.get("model") or self.snapshot.model)
        usage = message.get("usage")
        self._usage.update(_without_nulls(usage if isinstance(usage, dict) else None))
        self.snapshot.usage = self._build_usage()

    def _start_block(
        self, index: int, value: dict[str, Any], chunks: list[CompletionChunk]
    ) -> None:
        kind = str(value.get("type") or "unknown")
        if kind == "tool_use":
            block = self.snapshot.open(
                kind, tool_use_id=str(value.get("id") or ""), name=str(value.get("name") or "")
            )
            if not block.tool_use_id:
                block.error = "The call came without an id."
            if value.get("input"):  # most providers send {} here and the input as fragments
                block.text.write(msgspec.json.encode(value["input"]).decode())
            delta = ToolCallDelta(block.tool_use_id, block.name, block.text.getvalue())
            chunks.append(CompletionChunk(tool_call_delta=delta))
        else:
            block = self.snapshot.open(kind)
            if kind == "text":
                if text := str(value.get("text") or ""):
                    block.text.write(text)
                    chunks.append(CompletionChunk(text))
                if value.get("citations"):
                    block.raw = dict(value)
            elif kind == "thinking":
                block.signature = str(value.get("signature") or "")
                if text := str(value.get("thinking") or ""):
                    block.text.write(text)
                    chunks.append(CompletionChunk("", text))
            else:  # redacted thinking, server tools, what is new: kept as it came
                block.raw = dict(value)
                if kind == "redacted_thinking":
                    data = str(value.get("data") or "")
                    chunks.append(CompletionChunk(redacted_thinking=data))
                else:
                    metadata = {"content_block": block.raw}
                    chunks.append(CompletionChunk(provider_metadata=metadata))
        self._blocks[index] = block

    def _feed_delta(
        self, item: _Event, event: ServerSentEvent, chunks: list[CompletionChunk]
    ) -> None:
        delta = item.delta
        block = self._blocks.get(item.index)
        if delta is None:
            return
        if block is None:
            if delta.type != "text_delta":
                raise self._misplaced(item.index)
            block = self._blocks[item.index] = self.snapshot.open("text")
        if block.closed:
            raise self._misplaced(item.index)
        kind = delta.type
        if kind == "text_delta":
            block.text.write(delta.text)
            chunks.append(CompletionChunk(delta.text))
        elif kind == "thinking_delta":
            block.text.write(delta.thinking)
            chunks.append(CompletionChunk("", delta.thinking))
        elif kind == "input_json_delta":
            block.text.write(delta.partial_json)
            if block.type == "tool_use" and delta.partial_json:
                call = ToolCallDelta(block.tool_use_id, None, delta.partial_json)
                chunks.append(CompletionChunk("", None, call))
        elif kind == "signature_delta":
            block.signature += delta.signature
            chunks.append(CompletionChunk(thinking_signature=delta.signature))
        elif kind == "citations_delta":
            self._add_citation(block, delta.citation)
            chunks.append(CompletionChunk(provider_metadata={"citation": delta.citation}))
        else:
            value = msgspec.json.decode(event.text)
            self.snapshot.note_unknown("unknown_deltas", value)

    def _add_citation(self, block: OpenBlock, citation: Any) -> None:
        if block.raw is None:
            block.raw = {"type": "text", "citations": []}
        block.raw.setdefault("citations", []).append(citation)

    def _stop_block(self, index: int) -> None:
        block = self._blocks.get(index)
        if block is None or block.closed:
            return
        block.closed = True
        if block.raw is None or block.type == "redacted_thinking":
            return
        text = block.text.getvalue()
        if block.type == "text":
            block.raw["text"] = text
        elif text:  # a server tool's input came as fragments
            try:
                block.raw["input"] = msgspec.json.decode(text)
            except msgspec.DecodeError:
                self.snapshot.note_unknown("malformed_server_tool_inputs", text)

    def _misplaced(self, index: int) -> TransportError:
        return TransportError(
            f"{self.snapshot.provider} sent a piece of block {index}, which is not open. "
            "The text so far is kept; ask again."
        )

    def _build_usage(self) -> TokenUsage | None:
        usage = self._usage
        if "input_tokens" not in usage and "output_tokens" not in usage:
            return None
        details = usage.get("output_tokens_details")
        reasoning = details.get("thinking_tokens", 0) if isinstance(details, dict) else 0
        return TokenUsage(
            _count(usage.get("input_tokens")),
            _count(usage.get("output_tokens")),
            _count(usage.get("cache_read_input_tokens")),
            _count(usage.get("cache_creation_input_tokens")),
            _count(reasoning),
            dict(usage),
        )

    def _finish(self) -> CompletionChunk:
        if self.snapshot.stop_reason is None:
            raise self._truncated("without a stop reason")
        self.done = self.snapshot.is_complete = True
        self.snapshot.usage = self._build_usage()
        return CompletionChunk(
            stop_reason=self.snapshot.stop_reason,
            usage=self.snapshot.usage,
            provider_metadata=self.snapshot.metadata or None,
        )

    def _truncated(self, how: str) -> StreamTruncatedError:
        return StreamTruncatedError(
            f"{self.snapshot.provider}'s answer ended {how}, so it is not complete. "
            "The text so far is kept; ask again."
        )

    def feed_json(self, body: bytes) -> list[CompletionChunk]:
        """A whole message from a server that ignored `stream`."""
        try:
            message = msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.DecodeError as exc:
            raise TransportError(
                f"{self.snapshot.provider} answered with JSON that cannot be read: {exc}."
            ) from exc
        content = message.get("content")
        if message.get("type") != "message" or not isinstance(content, list):
            raise build_stream_error(self.snapshot.provider, message)
        chunks: list[CompletionChunk] = []
        self._start_message(message)
        for index, value in enumerate(content):
            self._start_block(index, value if isinstance(value, dict) else {}, chunks)
            self._stop_block(index)
        self.snapshot.stop_reason = message.get("stop_reason")
        chunks.append(self._finish())
        return chunks

    def end(self) -> list[CompletionChunk]:
        if self._allow_truncated and self.snapshot.blocks:
            for block in self.snapshot.blocks:
                if block.type == "tool_use" and not block.closed:
                    raise self._truncated("inside a tool call")
            self.snapshot.stop_reason = self.snapshot.stop_reason or "end_turn"
            return [self._finish()]
        how = "before it began" if not self._started else "without message_stop"
        raise self._truncated(how)


def _without_nulls(usage: dict[str, Any] | None) -> dict[str, Any]:
    return {k: v for k, v in usage.items() if v is not None} if usage else {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
