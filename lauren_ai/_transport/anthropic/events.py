"""Decodes the events of Anthropic's Messages stream. It does no I/O.

Source: https://docs.anthropic.com/en/docs/build-with-claude/streaming
"""

from __future__ import annotations

from typing import Any

import msgspec

from lauren_ai._exceptions import StreamTruncatedError, TransportError
from lauren_ai._http.errors import build_stream_error, read_error
from lauren_ai._http.sse import ServerSentEvent, SSEDecoder
from lauren_ai._json import MalformedJSONError, check_depth, decode_json, encode_json
from lauren_ai._streaming.accumulate import Accumulator, OpenBlock
from lauren_ai._transport.anthropic.message import build_usage, keep_others, without_nulls
from lauren_ai._types import CompletionChunk, ToolCallDelta

STOP_REASONS = {"model_context_window_exceeded": "context_window"}


class _Delta(msgspec.Struct, gc=False):
    """The union of every delta: a field that its type lacks stays at its default."""

    type: str = ""
    text: str = ""
    partial_json: str = ""
    thinking: str = ""
    signature: str = ""
    citation: Any = None
    stop_reason: str | None = None
    stop_sequence: str | None = None


class _Event(msgspec.Struct, gc=False):
    """The union of every event. Decoding one Struct costs a tenth of a pydantic model."""

    type: str
    index: int = -1
    delta: _Delta | None = None
    content_block: dict[str, Any] | None = None
    message: dict[str, Any] | None = None
    usage: dict[str, Any] | None = None
    error: Any = None


