"""The thread whose event loop panels' runs live on, so that a blocking cell does not stop them.

What needs the kernel's own loop (a coroutine tool of the user) is sent there and awaited here.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import inspect
import threading
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from lauren_ai import Tool

T = TypeVar("T")
JOIN_S = 2.0

_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def get_loop() -> asyncio.AbstractEventLoop:
    """The panels' loop, one a process; its thread starts with the first call."""
    global _loop
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            thread = threading.Thread(target=_loop.run_forever, name="lauren-panel", daemon=True)
            thread.start()
            atexit.register(_end, _loop, thread)
    return _loop


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    thread.join(JOIN_S)
    if not thread.is_alive():
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def run_on(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """Await on this loop what runs on that one. Cancelling the wait cancels the work."""
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))


def keep_on(loop: asyncio.AbstractEventLoop, tool: Tool) -> Tool:
    """`tool` with its coroutine run on `loop`: it waits while a cell blocks that loop.

    A plain function runs in a thread of its own anyway, as it does for cells.
    """
    if not inspect.iscoroutinefunction(tool.function):
        return tool
    return replace(tool, function=_send_to(loop, tool.function))


def _send_to(
    loop: asyncio.AbstractEventLoop, function: Callable[..., Coroutine[Any, Any, Any]]
) -> Callable[..., Coroutine[Any, Any, Any]]:
    @functools.wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        return await run_on(loop, function(*args, **kwargs))

    return call
