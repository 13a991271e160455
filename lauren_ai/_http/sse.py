"""Decodes server-sent events: bytes in, events out, at any cut. It does no I/O.

The rules are the WHATWG's: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from lauren_ai._exceptions import TransportError

MAX_EVENT_BYTES = 32 * 1024 * 1024
MAX_NAMES = 64
_BOM = b"\xef\xbb\xbf"


class ServerSentEvent(msgspec.Struct, gc=False):
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

    It cuts the bytes at blank lines and reads what lies between them, so that nothing is looked at
    twice. `error_line` holds the last value of a field named `error`, which some servers
    (llama.cpp) send in place of an event; the rules say to ignore it, a provider's decoder may
    not want to.
    """

    __slots__ = ("_head", "_id", "_names", "_size", "_skip_lf", "_tail", "error_line")

    def __init__(self) -> None:
        self._head: bytes | None = b""  # the first bytes, until it is known whether a BOM leads
        self._tail: list[bytes] = []  # what came since the last blank line, not empty pieces
        self._size = 0  # of the tail
        self._skip_lf = False  # the last read ended in CR: a leading LF belongs to it
        self._id = ""
        self._names: dict[bytes, str] = {}  # by their line: most events have one of few names
        self.error_line: bytes | None = None

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """The events that `data` completes. Raises TransportError over 32 MiB in one event."""
        if self._head is not None:
            data = self._strip_bom(data)
        if self._skip_lf or b"\r" in data:
            data = self._normalise(data)
        if self._tail:
            if b"\n\n" not in data and not (data[:1] == b"\n" == self._tail[-1][-1:]):
                self._keep(data)
                return []
            self._tail.append(data)
            data = b"".join(self._tail)
            self._tail = []
            self._size = 0
        end = data.rfind(b"\n\n")
        if end < 0:
            self._keep(data)
            return []
        self._keep(data[end + 2 :])
        return self._read_blocks(data[:end].split(b"\n\n"))

    def take_lines(self, is_whole: Callable[[bytes], bool]) -> list[bytes] | None:
        """The data of lines that wait for their blank line, where each `is_whole` by itself: some
        servers end an event with one line break. None where another line is among them."""
        lines, found, rest = b"".join(self._tail).rpartition(b"\n")
        if not found:
            return []
        taken = [line.removeprefix(b"data:") for line in lines.split(b"\n") if line]
        if any(line[:5] != b"data:" for line in lines.split(b"\n") if line):
            return None
        if not all(map(is_whole, taken)):
            return None
        self._tail = [rest] if rest else []
        self._size = len(rest)
        return taken

    def _strip_bom(self, data: bytes) -> bytes:
        head = (self._head or b"") + data
        if len(head) < len(_BOM) and _BOM.startswith(head):
            self._head = head
            return b""
        self._head = None
        return head[len(_BOM) :] if head.startswith(_BOM) else head

    def _normalise(self, data: bytes) -> bytes:
        """CR and CRLF, also when cut in two, become LF."""
        if self._skip_lf and data:
            self._skip_lf = False
            if data[:1] == b"\n":
                data = data[1:]
        if b"\r" in data:
            self._skip_lf = data[-1:] == b"\r"
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return data

    def _keep(self, data: bytes) -> None:
        if not data:
            return
        self._tail.append(data)
        self._size += len(data)
        if self._size > MAX_EVENT_BYTES:
            raise TransportError(
                f"The server sent an event of over {MAX_EVENT_BYTES >> 20} MiB; the response was "
                "dropped. Ask for a shorter answer, or check what answers at this address."
            )

    def _read_blocks(self, blocks: list[bytes]) -> list[ServerSentEvent]:
        """The common shapes at C speed: one line of data, or a known name's line before it."""
        events: list[ServerSentEvent] = []
        names = self._names
        for block in blocks:
            if block.startswith(b"data: "):
                name: str | None = "message"
                data = block[6:]
            else:
                head, found, data = block.partition(b"\ndata: ")
                name = names.get(head) if found else None
            if name is None or b"\n" in data:
                self._read_lines(block.split(b"\n"), events)
            else:
                events.append(ServerSentEvent(name, data, self._id))
        return events

    def _read_lines(self, lines: list[bytes], events: list[ServerSentEvent]) -> None:
        """Any lines; a blank one among them, or their end, dispatches."""
        name = ""
        data: list[bytes] = []
        for line in (*lines, b""):
            if not line:
                if data:
                    events.append(ServerSentEvent(name or "message", b"\n".join(data), self._id))
                name, data = "", []
                continue
            field, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if field == b"data":
                data.append(value)
            elif field == b"event":
                name = value.decode("utf-8", "replace")
                if name and len(self._names) < MAX_NAMES:
                    self._names[line] = name
            elif field == b"id" and b"\0" not in value:
                self._id = value.decode("utf-8", "replace")
            elif field == b"error":
                self.error_line = value
