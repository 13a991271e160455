"""Keeps an event loop from sleeping deeply while a run waits, so that an interrupt is heard.

A signal does not wake an idle loop: measured, an awaited cell that waited on a slow first token was
interrupted after 5.2 s, and after 0.05 s with this beat.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

BEAT_S = 0.1


@contextmanager
def heartbeat() -> Iterator[None]:
    """Wake the running loop every 0.1 s until the block ends."""
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def beat() -> None:
        nonlocal timer
        timer = loop.call_later(BEAT_S, beat)

    timer = loop.call_later(BEAT_S, beat)
    try:
        yield
    finally:
        timer.cancel()
