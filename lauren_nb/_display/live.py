"""Sends a turn to its view while it runs: deltas, coalesced and numbered, and snapshots on demand.

It draws nothing and knows no model; `turn.py` holds the state, js/ draws it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from lauren_nb._display.turn import Turn
from lauren_nb._protocol import CellMessage, Op, Rest

#: Seconds between two messages: 17 a second, of the 20 of docs/design/notebook.md#on-the-wire.
FLUSH_S = 0.06
TICK_S = 1.0
#: Sent at once, so that a person sees them when they happen.
_URGENT = frozenset({"status", "tool", "tool_status", "error", "notice", "thinking_end", "step"})
_MERGED = frozenset({"text", "thinking"})


class Channel(Protocol):
    """What carries a message to the page: `RunWidget.send`."""

    def send(self, content: CellMessage) -> None: ...


class Live:
    """Made for one run, on the loop that runs it; `push` is called there, `receive` anywhere.

    A view that attaches, or saw a gap in the numbers, asks for a snapshot. A kernel that cannot
    hear while a cell runs (ipykernel 6) sends snapshots unasked at doubling intervals: linear
    cost, and nobody waits long.
    """

    def __init__(self, turn: Turn, channel: Channel, *, on_stop: Callable[[], object]) -> None:
        self.turn = turn
        self.seq = 0
        self.attached = 0  # how many times a new page asked for the whole
        self._rest: Rest | None = None
        self._channel = channel
        self._on_stop = on_stop
        self._loop = asyncio.get_running_loop()
        self._pending: list[Op] = []
        self._timer: asyncio.TimerHandle | None = None
        self._last_sent = 0.0
        self._heard = asyncio.Event()
        self._unasked_s = 0.25
        self._unasked = self._loop.call_later(self._unasked_s, self._send_unasked)
        self._ticker = self._loop.call_later(TICK_S, self._tick)

    def push(self, *op: Any) -> None:
        """Apply one operation to the turn and send it, at once or with its neighbours."""
        self.turn.apply(op)
        last = self._pending[-1] if self._pending else None
        if last is not None and op[0] == last[0] and op[0] in _MERGED:
            last[1] += op[1]
        elif last is not None and op[0] == last[0] == "args" and op[1] == last[1]:
            last[2] += op[2]
        else:
            self._pending.append(list(op))
        due = self._last_sent + FLUSH_S - self._loop.time()
        if due <= 0 or op[0] in _URGENT:
            self.flush()
        elif self._timer is None:
            self._timer = self._loop.call_later(due, self.flush)

    def flush(self) -> None:
        """Send what waits, now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._pending:
            self.seq += 1
            ops, self._pending = self._pending, []
            self._last_sent = self._loop.time()
            self._channel.send({"kind": "delta", "seq": self.seq, "ops": ops})

    def receive(self, message: dict[str, Any]) -> None:
        """A message of the page. It may come on any thread, so it only hands over to the loop."""
        self._loop.call_soon_threadsafe(self._handle, message)

    async def is_heard(self, timeout_s: float) -> bool:
        """Whether the page's messages reach this run while its cell runs."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._heard.wait()
        except TimeoutError:
            return False
        return True

    def put_to_rest(self, message: Rest) -> None:
        """Send what takes the view's place to the pages that show it now, and to later ones."""
        self._rest = message
        self._channel.send(message)

    def close(self) -> None:
        """Stop the timers and send the rest; later requests for a snapshot still work."""
        self.flush()
        self._unasked.cancel()
        self._ticker.cancel()

    def _handle(self, message: dict[str, Any]) -> None:
        match message.get("kind"):
            case "attach":
                self._heard.set()
                self.attached += message.get("have") is None
                self._send_snapshot()
                if self._rest is not None:
                    self._channel.send(self._rest)
            case "stop":
                self._on_stop()

    def _send_snapshot(self) -> None:
        self.flush()
        snapshot = self.turn.snapshot()
        self._channel.send(
            {
                "kind": "snapshot",
                "seq": self.seq,
                "turn": snapshot,
                "format": self.turn.format,
            }
        )

    def _send_unasked(self) -> None:
        if not self._heard.is_set():
            self._send_snapshot()
            self._unasked_s *= 2
            self._unasked = self._loop.call_later(self._unasked_s, self._send_unasked)

    def _tick(self) -> None:
        self._channel.send({"kind": "tick", "seq": self.seq, "elapsed_ms": self.turn.elapsed_ms})
        self._ticker = self._loop.call_later(TICK_S, self._tick)
