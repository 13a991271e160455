"""Decodes the chunks of an OpenAI-compatible chat completions stream. It does no I/O.

Source: https://platform.openai.com/docs/api-reference/chat/streaming, and what vLLM, llama.cpp,
Ollama, LM Studio and OpenRouter send in its place.
"""

from __future__ import annotations

from typing import Any

import msgspec

from lauren_ai._exceptions import StreamTruncatedError, TransportError
from lauren_ai._http.errors import build_stream_error, describe_error_body, read_error
from lauren_ai._http.sse import SSEDecoder
from lauren_ai._json import MalformedJSONError, decode_json, encode_json
from lauren_ai._profiles import Profile
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._transport.openai.reasoning import Reasoning
from lauren_ai._transport.openai.think_tags import Piece, ThinkTags
from lauren_ai._transport.openai.tools import ToolCallTracker
from lauren_ai._transport.openai.usage import build_usage
from lauren_ai._types import CompletionChunk

#: In lower case. TGI and Together say eos, Gemini's proxies STOP, Mistral model_length.
STOP_REASONS = {
    **dict.fromkeys(("stop", "eos", "eos_token", "end_turn", "stop_sequence"), "end_turn"),
    **dict.fromkeys(("length", "max_tokens", "max_output_tokens", "model_length"), "max_tokens"),
    **dict.fromkeys(("tool_calls", "tool_call", "tool_use", "function_call"), "tool_use"),
}

_KNOWN = frozenset({"role", "content", "tool_calls", "extra_content"})
#: What search engines and gateways say beside an answer: of its sources, the last that came.
_SOURCES = ("citations", "search_results")


class _Delta(msgspec.Struct, gc=False):
    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    reasoning_details: Any = None
    refusal: Any = None
    annotations: Any = None
    extra_content: Any = None
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
    detail: Any = None
    message: Any = None
    citations: Any = None
    search_results: Any = None
    system_fingerprint: Any = None


_decode = msgspec.json.Decoder(_Chunk).decode
_ANY = Profile(name="")


