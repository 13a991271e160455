"""Keeps one HTTP client for each running event loop, and closes it with its loop.

It knows no provider and makes no request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

C = TypeVar("C")


class LoopClients(Generic[C]):
    """Made by a transport. A client belongs to the loop that it was made on: a service that is
    used from one `asyncio.run` after another gets a client in each."""

    def __init__(self, make: Callable[[], C], close: Callable[[C], Awaitable[None]]) -> None:
        self._make = make
        self._close_client = close
        self._kept: WeakKeyDictionary[
            asyncio.AbstractEventLoop, tuple[C, AsyncGenerator[None, None]]
        ]
        self._kept = WeakKeyDictionary()

    async def get(self) -> C:
        """The client of the running loop, made when first asked for."""
        loop = asyncio.get_running_loop()
        kept = self._kept.get(loop)
        if kept is None:
            client = self._make()
            keeper = self._keep(client)
            kept = self._kept[loop] = client, keeper
            # Started here, so that asyncio.run, which closes the loop's generators at its end,
            # closes the client too: nobody else hears of the end of a loop.
            await anext(keeper)
        return kept[0]

    async def _keep(self, client: C) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            self._kept.pop(asyncio.get_running_loop(), None)
            await self._close_client(client)

    async def close(self) -> None:
        """Close the client of the running loop."""
        kept = self._kept.get(asyncio.get_running_loop())
        if kept is not None:
            await kept[1].aclose()
