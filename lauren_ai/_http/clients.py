"""Keeps one HTTP client for each running event loop, and closes it with its loop or its owner.

It knows no provider and makes no request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary, finalize

C = TypeVar("C")
Loop = asyncio.AbstractEventLoop


@dataclass(slots=True)
class _Kept(Generic[C]):
    client: C
    keeper: AsyncGenerator[None, None]
    on_owner_gone: finalize[..., Any]


class LoopClients(Generic[C]):
    """Made by a transport. A client belongs to the loop that it was made on: a service that is
    used from one `asyncio.run` after another gets a client in each. It is closed by `close`, at
    the end of its loop, or when the transport is forgotten, as a cell that is run again does.
    """

    def __init__(self, make: Callable[[], C], close: Callable[[C], Awaitable[None]]) -> None:
        self._make = make
        self._close_client = close
        self._kept: MutableMapping[Loop, _Kept[C]] = WeakKeyDictionary()

    async def get(self) -> C:
        """The client of the running loop, made when first asked for."""
        loop = asyncio.get_running_loop()
        kept = self._kept.get(loop)
        if kept is None:
            client = self._make()
            keeper = _keep(client, self._close_client, self._kept)
            # The finalizer holds the client, so that it is no garbage along with its owner.
            gone = finalize(self, _close_soon, loop, keeper)
            gone.atexit = False
            kept = self._kept[loop] = _Kept(client, keeper, gone)
            # Started here, so that asyncio.run, which closes the loop's generators at its end,
            # closes the client too: nobody else hears of the end of a loop.
            await anext(keeper)
        return kept.client

    async def close(self) -> None:
        """Close the client of the running loop."""
        kept = self._kept.get(asyncio.get_running_loop())
        if kept is not None:
            await kept.keeper.aclose()


async def _keep(
    client: C, close: Callable[[C], Awaitable[None]], kept: MutableMapping[Loop, _Kept[C]]
) -> AsyncGenerator[None, None]:
    """Suspended for as long as the client is open; closing this closes the client."""
    try:
        yield
    finally:
        entry = kept.pop(asyncio.get_running_loop(), None)
        if entry is not None:
            entry.on_owner_gone.detach()
        await close(client)


def _close_soon(loop: Loop, keeper: AsyncGenerator[None, None]) -> None:
    """From any thread, as the garbage collector runs in any."""

    def close() -> None:
        loop.create_task(keeper.aclose())

    with suppress(RuntimeError):  # the loop is closed, and the client with it
        loop.call_soon_threadsafe(close)
