"""A scripted response: which bytes, at what pace, with which fault.

It owns the description only; `_server` plays it, `anthropic` and `openai` make it from blocks.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

End = Literal["clean", "close", "reset", "hang"]
"""How a response ends: as HTTP says; closed with no last chunk; RST; hung until the client goes."""

WIRE = Path(__file__).parent.parent / "wire"
SSE = "text/event-stream; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Script:
    """One response. Its methods give changed copies, so one script can be queued many times.

    `events` are written one by one, each as an HTTP chunk of its own; event numbers count them.
    """

    events: tuple[bytes, ...]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = SSE
    delay_s: float = 0.0
    first_delay_s: float = 0.0
    end: End = "clean"
    silent: bool = False
    gates: Mapping[int, threading.Event] = field(default_factory=dict)
    whole: bytes | None = None
    """The JSON body for a request without `"stream": true`; None sends the events then too."""
    by_request: frozenset[str] = frozenset()
    """What of it the request decides (`usage`, `thinking`), where the events are still whole."""
    responses: Script | None = None
    """The same answer for OpenAI's other endpoint; what is changed here is changed there too."""

    def _each(self, change: Callable[[Script], Script]) -> Script:
        changed = change(self)
        if self.responses is None:
            return changed
        return replace(changed, responses=self.responses._each(change))

    @property
    def data(self) -> bytes:
        """The whole body."""
        return b"".join(self.events)

    def paced(self, tokens_per_s: float | None, *, first_after_s: float = 0.0) -> Script:
        """Send that many events a second, the first one after `first_after_s`."""
        delay = 1 / tokens_per_s if tokens_per_s else 0.0
        return self._each(lambda s: replace(s, delay_s=delay, first_delay_s=first_after_s))

    def cut_at_event(self, count: int, *, end: End = "clean") -> Script:
        """Send the first `count` events, then end."""
        return self._each(lambda s: replace(s, events=s.events[:count], end=end))

    def cut_at_byte(self, count: int, *, end: End = "clean") -> Script:
        """Send the first `count` bytes, still event by event, then end."""
        return self._each(
            lambda s: replace(s, events=_first(s.events, count), end=end, by_request=frozenset())
        )

    def cut_into(self, size: int) -> Script:
        """Send the same bytes in chunks of `size` bytes: 1 is byte by byte."""
        whole = self._each(lambda s: replace(s, delay_s=0.0))
        return whole._each(lambda s: s._cut(range(size, len(s.data), size)))

    def split_at(self, *offsets: int) -> Script:
        """Send the same bytes in chunks that end at these offsets."""
        return self._each(lambda s: s._cut(sorted(offsets)))

    def _cut(self, marks: Iterable[int]) -> Script:
        data, marks = self.data, list(marks)
        pairs = zip([0, *marks], [*marks, len(data)], strict=True)
        events = tuple(data[a:b] for a, b in pairs if a < b)
        return replace(self, events=events, by_request=frozenset())

    def with_event(self, at: int, event: bytes) -> Script:
        """Send `event` too, before event number `at`."""
        return self._each(lambda s: replace(s, events=(*s.events[:at], event, *s.events[at:])))

    def hanging(self, *, at: int | None = None) -> Script:
        """Send nothing at all, no response head even; or stop for ever before event `at`."""
        if at is None:
            return self._each(lambda s: replace(s, silent=True))
        return self.cut_at_event(at, end="hang")

    def gated(self, at: int, gate: threading.Event) -> Script:
        """Wait for `gate` before event number `at`, so that a test needs no clock."""
        return self._each(lambda s: replace(s, gates={**s.gates, at: gate}))


def _first(events: tuple[bytes, ...], count: int) -> tuple[bytes, ...]:
    """Return the events up to `count` bytes, the last one cut."""
    kept: list[bytes] = []
    for event in events:
        if count > 0:
            kept.append(event[:count])
        count -= len(event)
    return tuple(kept)


def raw(
    data: bytes,
    *,
    content_type: str = SSE,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Script:
    """Return a script with any body, in one piece."""
    return Script((data,), status, headers or {}, content_type)


def html(
    status: int = 200, *, body: str = "<html><body><h1>Bad gateway</h1></body></html>"
) -> Script:
    """Return what a proxy or a captive portal answers."""
    return raw(body.encode(), content_type="text/html; charset=utf-8", status=status)


@dataclass(frozen=True, slots=True)
class WireBody:
    """One case of tests/wire/*_bodies.json."""

    name: str
    content_type: str
    data: bytes

    def script(self) -> Script:
        """Return the case as a response in one piece; `cut_into`, `split_at` cut it."""
        return raw(self.data, content_type=self.content_type)


def wire_bodies(name: Literal["anthropic", "openai_chat"]) -> Sequence[WireBody]:
    """Return the cases of one provider, in the file's order."""
    cases = json.loads((WIRE / f"{name}_bodies.json").read_text("utf-8"))
    return [WireBody(c["name"], c["content_type"], base64.b64decode(c["b64"])) for c in cases]
