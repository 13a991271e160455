"""Decodes the events of OpenAI's Responses stream. It does no I/O.

Items come one after another or side by side; each is added, written by deltas, and done. What is
done is what counts: it corrects the deltas, and goes back to the server as it came.
Source: https://platform.openai.com/docs/api-reference/responses-streaming (the events and items
are those of the `openai` SDK 3.57), and what proxies in front of it send in its place.
"""

from __future__ import annotations

from typing import Any

import msgspec

from lauren_ai._exceptions import StreamTruncatedError, TransportError
from lauren_ai._http.errors import build_stream_error, read_error
from lauren_ai._http.sse import ServerSentEvent, SSEDecoder
from lauren_ai._json import MalformedJSONError, check_depth, decode_json, encode_json
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._transport.openai.responses.items import Items
from lauren_ai._transport.openai.responses.response import build_usage, keep_others
from lauren_ai._types import CompletionChunk

INCOMPLETE = {"max_output_tokens": "max_tokens", "content_filter": "content_filter"}


class _Event(msgspec.Struct, gc=False, tag_field="type"):
    """Proxies leave out what OpenAI always sends: every field has a default."""

    output_index: int = -1
    item_id: str = ""


class _Delta(_Event, gc=False):
    delta: str = ""


class _TextDelta(_Delta, gc=False, tag="response.output_text.delta"):
    pass


class _RefusalDelta(_Delta, gc=False, tag="response.refusal.delta"):
    pass


class _SummaryDelta(_Delta, gc=False, tag="response.reasoning_summary_text.delta"):
    summary_index: int = 0


class _ReasoningDelta(_Delta, gc=False, tag="response.reasoning_text.delta"):
    content_index: int = 0


class _ArgumentsDelta(_Delta, gc=False, tag="response.function_call_arguments.delta"):
    pass


class _ArgumentsDone(_Event, gc=False, tag="response.function_call_arguments.done"):
    arguments: str = ""


class _Annotation(_Event, gc=False, tag="response.output_text.annotation.added"):
    annotation: Any = None


class _ItemAdded(_Event, tag="response.output_item.added"):
    item: dict[str, Any] = {}


class _ItemDone(_Event, tag="response.output_item.done"):
    item: dict[str, Any] = {}


class _Created(_Event, tag="response.created"):
    response: dict[str, Any] = {}


class _Completed(_Event, tag="response.completed"):
    response: dict[str, Any] = {}


class _Incomplete(_Event, tag="response.incomplete"):
    response: dict[str, Any] = {}


class _Failed(_Event, tag="response.failed"):
    response: dict[str, Any] = {}


_Known = (
    _TextDelta
    | _RefusalDelta
    | _SummaryDelta
    | _ReasoningDelta
    | _ArgumentsDelta
    | _ArgumentsDone
    | _Annotation
    | _ItemAdded
    | _ItemDone
    | _Created
    | _Completed
    | _Incomplete
    | _Failed
)
_decode = msgspec.json.Decoder(_Known).decode
_TAGS = frozenset(str(kind.__struct_config__.tag) for kind in _Known.__args__)

#: Events whose news an item or the end tells again, or that say only that work goes on.
_REPEATED = frozenset(
    f"response.{event}"
    for event in """
    in_progress queued compaction.compacting
    content_part.added content_part.done output_text.done refusal.done reasoning_text.done
    reasoning_summary_part.added reasoning_summary_part.done reasoning_summary_text.done
    web_search_call.in_progress web_search_call.searching web_search_call.completed
    file_search_call.in_progress file_search_call.searching file_search_call.completed
    code_interpreter_call.in_progress code_interpreter_call.interpreting
    code_interpreter_call.completed code_interpreter_call_code.delta code_interpreter_call_code.done
    image_generation_call.in_progress image_generation_call.generating
    image_generation_call.partial_image image_generation_call.completed
    mcp_call.in_progress mcp_call.completed mcp_call.failed
    mcp_call_arguments.delta mcp_call_arguments.done
    mcp_list_tools.in_progress mcp_list_tools.completed mcp_list_tools.failed
    custom_tool_call_input.delta custom_tool_call_input.done
    shell_call_command.added shell_call_command.delta shell_call_command.done
    shell_call_output_content.delta shell_call_output_content.done
    apply_patch_call_operation_diff.delta apply_patch_call_operation_diff.done""".split()
) | {"keepalive", "ping"}


