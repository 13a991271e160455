"""Decodes the chunks of an OpenAI-compatible chat completions stream. It does no I/O.

Source: https://platform.openai.com/docs/api-reference/chat/streaming, and what vLLM, llama.cpp,
Ollama, LM Studio and OpenRouter send in its place.
"""

from __future__ import annotations

from typing import Any

import msgspec

from lauren_ai._exceptions import StreamTruncatedError, TransportError
from lauren_ai._http.errors import build_stream_error, read_error
from lauren_ai._http.sse import SSEDecoder
from lauren_ai._json import MalformedJSONError, decode_json, encode_json, read_count
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._transport.openai.tools import ToolCallTracker
from lauren_ai._types import CompletionChunk, TokenUsage

STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
}


_KNOWN = frozenset({"role", "content", "tool_calls"})


class _Delta(msgspec.Struct, gc=False):
    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    refusal: Any = None
    tool_calls: list[dict[str, Any]] | None = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Delta | None = None
    message: _Delta | None = None
    finish_reason: str | None = None
    index: int | None = None


class _Chunk(msgspec.Struct, gc=False):
    """The union of what servers send as one event's data."""

    id: Any = None
    model: Any = None
    object: Any = None
    choices: list[_Choice] | None = None
    usage: Any = None
    error: Any = None
    system_fingerprint: Any = None


_decode = msgspec.json.Decoder(_Chunk).decode


