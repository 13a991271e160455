"""Decodes the events of Anthropic's Messages stream. It does no I/O.

Source: https://docs.anthropic.com/en/docs/build-with-claude/streaming
"""

from __future__ import annotations

from typing import Any

import msgspec

from lauren_ai._exceptions import StreamTruncatedError, TransportError
from lauren_ai._http.errors import build_stream_error, read_error
from lauren_ai._http.sse import ServerSentEvent, SSEDecoder
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._transport.anthropic.blocks import (
    BLOCK_OF,
    Delta,
    MessageBlocks,
    build_malformed,
    check_event,
    decode_event,
    get_text,
)
from lauren_ai._transport.anthropic.message import build_usage, keep_others, without_nulls
from lauren_ai._transport.anthropic.prefix import Prefix
from lauren_ai._types import CompletionChunk

STOP_REASONS = {"model_context_window_exceeded": "context_window"}


class _Event(msgspec.Struct, gc=False):
    """The union of every event. Decoding one Struct costs a tenth of a pydantic model."""

    type: str
    index: int = -1
    delta: Delta | None = None
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

    def __init__(
        self,
        snapshot: Accumulator,
        *,
        allow_truncated: bool = False,
        owner: str = "anthropic",
    ) -> None:
        self.snapshot = snapshot
        self.done = False
        self._allow_truncated = allow_truncated
        self._sse = SSEDecoder()
        self._blocks = MessageBlocks(snapshot, owner)
        self._usage: dict[str, Any] = {}
        self._started = False

    @property
    def prefix(self) -> Prefix | None:
        """What the request has said, where thoughts are bound to it."""
        return self._blocks.prefix

    @prefix.setter
    def prefix(self, prefix: Prefix | None) -> None:
        self._blocks.prefix = prefix

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
                if item.delta is not None:
                    self._blocks.feed(item.index, item.delta, event.data, chunks)
            else:
                self._feed_event(item, event, chunks)
        if self._sse.error_line is not None and not self.done:
            raise build_stream_error(self.snapshot.provider, read_error(self._sse.error_line))

    def _feed_event(
        self, item: _Event, event: ServerSentEvent, chunks: list[CompletionChunk]
    ) -> None:
        data = event.data
        if item.type == "content_block_start":
            check_event(data, self.snapshot.provider)
            self._blocks.start(item.index, item.content_block or {}, chunks)
        elif item.type == "content_block_stop":
            self._blocks.stop(item.index)
        elif item.type == "message_start":
            check_event(data, self.snapshot.provider)
            self._start_message(item.message or {}, chunks)
        elif item.type == "message_delta":
            self._feed_message_delta(item, self._decode(data))
        elif item.type == "message_stop":
            chunks.append(self._finish())
        elif item.type == "error" or event.event == "error":
            raise build_stream_error(self.snapshot.provider, self._decode(data))
        elif item.type != "ping":
            self.snapshot.note_unknown("unknown_events", self._decode(data))

    def _decode_loosely(self, event: ServerSentEvent) -> _Event:
        """An event that is no JSON, has invalid UTF-8, or a new shape."""
        if event.event == "error":
            raise build_stream_error(self.snapshot.provider, read_error(event.data))
        value = self._decode(event.data)
        fields = value if isinstance(value, dict) else {}
        kind = fields.get("type", event.event)
        if "type" not in fields and fields.get("error"):
            raise build_stream_error(self.snapshot.provider, value)
        delta = fields.get("delta")
        if kind == "content_block_delta" and isinstance(delta, dict):
            if isinstance(name := delta.get("type"), str) and name not in BLOCK_OF:
                self.snapshot.note_unknown("unknown_deltas", value)
                return _Event("ping")
        elif fields and isinstance(kind, str) and kind not in _KNOWN:
            self.snapshot.note_unknown("unknown_events", value)
            return _Event("ping")
        try:
            return msgspec.convert(value, _Event)
        except msgspec.ValidationError as exc:
            raise build_malformed(self.snapshot.provider, exc) from exc

    def _decode(self, data: bytes) -> Any:
        return decode_event(data, self.snapshot.provider)

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

    def _start_message(self, message: dict[str, Any], chunks: list[CompletionChunk]) -> None:
        if self._started:
            if not self.snapshot.blocks and message.get("id") == self.snapshot.id:
                return  # some proxies send it twice
            raise TransportError(
                f"{self.snapshot.provider} began a second message in one response. "
                "The text so far is kept; ask again."
            )
        self._started = True
        self.snapshot.id = get_text(message.get("id"))
        self.snapshot.model = get_text(message.get("model")) or self.snapshot.model
        keep_others(self.snapshot.metadata, message)
        usage = message.get("usage")
        self._usage.update(without_nulls(usage if isinstance(usage, dict) else None))
        self.snapshot.usage = build_usage(self._usage)
        content = message.get("content")
        # A call that the provider's own code makes comes here, whole:
        # https://platform.claude.com/docs/en/agents-and-tools/tool-use/programmatic-tool-calling
        for index, block in enumerate(content if isinstance(content, list) else ()):
            self._blocks.start(index, block if isinstance(block, dict) else {}, chunks)
            self._blocks.stop(index)
        self._set_stop_reason(message.get("stop_reason"))

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
        self._start_message(value, chunks)
        chunks.append(self._finish())

    def end(self) -> list[CompletionChunk]:
        chunks: list[CompletionChunk] = []
        try:
            self.feed(b"\n\n", chunks)  # some servers leave out the last blank line
        except TransportError:  # it was cut inside an event: that the end is missing says more
            chunks.clear()
        if self.done:
            return chunks
        if self._allow_truncated and self.snapshot.blocks:
            for block in self.snapshot.blocks:
                if block.type == "tool_use" and not block.closed:
                    raise self._truncated("inside a tool call")
            self.snapshot.stop_reason = self.snapshot.stop_reason or "end_turn"
            return [self._finish()]
        how = "before it began" if not self._started else "without message_stop"
        raise self._truncated(how)
