"""Decodes server-sent events: bytes in, events out, at any cut. It does no I/O.

The rules are the WHATWG's: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

from typing import NamedTuple

from lauren_ai._exceptions import TransportError

MAX_EVENT_BYTES = 32 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


class ServerSentEvent(NamedTuple):
    """One dispatched event. `data` stays bytes: most of it is JSON, which needs no text first."""

    event: str
    data: bytes
    id: str = ""

    @property
    def text(self) -> str:
        """The data as text; invalid UTF-8 becomes U+FFFD."""
        return self.data.decode("utf-8", "replace")


class SSEDecoder:
    """Made for one response, fed every read of it, then dropped: an unfinished event is no event.

    `error_line` holds the last value of a field named `error`, which some servers (llama.cpp) send
    in place of an event; the rules say to ignore it, a provider's decoder may not want to.
    """

    __slots__ = ("_data", "_event", "_head", "_id", "_size", "_skip_lf", "_tail", "error_line")

    def __init__(self) -> None:
        self._head: bytes | None = b""  # the first bytes, until it is known whether a BOM leads
        self._tail: list[bytes] = []  # pieces of a line that has no end yet
        self._size = 0
        self._skip_lf = False  # the last read ended in CR: a leading LF belongs to it
        self._event = ""
        self._data: list[bytes] = []
        self._id = ""
        self.error_line: bytes | None = None

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """The events that `data` completes. Raises TransportError over 32 MiB in one event."""
        if self._head is not None:
            data = self._strip_bom(data)
        if self._skip_lf and data:
            self._skip_lf = False
            if data[:1] == b"\n":
                data = data[1:]
        if b"\r" in data:
            self._skip_lf = data[-1:] == b"\r"
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._size += len(data)
        if self._size > MAX_EVENT_BYTES:
            raise TransportError(
                f"The server sent an event of over {MAX_EVENT_BYTES >> 20} MiB; the response was "
                "dropped. Ask for a shorter answer, or check what answers at this address."
            )
        if b"\n" not in data:
            if data:
                self._tail.append(data)
            return []
        lines = data.split(b"\n")
        if self._tail:
            self._tail.append(lines[0])
            lines[0] = b"".join(self._tail)
        last = lines.pop()
        self._tail = [last] if last else []
        events = self._read_lines(lines)
        if events:
            self._size = len(last) + sum(map(len, self._data))
        return events

    def _strip_bom(self, data: bytes) -> bytes:
        head = (self._head or b"") + data
        if len(head) < len(_BOM) and _BOM.startswith(head):
            self._head = head
            return b""
        self._head = None
        return head[len(_BOM) :] if head.startswith(_BOM) else head

    def _read_lines(self, lines: list[bytes]) -> list[ServerSentEvent]:
        events: list[ServerSentEvent] = []
        for line in lines:
            if not line:
                if self._data:
                    event = self._event or "message"
                    events.append(ServerSentEvent(event, b"\n".join(self._data), self._id))
                    self._data = []
                self._event = ""
            elif line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif line.startswith(b"event:"):
                value = line[7:] if line[6:7] == b" " else line[6:]
                self._event = value.decode("utf-8", "replace")
            else:
                self._read_rare_field(line)
        return events

    def _read_rare_field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._event = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        elif name == b"error":
            self.error_line = value
