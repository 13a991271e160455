"""Interrupts are heard: a beat that wakes a waiting loop, and what Ctrl-C does in a terminal.

A signal does not wake an idle loop: measured, an awaited cell that waited on a slow first token was
interrupted after 5.2 s, and after 0.05 s with this beat. In a terminal IPython runs an awaited cell
by `run_until_complete`: the KeyboardInterrupt of Ctrl-C would leave that call, and the run would
stay suspended with its connection open. Kernels have their own way to interrupt.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

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


@contextmanager
def stop_on_sigint(stop: Callable[[], object]) -> Iterator[None]:
    """Call `stop` on the running loop at Ctrl-C. Outside of the main thread, change nothing."""
    loop = asyncio.get_running_loop()
    with _handle_sigint(lambda *_: loop.call_soon_threadsafe(stop)):
        yield


@contextmanager
def raise_on_sigint() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, so that it ends an `input()`."""
    with _handle_sigint(signal.default_int_handler):
        yield


@contextmanager
def _handle_sigint(handler: Callable[..., Any]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