class OpenAIDecoder:
    """Made for one response. The final chunk waits for `[DONE]` or the end of the body, because
    the usage comes after the finish reason."""

    def __init__(self, snapshot: Accumulator, *, allow_truncated: bool = False) -> None:
        self.snapshot = snapshot
        self.done = False
        self._allow_truncated = allow_truncated
        self._sse = SSEDecoder()
        self._tools = ToolCallTracker(snapshot)
        self._finish_reason: str | None = None

    def feed(self, data: bytes, chunks: list[CompletionChunk]) -> None:
        for event in self._sse.feed(data):
            if self.done:
                return
            if event.event == "error":
                raise build_stream_error(self.snapshot.provider, read_error(event.data))
            self._feed_data(event.data, chunks)
        if self._sse.error_line is not None and not self.done:
            error = read_error(self._sse.error_line)
            raise build_stream_error(self.snapshot.provider, error)

    def _feed_data(self, data: bytes, chunks: list[CompletionChunk]) -> None:
        try:
            item = _decode(data)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            data = data.strip()
            if data == b"[DONE]":
                chunks.append(self._finish(saw_done=True))
                return
            if not data:
                return
            value = self._decode_any(data)
            item = self._convert(value)
        self._feed_item(item, data, chunks)

    def _convert(self, value: Any) -> _Chunk:
        try:
            return msgspec.convert(value, _Chunk)
        except msgspec.ValidationError as exc:
            if isinstance(value, list) or (isinstance(value, dict) and "error" in value):
                raise build_stream_error(self.snapshot.provider, value) from exc
            raise self._malformed(exc) from exc

    def _decode_any(self, data: bytes) -> Any:
        try:
            return decode_json(data)
        except MalformedJSONError as exc:
            raise self._malformed(exc) from exc

    def _feed_item(self, item: _Chunk, data: bytes, chunks: list[CompletionChunk]) -> None:
        if item.error is not None or item.object == "error":
            raise build_stream_error(self.snapshot.provider, self._decode_any(data))
        if not self.snapshot.id and isinstance(item.id, str):
            self._keep_head(item)
        if isinstance(item.usage, dict):
            self._decode_any(data)  # what is kept must be writable again
            self.snapshot.usage = _build_usage(item.usage) or self.snapshot.usage
        if item.choices is None:
            if item.usage is None and item.id is None:
                self.snapshot.note_unknown("unknown_events", self._decode_any(data))
            return
        for choice in item.choices:
            if choice.index:  # only one answer is asked for
                self.snapshot.note_unknown("other_choices", choice.index)
                continue
            delta = choice.delta or choice.message
            if delta is not None and not self._feed_delta(delta, chunks):
                self._note_unknown_fields(data)
            if choice.finish_reason:
                if choice.finish_reason == "error":
                    raise build_stream_error(self.snapshot.provider, self._decode_any(data))
                self._finish_reason = choice.finish_reason

    def _keep_head(self, item: _Chunk) -> None:
        """What every chunk repeats, from the first one."""
        self.snapshot.id = item.id
        if item.model and isinstance(item.model, str):
            self.snapshot.model = item.model
        if item.system_fingerprint and isinstance(item.system_fingerprint, str):
            self.snapshot.metadata["system_fingerprint"] = item.system_fingerprint

    def _feed_delta(self, delta: _Delta, chunks: list[CompletionChunk]) -> bool:
        """Whether it held anything that this version knows."""
        count = len(chunks)
        thinking, text = delta.reasoning_content or delta.reasoning, delta.content
        if text and not isinstance(text, str):
            thinking, text = thinking or _join(text, "thinking"), _join(text, "text")
        if thinking and isinstance(thinking, str):
            self.snapshot.write("thinking", thinking)
            chunks.append(CompletionChunk(reasoning_content_delta=thinking))
        if text:
            self.snapshot.write("text", text)
            chunks.append(CompletionChunk(text))
        if delta.refusal and isinstance(delta.refusal, str):
            self.snapshot.write("text", delta.refusal)
            self.snapshot.metadata["refusal"] = True
            chunks.append(CompletionChunk(delta.refusal))
        if delta.tool_calls:
            for call in delta.tool_calls:
                self._tools.feed(call, chunks)
            return True
        return len(chunks) > count

    def _note_unknown_fields(self, data: bytes) -> None:
        """Keep what a delta holds in place of what this version knows: sound, citations."""
        for choice in self._decode_any(data)["choices"]:
            delta = choice.get("delta") or choice.get("message")
            unknown = {k: v for k, v in (delta or {}).items() if k not in _KNOWN and v}
            if unknown and not choice.get("index"):
                self.snapshot.note_unknown("unknown_deltas", unknown)

    def _finish(self, *, saw_done: bool) -> CompletionChunk:
        reason = self._finish_reason
        has_calls = any(b.type == "tool_use" for b in self.snapshot.blocks)
        if reason is None and (not saw_done or has_calls or not self.snapshot.blocks):
            raise self._truncated()
        self.done = self.snapshot.is_complete = True
        self._tools.close_all()
        if reason is not None:
            self.snapshot.metadata["finish_reason"] = reason
        if has_calls and reason == "stop":
            reason = "tool_calls"  # Gemini's and older Ollama's endpoints say "stop"
        if self.snapshot.metadata.get("refusal") and reason == "stop":
            reason = "refusal"
        reason = reason or "stop"
        self.snapshot.stop_reason = STOP_REASONS.get(reason, reason)
        return CompletionChunk(
            stop_reason=self.snapshot.stop_reason,
            usage=self.snapshot.usage,
            provider_metadata=self.snapshot.metadata or None,
        )

    def feed_json(self, value: dict[str, Any], chunks: list[CompletionChunk]) -> None:
        """A whole completion from a server that ignored `stream`."""
        self._feed_item(self._convert(value), encode_json(value).encode(), chunks)
        chunks.append(self._finish(saw_done=False))

    def end(self) -> list[CompletionChunk]:
        opt_out = self._allow_truncated and bool(self.snapshot.blocks)
        return [self._finish(saw_done=opt_out)]

    def _truncated(self) -> StreamTruncatedError:
        return StreamTruncatedError(
            f"{self.snapshot.provider}'s answer ended without a finish reason, so it is not "
            "complete. The text so far is kept; ask again."
        )

    def _malformed(self, exc: Exception) -> TransportError:
        return TransportError(
            f"{self.snapshot.provider} sent an event that cannot be read ({str(exc)[:200]}). "
            "The text so far is kept; ask again."
        )


def _join(content: Any, kind: str) -> str:
    """Text of a content that came as parts (Mistral's servers), of one kind; thinking's are parts
    again."""
    if not isinstance(content, list):
        return ""
    found = (p.get(kind) for p in content if isinstance(p, dict))
    return "".join(t if isinstance(t, str) else _join(t, "text") for t in found)


def _build_usage(usage: dict[str, Any]) -> TokenUsage | None:
    prompt = read_count(usage.get("prompt_tokens"))
    output = read_count(usage.get("completion_tokens"))
    if prompt is None or output is None:
        return None
    cached = _detail(usage, "prompt_tokens_details", "cached_tokens")
    return TokenUsage(
        max(0, prompt - cached),
        output,
        cached,
        0,
        _detail(usage, "completion_tokens_details", "reasoning_tokens"),
        dict(usage),
    )


def _detail(usage: dict[str, Any], group: str, name: str) -> int:
    details = usage.get(group)
    value = details.get(name) if isinstance(details, dict) else None
    return read_count(value) or 0
