"""Decodes the chunks of an OpenAI-compatible chat completions stream. It does no I/O.

Source: https://platform.openai.com/docs/api-reference/chat/streaming, and what vLLM, llama.cpp,
Ollama, LM Studio and OpenRouter send in its place.
"""

from __future__ import annotations

from typing import Any

import msgspec

from lauren_ai._accumulate import Accumulator
from lauren_ai._exceptions import StreamTruncatedError, TransportError
from lauren_ai._sse import ServerSentEvent, SSEDecoder
from lauren_ai._transport._errors import build_stream_error
from lauren_ai._transport._openai_tools import ToolCallTracker
from lauren_ai._transport._types import CompletionChunk, TokenUsage

STOP_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
}


class _Delta(msgspec.Struct):
    content: Any = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[dict[str, Any]] | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    message: _Delta | None = None
    finish_reason: str | None = None
    index: int | None = None


class _Chunk(msgspec.Struct):
    """The union of what servers send as one event's data."""

    id: str | None = None
    model: str | None = None
    object: str | None = None
    choices: list[_Choice] | None = None
    usage: dict[str, Any] | None = None
    error: Any = None
    system_fingerprint: str | None = None


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
                break
            if event.data == b"[DONE]":
                chunks.append(self._finish(saw_done=True))
            elif event.event == "error":
                raise build_stream_error(self.snapshot.provider, self._decode_any(event))
            elif event.data:
                self._feed_item(self._decode_event(event), event.data, chunks)
        if self._sse.error_line is not None:
            event = ServerSentEvent("error", self._sse.error_line)
            raise build_stream_error(self.snapshot.provider, self._decode_any(event))

    def _decode_event(self, event: ServerSentEvent) -> _Chunk:
        try:
            return _decode(event.data)
        except (msgspec.DecodeError, UnicodeError):
            value = self._decode_any(event)
        try:
            return msgspec.convert(value, _Chunk)
        except msgspec.ValidationError as exc:
            if isinstance(value, dict) and "error" in value:
                raise build_stream_error(self.snapshot.provider, value) from exc
            raise self._malformed(str(exc)) from exc

    def _decode_any(self, event: ServerSentEvent) -> Any:
        try:
            return msgspec.json.decode(event.text)
        except msgspec.DecodeError as exc:
            if event.event == "error":
                return {"message": event.text}
            raise self._malformed(f"not JSON: {event.text[:80]!r}") from exc

    def _feed_item(self, item: _Chunk, data: bytes, chunks: list[CompletionChunk]) -> None:
        if item.error is not None or item.object == "error":
            raise build_stream_error(self.snapshot.provider, msgspec.json.decode(data))
        if not self.snapshot.id and item.id:
            self.snapshot.id = item.id
            self.snapshot.model = item.model or self.snapshot.model
            if item.system_fingerprint:
                self.snapshot.metadata["system_fingerprint"] = item.system_fingerprint
        if item.usage is not None:
            self.snapshot.usage = _build_usage(item.usage)
        if item.choices is None:
            if item.usage is None and item.id is None:
                self.snapshot.note_unknown("unknown_events", msgspec.json.decode(data))
            return
        for choice in item.choices:
            if choice.index:  # only one answer is asked for
                self.snapshot.note_unknown("other_choices", choice.index)
                continue
            delta = choice.delta or choice.message
            if delta is not None:
                self._feed_delta(delta, chunks)
            if choice.finish_reason:
                if choice.finish_reason == "error":
                    raise build_stream_error(self.snapshot.provider, msgspec.json.decode(data))
                self._finish_reason = choice.finish_reason

    def _feed_delta(self, delta: _Delta, chunks: list[CompletionChunk]) -> None:
        if thinking := delta.reasoning_content or delta.reasoning:
            self.snapshot.write("thinking", thinking)
            chunks.append(CompletionChunk(reasoning_content_delta=thinking))
        if delta.content:
            text = delta.content if isinstance(delta.content, str) else _join(delta.content)
            if text:
                self.snapshot.write("text", text)
                chunks.append(CompletionChunk(text))
        if delta.refusal:
            self.snapshot.write("text", delta.refusal)
            self.snapshot.metadata["refusal"] = True
            chunks.append(CompletionChunk(delta.refusal))
        if delta.tool_calls:
            for call in delta.tool_calls:
                self._tools.feed(call, chunks)

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

    def feed_json(self, body: bytes) -> list[CompletionChunk]:
        """A whole completion from a server that ignored `stream`."""
        chunks: list[CompletionChunk] = []
        event = ServerSentEvent("message", body)
        self._feed_item(self._decode_event(event), body, chunks)
        chunks.append(self._finish(saw_done=False))
        return chunks

    def end(self) -> list[CompletionChunk]:
        opt_out = self._allow_truncated and bool(self.snapshot.blocks)
        return [self._finish(saw_done=opt_out)]

    def _truncated(self) -> StreamTruncatedError:
        return StreamTruncatedError(
            f"{self.snapshot.provider}'s answer ended without a finish reason, so it is not "
            "complete. The text so far is kept; ask again."
        )

    def _malformed(self, what: str) -> TransportError:
        return TransportError(
            f"{self.snapshot.provider} sent an event that cannot be read ({what}). "
            "The text so far is kept; ask again."
        )


def _join(content: Any) -> str:
    """Text of a content that came as parts (Mistral's servers)."""
    if not isinstance(content, list):
        return ""
    texts = (p.get("text") for p in content if isinstance(p, dict))
    return "".join(t for t in texts if isinstance(t, str))


def _build_usage(usage: dict[str, Any]) -> TokenUsage | None:
    prompt, output = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if not isinstance(prompt, int) or not isinstance(output, int):
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
    return value if isinstance(value, int) else 0