_decode = msgspec.json.Decoder(_Event).decode
#: The block that a delta belongs to.
_BLOCK_OF = {
    "text_delta": "text",
    "citations_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "thinking",
    "input_json_delta": "tool_use",
}
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
                return
            try:
                item = _decode(event.data)
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                if not event.data.strip():  # some proxies keep the line alive so
                    continue
                item = self._decode_loosely(event)
            # The most frequent event first: most of an answer is text deltas.
            if item.type == "content_block_delta":
                self._feed_delta(item, event.data, chunks)
            else:
                self._feed_event(item, event, chunks)
        if self._sse.error_line is not None and not self.done:
            raise build_stream_error(self.snapshot.provider, read_error(self._sse.error_line))

    def _feed_event(
        self, item: _Event, event: ServerSentEvent, chunks: list[CompletionChunk]
    ) -> None:
        data = event.data
        if item.type == "content_block_start":
            self._check_depth(data)
            self._start_block(item.index, item.content_block or {}, chunks)
        elif item.type == "content_block_stop":
            self._stop_block(item.index)
        elif item.type == "message_start":
            self._check_depth(data)
            self._start_message(item.message or {})
        elif item.type == "message_delta":
            self._feed_message_delta(item, self._decode_any(data))
        elif item.type == "message_stop":
            chunks.append(self._finish())
        elif item.type == "error" or event.event == "error":
            raise build_stream_error(self.snapshot.provider, self._decode_any(data))
        elif item.type != "ping":
            self.snapshot.note_unknown("unknown_events", self._decode_any(data))

    def _decode_loosely(self, event: ServerSentEvent) -> _Event:
        """An event that is no JSON, has invalid UTF-8, or a new shape."""
        if event.event == "error":
            raise build_stream_error(self.snapshot.provider, read_error(event.data))
        value = self._decode_any(event.data)
        fields = value if isinstance(value, dict) else {}
        kind = fields.get("type", event.event)
        if "type" not in fields and fields.get("error"):
            raise build_stream_error(self.snapshot.provider, value)
        delta = fields.get("delta")
        if kind == "content_block_delta" and isinstance(delta, dict):
            if isinstance(name := delta.get("type"), str) and name not in _BLOCK_OF:
                self.snapshot.note_unknown("unknown_deltas", value)
                return _Event("ping")
        elif fields and isinstance(kind, str) and kind not in _KNOWN:
            self.snapshot.note_unknown("unknown_events", value)
            return _Event("ping")
        try:
            return msgspec.convert(value, _Event)
        except msgspec.ValidationError as exc:
            raise self._malformed(exc) from exc

    def _decode_any(self, data: bytes) -> Any:
        try:
            return decode_json(data)
        except MalformedJSONError as exc:
            raise self._malformed(exc) from exc

    def _check_depth(self, data: bytes) -> None:
        try:
            check_depth(data)
        except MalformedJSONError as exc:
            raise self._malformed(exc) from exc

    def _malformed(self, exc: Exception) -> TransportError:
        return TransportError(
            f"{self.snapshot.provider} sent an event that cannot be read ({str(exc)[:200]}). "
            "The text so far is kept; ask again."
        )

    def _feed_message_delta(self, item: _Event, value: dict[str, Any]) -> None:
        self._usage.update(without_nulls(item.usage))
        keep_others(self.snapshot.metadata, value)
        if item.delta is None:
            return
        keep_others(self.snapshot.metadata, value["delta"])
        self._set_stop_reason(item.delta.stop_reason)
        if item.delta.stop_sequence is not None:
            self.snapshot.metadata["stop_sequence"] = item.delta.stop_sequence

    def _set_stop_reason(self, reason: object) -> None:
        if reason and isinstance(reason, str):
            self.snapshot.stop_reason = STOP_REASONS.get(reason, reason)

    def _start_message(self, message: dict[str, Any]) -> None:
        if self._started:
            raise TransportError(
                f"{self.snapshot.provider} began a second message in one response. "
                "The text so far is kept; ask again."
            )
        self._started = True
        self.snapshot.id = _text(message.get("id"))
        self.snapshot.model = _text(message.get("model")) or self.snapshot.model
        keep_others(self.snapshot.metadata, message)
        usage = message.get("usage")
        self._usage.update(without_nulls(usage if isinstance(usage, dict) else None))
        self.snapshot.usage = build_usage(self._usage)

    def _start_block(
        self, index: int, value: dict[str, Any], chunks: list[CompletionChunk]
    ) -> None:
        kind = _text(value.get("type")) or "unknown"
        if kind == "tool_use":
            block = self.snapshot.open(
                kind, tool_use_id=_text(value.get("id")), name=_text(value.get("name"))
            )
            if not block.tool_use_id:
                block.error = "The call came without an id."
            before = self._blocks.get(index)
            if before is not None and before.type == kind and not before.closed:
                # What comes for this index could be of either.
                before.error = block.error = "Two calls were written at once under one number."
            if value.get("input"):  # most providers send {} here and the input as fragments
                block.text.write(encode_json(value["input"]))
            delta = ToolCallDelta(block.tool_use_id, block.name, block.text.getvalue())
            chunks.append(CompletionChunk(tool_call_delta=delta))
        else:
            block = self.snapshot.open(kind)
            if kind == "text":
                if text := _text(value.get("text")):
                    block.text.write(text)
                    chunks.append(CompletionChunk(text))
                if value.get("citations"):
                    block.raw = dict(value)
            elif kind == "thinking":
                block.signature = _text(value.get("signature"))
                if text := _text(value.get("thinking")):
                    block.text.write(text)
                    chunks.append(CompletionChunk("", text))
            else:  # redacted thinking, server tools, what is new: kept as it came
                block.raw = dict(value)
                if kind == "redacted_thinking":
                    data = _text(value.get("data"))
                    chunks.append(CompletionChunk(redacted_thinking=data))
                else:
                    metadata = {"content_block": block.raw}
                    chunks.append(CompletionChunk(provider_metadata=metadata))
        self._blocks[index] = block

    def _feed_delta(self, item: _Event, data: bytes, chunks: list[CompletionChunk]) -> None:
        delta = item.delta
        if delta is None:
            return
        kind = delta.type
        block = self._blocks.get(item.index)
        if block is None:
            if kind != "text_delta":
                raise self._misplaced(item.index, kind)
            block = self._blocks[item.index] = self.snapshot.open("text")
        if block.closed:
            raise self._misplaced(item.index, kind)
        if _BLOCK_OF.get(kind) != block.type:
            self._feed_odd_delta(block, item, data)
        elif kind == "text_delta":
            if delta.text:  # an empty one shows nothing: it is no more than a ping
                block.text.write(delta.text)
                chunks.append(CompletionChunk(delta.text))
        elif kind == "thinking_delta":
            if delta.thinking:
                block.text.write(delta.thinking)
                chunks.append(CompletionChunk("", delta.thinking))
        elif kind == "input_json_delta":
            block.text.write(delta.partial_json)
            if delta.partial_json:
                call = ToolCallDelta(block.tool_use_id, None, delta.partial_json)
                chunks.append(CompletionChunk("", None, call))
        elif kind == "signature_delta":
            block.signature += delta.signature
            chunks.append(CompletionChunk(thinking_signature=delta.signature))
        else:
            self._check_depth(data)
            self._add_citation(block, delta.citation)
            chunks.append(CompletionChunk(provider_metadata={"citation": delta.citation}))

    def _feed_odd_delta(self, block: OpenBlock, item: _Event, data: bytes) -> None:
        """A delta of a new type, or in a block that this version does not know."""
        assert item.delta is not None
        if item.delta.type == "input_json_delta" and block.raw is not None:
            block.text.write(item.delta.partial_json)  # a server's own tool
        elif item.delta.type == "compaction_delta" and block.raw is not None:
            block.raw.update({**self._decode_any(data)["delta"], "type": block.type})
        elif item.delta.type in _BLOCK_OF and block.raw is None:
            raise self._misplaced(item.index, item.delta.type)
        else:
            self.snapshot.note_unknown("unknown_deltas", self._decode_any(data))

    def _add_citation(self, block: OpenBlock, citation: Any) -> None:
        if block.raw is None:
            block.raw = {"type": "text"}
        citations = block.raw.get("citations")
        if not isinstance(citations, list):
            citations = block.raw["citations"] = []
        citations.append(citation)

    def _stop_block(self, index: int) -> None:
        block = self._blocks.get(index)
        if block is None or block.closed:
            return
        block.closed = True
        text = block.text.getvalue()
        if text and block.raw is not None and block.type != "text":
            try:  # a server tool's input came as fragments
                block.raw["input"] = decode_json(text.encode())
            except MalformedJSONError:
                block.raw = None  # half a call must not go back to the provider
                self.snapshot.note_unknown("malformed_server_tool_inputs", text)

    def _misplaced(self, index: int, kind: str) -> TransportError:
        return TransportError(
            f"{self.snapshot.provider} sent a {kind[:40]!r} for block {index}, which is not open "
            "or of another type. The text so far is kept; ask again."
        )

    def _finish(self) -> CompletionChunk:
        if self.snapshot.stop_reason is None:
            raise self._truncated("without a stop reason")
        self.done = self.snapshot.is_complete = True
        self.snapshot.usage = build_usage(self._usage)
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

    def feed_json(self, value: dict[str, Any], chunks: list[CompletionChunk]) -> None:
        """A whole message from a server that ignored `stream`."""
        content = value.get("content")
        if value.get("type") != "message" or not isinstance(content, list):
            raise build_stream_error(self.snapshot.provider, value)
        self._start_message(value)
        for index, block in enumerate(content):
            self._start_block(index, block if isinstance(block, dict) else {}, chunks)
            self._stop_block(index)
        self._set_stop_reason(value.get("stop_reason"))
        chunks.append(self._finish())

    def end(self) -> list[CompletionChunk]:
        if self._allow_truncated and self.snapshot.blocks:
            for block in self.snapshot.blocks:
                if block.type == "tool_use" and not block.closed:
                    raise self._truncated("inside a tool call")
            self.snapshot.stop_reason = self.snapshot.stop_reason or "end_turn"
            return [self._finish()]
        how = "before it began" if not self._started else "without message_stop"
        raise self._truncated(how)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
