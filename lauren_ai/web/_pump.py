"""Reads a response's source in a task of its own, so that the response can speak while it waits.

It frames nothing; `_event_stream` does. One task for the whole source: what a generator opened in
it (a time limit, a cancel scope) is left in it as well, and no time limit here can cancel a read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from lauren_ai.web._client import ClientGone, ClientWatch

_END = object()


class Pump:
    """Made for one response, in its task; `close` ends it and the source. It reads no further
    than one item, and goes on when that is taken."""

    def __init__(self, source: AsyncIterator[Any]) -> None:
        self._source = source
        self._items: list[Any] = []
        self._ready = asyncio.Event()
        self._taken = asyncio.Event()
        self._is_closed = False
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda _: self._ready.set())

    async def wait(self, seconds: float | None) -> bool:
        """Whether an item, or the end, came within this time. The source is not disturbed."""
        self._taken.set()
        try:
            async with asyncio.timeout(seconds):
                await self._ready.wait()
        except TimeoutError:
            return False
        return True

    def take(self) -> list[Any]:
        """The item that came, or nothing at the end. Raises what the source raised."""
        items, self._items = self._items, []
        if not items:
            self._task.result()
        elif not self._task.done():
            self._ready.clear()
        return items

    async def close(self) -> None:
        """Cancel the source where it waits, else close it; return when it is closed."""
        self._is_closed = True
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _run(self) -> None:
        try:
            async with ClientWatch() as client:
                while (item := await client.read(self._source, _END)) is not _END:
                    if self._is_closed:  # the source has swallowed the cancellation
                        return
                    self._taken.clear()
                    self._items.append(item)
                    self._ready.set()
                    await self._taken.wait()
        except ClientGone:
            return
        finally:
            if isinstance(self._source, AsyncGenerator):
                await self._source.aclose()
