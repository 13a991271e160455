"""Writes server-sent events. It sends nothing.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec
from lauren import ServerSentEvent

_LINE_END = re.compile(r"\r\n|\n|\r")
_HEAD = re.compile(r"(?:(?:(?:event|id|retry)(?::[^\r\n]*)?|:[^\r\n]*)(?:\r\n|\n|\r))*")
_FRAME_END = ("\n\n", "\r\n\r\n", "\r\r")
_FIELDS = frozenset({"data", "event", "id", "retry", "comment"})


def frame(item: object) -> bytes:
    """One event, from whatever a producer yields.

    A str that is a frame already (fields, then a blank line at its end) is not framed again. It is
    one event, and all that follows its first `data:` is that event's data: so a producer may write
    f"data: {delta}\\n\\n", and neither a line break nor anything that looks like a field in the
    model's text can end the event or make another. Any other str is data. Bytes go out as they
    are. A ServerSentEvent, or a mapping of its fields, is written out; other values are JSON data.
    """
    if isinstance(item, bytes | bytearray):
        return bytes(item)
    if isinstance(item, str):
        return _frame_text(item).encode("utf-8", "replace")
    if isinstance(item, Mapping) and item and item.keys() <= _FIELDS:
        item = ServerSentEvent.from_dict(item)
    if isinstance(item, ServerSentEvent):
        return _frame_event(item).encode("utf-8", "replace")
    return _frame_data(_to_text(item)).encode("utf-8", "replace")


def _frame_text(text: str) -> str:
    end = next((end for end in _FRAME_END if text.endswith(end)), None)
    if end is None:
        return _frame_data(text)
    head = _HEAD.match(text)
    assert head is not None, "every part of it may be empty"
    rest = text[head.end() :]
    if rest.startswith("data:"):
        data = rest[5 : -len(end)]
        return _unify(head[0]) + _frame_data(data[1:] if data.startswith(" ") else data)
    # Comments or fields alone, and then the blank line.
    return _unify(text) if head[0] and not _LINE_END.sub("", rest) else _frame_data(text)


def _frame_data(data: str) -> str:
    return "".join(f"data: {line}\n" for line in _LINE_END.split(data)) + "\n"


def _frame_event(event: ServerSentEvent) -> str:
    """Not by its own `encode`, which knows no carriage return in the data (lauren 1.10)."""
    lines = [f": {line}" for line in _LINE_END.split(event.comment or "") if event.comment]
    fields = {"event": event.event, "id": event.id, "retry": event.retry}
    lines += [f"{k}: {_LINE_END.sub(' ', str(v))}" for k, v in fields.items() if v is not None]
    head = "".join(f"{line}\n" for line in lines)
    return head + (_frame_data(_to_text(event.data)) if event.data is not None else "\n")


def _to_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray):
        return value.decode("utf-8", "replace")
    if hasattr(value, "model_dump_json"):
        return str(value.model_dump_json())
    return msgspec.json.encode(value).decode()


def _unify(text: str) -> str:
    return _LINE_END.sub("\n", text)