class OpenAIDecoder:
    """Made for one response. The final chunk waits for `[DONE]` or the end of the body, because
    the usage comes after the finish reason. `owner` names the server, which alone may have back
    what it keeps of thoughts and signatures."""

    def __init__(
        self,
        snapshot: Accumulator,
        profile: Profile = _ANY,
        *,
        owner: str = "",
        allow_truncated: bool = False,
    ) -> None:
        self.snapshot = snapshot
        self.done = False
        self._allow_truncated = allow_truncated
        self._sse = SSEDecoder()
        self._tools = ToolCallTracker(snapshot)
        self._reasoning = Reasoning(snapshot, owner)
        self._gives_back = profile.gives_back
        self._vendor = profile.vendor
        self._tags = ThinkTags() if profile.think_tags else None
        self._finish_reason: str | None = None
        self._is_by_line = True  # until a line of data turns out to be a part of an event's

    def feed(self, data: bytes, chunks: list[CompletionChunk]) -> None:
        for event in self._sse.feed(data):
            if self.done:
                return
            if event.event == "error":
                raise self._report(read_error(event.data))
            self._feed_data(event.data, chunks)
        if self._is_by_line and not self.done and b"\n" in data:
            lines = self._sse.take_lines(_is_whole)
            self._is_by_line = lines is not None
            for line in lines or ():
                if not self.done:
                    self._feed_data(line, chunks)
        if self._sse.error_line is not None and not self.done:
            error = read_error(self._sse.error_line)
            raise self._report(error)

    def _feed_data(self, data: bytes, chunks: list[CompletionChunk]) -> None:
        try:
            item = _decode(data)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            data = data.strip()
            if data == b"[DONE]":
                self._end(chunks, saw_done=True)
                return
            if not data:
                return
            lines = data.split(b"\n")
            if len(lines) > 1 and all(map(_is_whole, lines)):  # each ended with one line break
                for line in lines:
                    if not self.done:
                        self._feed_data(line, chunks)
                return
            value = self._decode_any(data)
            item = self._convert(value)
        self._feed_item(item, data, chunks)

    def _convert(self, value: Any) -> _Chunk:
        try:
            return msgspec.convert(value, _Chunk)
        except msgspec.ValidationError as exc:
            if isinstance(value, list) or (isinstance(value, dict) and "error" in value):
                raise self._report(value) from exc
            raise self._malformed(exc) from exc

    def _decode_any(self, data: bytes) -> Any:
        try:
            return decode_json(data)
        except MalformedJSONError as exc:
            said = describe_error_body(data)[1]
            raise TransportError(
                f"{self.snapshot.provider} sent an event that is no JSON: {said!r}. The text so "
                "far is kept; ask again. A proxy may have answered in its place."
            ) from exc

    def _feed_item(self, item: _Chunk, data: bytes, chunks: list[CompletionChunk]) -> None:
        if item.error is not None or item.object == "error":
            raise self._report(self._decode_any(data))
        if not self.snapshot.id and isinstance(item.id, str):
            self._keep_head(item)
        if isinstance(item.usage, dict):
            self._decode_any(data)  # what is kept must be writable again
            self.snapshot.usage = (
                build_usage(item.usage, vendor=self._vendor) or self.snapshot.usage
            )
        for name in _SOURCES:
            if sources := getattr(item, name):
                self._decode_any(data)
                self.snapshot.metadata[name] = sources
        if item.choices is None:
            if item.usage is None and item.id is None:
                if item.detail or isinstance(item.message, str):  # FastAPI's, and proxies'
                    raise self._report(self._decode_any(data))
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
                    raise self._report(self._decode_any(data))
                self._finish_reason = choice.finish_reason
                if choice.finish_reason == "content_filter":
                    self._keep_filters(data)

    def _keep_filters(self, data: bytes) -> None:
        """Azure tells which of its filters cut the answer."""
        choices = self._decode_any(data).get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and choice.get("content_filter_results"):
                self.snapshot.metadata["content_filter_results"] = choice["content_filter_results"]

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
        content = delta.content
        self._feed_thinking(delta, chunks)
        if content and not isinstance(content, str):
            self._think("", _join(content, "thinking"), chunks)
            content = _join(content, "text")
        if content:
            self._feed_text(content, chunks)
        if delta.refusal and isinstance(delta.refusal, str):
            self.snapshot.write("text", delta.refusal)
            self.snapshot.metadata["refusal"] = True
            chunks.append(CompletionChunk(delta.refusal))
        if delta.annotations and isinstance(delta.annotations, list):
            self._cite(delta.annotations, chunks)
        if delta.extra_content:
            self._reasoning.sign(delta.extra_content, None)
        if delta.tool_calls:
            for call in delta.tool_calls:
                self._reasoning.sign(call.get("extra_content"), self._tools.feed(call, chunks))
            return True
        return len(chunks) > count

    def _feed_thinking(self, delta: _Delta, chunks: list[CompletionChunk]) -> None:
        field = "reasoning_content"
        thinking = delta.reasoning_content
        if not thinking and delta.reasoning:
            field, thinking = "reasoning", delta.reasoning
        shown = ""
        if delta.reasoning_details and isinstance(delta.reasoning_details, list):
            shown = self._reasoning.add_details(delta.reasoning_details)
        if isinstance(thinking, str) and (thinking or field in self._gives_back):
            self._think(field, thinking, chunks)
        elif shown:
            self._think("", shown, chunks)

    def _think(self, field: str, text: str, chunks: list[CompletionChunk]) -> None:
        """Thoughts that came in `field`, where they may have to go back."""
        if field:
            self._reasoning.write(field, text)
        elif text:
            self.snapshot.write("thinking", text)
        if text:
            self._tags = None  # the server takes them apart: a tag in the answer is text
            chunks.append(CompletionChunk(reasoning_content_delta=text))

    def _feed_text(self, text: str, chunks: list[CompletionChunk]) -> None:
        if self._tags is None:
            self.snapshot.write("text", text)
            chunks.append(CompletionChunk(text))
        else:
            self._write_pieces(self._tags.feed(text), chunks)

    def _write_pieces(self, pieces: list[Piece], chunks: list[CompletionChunk]) -> None:
        for kind, text in pieces:
            self.snapshot.write(kind, text)
            if kind == "text":
                chunks.append(CompletionChunk(text))
            else:
                chunks.append(CompletionChunk(reasoning_content_delta=text))

    def _cite(self, annotations: list[Any], chunks: list[CompletionChunk]) -> None:
        for annotation in annotations:
            self.snapshot.note_unknown("annotations", annotation)
            chunks.append(CompletionChunk(provider_metadata={"citation": annotation}))

    def _note_unknown_fields(self, data: bytes) -> None:
        """Keep what a delta holds in place of what this version knows: sound, citations."""
        for choice in self._decode_any(data)["choices"]:
            delta = choice.get("delta") or choice.get("message")
            unknown = {k: v for k, v in (delta or {}).items() if k not in _KNOWN and v}
            if unknown and not choice.get("index"):
                self.snapshot.note_unknown("unknown_deltas", unknown)

    def _end(self, chunks: list[CompletionChunk], *, saw_done: bool) -> None:
        if self._tags is not None:
            self._write_pieces(self._tags.end(), chunks)
        self._reasoning.end()
        chunks.append(self._finish(saw_done=saw_done))

    def _finish(self, *, saw_done: bool) -> CompletionChunk:
        reason = self._finish_reason
        has_calls = any(b.type == "tool_use" for b in self.snapshot.blocks)
        if reason is None and (not saw_done or has_calls or not self.snapshot.blocks):
            raise self._truncated()
        self.done = self.snapshot.is_complete = True
        self._tools.close_all()
        if reason is not None:
            self.snapshot.metadata["finish_reason"] = reason
        stop = STOP_REASONS.get((reason or "stop").lower(), reason or "")
        if stop == "end_turn" and has_calls:
            stop = "tool_use"  # Gemini's and older Ollama's endpoints say "stop"
        elif stop == "end_turn" and self.snapshot.metadata.get("refusal"):
            stop = "refusal"
        self.snapshot.stop_reason = stop
        return CompletionChunk(
            stop_reason=self.snapshot.stop_reason,
            usage=self.snapshot.usage,
            provider_metadata=self.snapshot.metadata or None,
        )

    def feed_json(self, value: dict[str, Any], chunks: list[CompletionChunk]) -> None:
        """A whole completion from a server that ignored `stream`."""
        self._feed_item(self._convert(value), encode_json(value).encode(), chunks)
        self._end(chunks, saw_done=False)

    def end(self) -> list[CompletionChunk]:
        chunks: list[CompletionChunk] = []
        self._end(chunks, saw_done=self._allow_truncated and bool(self.snapshot.blocks))
        return chunks

    def _truncated(self) -> StreamTruncatedError:
        return StreamTruncatedError(
            f"{self.snapshot.provider}'s answer ended without a finish reason, so it is not "
            "complete. The text so far is kept; ask again."
        )

    def _report(self, value: Any) -> TransportError:
        provider, model = self.snapshot.provider, self.snapshot.model
        return build_stream_error(provider, value, model=model)

    def _malformed(self, exc: Exception) -> TransportError:
        return TransportError(
            f"{self.snapshot.provider} sent an event that cannot be read ({str(exc)[:200]}). "
            "The text so far is kept; ask again."
        )


def _is_whole(data: bytes) -> bool:
    """Whether one line of data is an event of its own."""
    if data.strip() == b"[DONE]":
        return True
    try:
        _decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def _join(content: Any, kind: str) -> str:
    """Text of a content that came as parts (Mistral's servers), of one kind; thinking's are parts
    again."""
    if not isinstance(content, list):
        return ""
    found = (p.get(kind) for p in content if isinstance(p, dict))
    return "".join(t if isinstance(t, str) else _join(t, "text") for t in found)