class ResponsesDecoder:
    """Made for one response. `owner` names the server that gets the items back, and no other.

    `snapshot` is filled as it is fed; `done` after the event that ends the response."""

    def __init__(
        self, snapshot: Accumulator, *, owner: str = "openai", allow_truncated: bool = False
    ) -> None:
        self.snapshot = snapshot
        self.done = False
        self._allow_truncated = allow_truncated
        self._sse = SSEDecoder()
        self._items = Items(snapshot, owner)

    def feed(self, data: bytes, chunks: list[CompletionChunk]) -> None:
        for event in self._sse.feed(data):
            if self.done:
                return
            if event.event in _REPEATED:
                continue
            try:
                item = _decode(event.data)
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                known = self._decode_loosely(event)
                if known is None:
                    continue
                item = known
            # The most frequent event first: most of an answer is text deltas.
            if type(item) is _TextDelta:
                self._items.write_text(item.output_index, item.item_id, item.delta, chunks)
            else:
                self._feed_event(item, event.data, chunks)
        if self._sse.error_line is not None and not self.done:
            raise self._failed(read_error(self._sse.error_line))

    def _feed_event(self, event: _Known, data: bytes, chunks: list[CompletionChunk]) -> None:
        items, index, id = self._items, event.output_index, event.item_id
        match event:
            case _ArgumentsDelta():
                items.write_arguments(index, id, event.delta, chunks)
            case _SummaryDelta():
                items.write_thinking(index, id, event.delta, ("s", event.summary_index), chunks)
            case _ReasoningDelta():
                items.write_thinking(index, id, event.delta, ("c", event.content_index), chunks)
            case _TextDelta():
                items.write_text(index, id, event.delta, chunks)
            case _RefusalDelta():
                items.has_refused = True
                items.write_text(index, id, event.delta, chunks)
            case _ArgumentsDone():
                items.end_arguments(index, id, event.arguments, chunks)
            case _:
                self._check_depth(data)  # what is kept must be writable again
                self._feed_values(event, chunks)

    def _feed_values(
        self,
        event: _Annotation | _ItemAdded | _ItemDone | _Created | _Completed | _Incomplete | _Failed,
        chunks: list[CompletionChunk],
    ) -> None:
        match event:
            case _ItemAdded():
                self._items.add(event.item, event.output_index, chunks)
            case _ItemDone():
                self._items.close(event.item, event.output_index, chunks)
            case _Annotation():
                index, id = event.output_index, event.item_id
                self._items.cite(index, id, event.annotation, chunks)
            case _Created():
                self._begin(event.response)
            case _Completed():
                self._end(event.response, "completed", chunks)
            case _Incomplete():
                self._end(event.response, "incomplete", chunks)
            case _Failed():
                self._end(event.response, "failed", chunks)

    def _decode_loosely(self, event: ServerSentEvent) -> _Known | None:
        """An event that is no JSON, has invalid UTF-8, or a new shape; None if nothing is in it."""
        if event.event == "error":
            raise self._failed(read_error(event.data))
        data = event.data.strip()
        if not data or data == b"[DONE]":  # it says nothing of how the response ended
            return None
        value = self._decode_any(data)
        if not isinstance(value, dict):
            raise self._failed(value)
        kind = str(value.get("type", event.event))
        if kind == "error" or ("type" not in value and value.get("error")):
            raise self._failed(value)
        if kind not in _TAGS:
            if kind not in _REPEATED:
                self.snapshot.note_unknown("unknown_events", value)
            return None
        try:
            known: _Known = msgspec.convert(_without_oddities({**value, "type": kind}), _Known)
            return known
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

    def _begin(self, response: dict[str, Any]) -> None:
        id, model = response.get("id"), response.get("model")
        if not isinstance(id, str) or self.snapshot.id == id:
            return
        if self.snapshot.id:
            raise TransportError(
                f"{self.snapshot.provider} began a second response in one answer. "
                "The text so far is kept; ask again."
            )
        self.snapshot.id = id
        if model and isinstance(model, str):
            self.snapshot.model = model

    def _end(self, response: dict[str, Any], status: str, chunks: list[CompletionChunk]) -> None:
        if not self.snapshot.id:
            self._begin(response)
        keep_others(self.snapshot.metadata, response)
        self.snapshot.usage = build_usage(response.get("usage"), response.get("output"))
        if status == "completed" and isinstance(response.get("status"), str):
            status = response["status"]
        if status == "failed" or response.get("error"):
            raise self._failed(response.get("error") or "the response failed")
        self._items.close_all(response.get("output"), chunks)
        self.snapshot.stop_reason = self._get_stop_reason(status, response)
        chunks.append(self._finish())

    def _get_stop_reason(self, status: str, response: dict[str, Any]) -> str:
        if status == "incomplete":
            details = response.get("incomplete_details")
            reason = details.get("reason") if isinstance(details, dict) else None
            return INCOMPLETE.get(reason, reason) if reason and isinstance(reason, str) else status
        if status != "completed":
            return status
        if self._items.has_refused:
            return "refusal"
        return "tool_use" if self._items.has_calls else "end_turn"

    def _finish(self) -> CompletionChunk:
        self.done = self.snapshot.is_complete = True
        return CompletionChunk(
            stop_reason=self.snapshot.stop_reason,
            usage=self.snapshot.usage,
            provider_metadata=self.snapshot.metadata or None,
        )

    def feed_json(self, value: dict[str, Any], chunks: list[CompletionChunk]) -> None:
        """A whole response from a server that ignored `stream`."""
        status = value.get("status", "completed")
        if not isinstance(value.get("output"), list) or not isinstance(status, str):
            raise build_stream_error(self.snapshot.provider, value, model=self.snapshot.model)
        if status in ("queued", "in_progress"):
            raise self._truncated()
        self._end(value, status, chunks)

    def end(self) -> list[CompletionChunk]:
        if not self._allow_truncated or not self.snapshot.blocks or self._items.has_open_call:
            raise self._truncated()
        has_calls = self._items.has_calls
        self.snapshot.stop_reason = "tool_use" if has_calls else "end_turn"
        return [self._finish()]

    def _failed(self, value: Any) -> TransportError:
        """The error that an event tells of: `{type: "error", code, message}`, `{error: {…}}` …"""
        if isinstance(value, dict) and value.get("type") == "error" and value.get("message"):
            value = {"code": value.get("code"), "message": value["message"]}
        return build_stream_error(self.snapshot.provider, value, model=self.snapshot.model)

    def _truncated(self) -> StreamTruncatedError:
        return StreamTruncatedError(
            f"{self.snapshot.provider}'s answer ended without response.completed, so it is not "
            "complete. The text so far is kept; ask again."
        )

    def _malformed(self, exc: Exception) -> TransportError:
        return TransportError(
            f"{self.snapshot.provider} sent an event that cannot be read ({str(exc)[:200]}). "
            "The text so far is kept; ask again."
        )


def _without_oddities(fields: dict[str, Any]) -> dict[str, Any]:
    """Without nulls; arguments that came as an object are JSON text again."""
    known = {key: value for key, value in fields.items() if value is not None}
    for key in ("delta", "arguments"):
        if isinstance(value := known.get(key), dict) and "function_call" in known["type"]:
            known[key] = encode_json(value)
    for key, kind in (("output_index", int), ("item_id", str)):
        if key in known and (not isinstance(known[key], kind) or known[key] is True):
            del known[key]
    return known
