"""Notices that a client has left while a response is streamed to it. It sends nothing.

lauren 1.10 reads no `http.disconnect` during a response, and servers such as uvicorn neither
cancel it nor fail its `send`: without this, a provider would go on writing for nobody. A version
that hands the response its `receive` would let us delete `_remember_receive`.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from lauren import LaurenApp

T = TypeVar("T")
Receive = Callable[[], Awaitable[dict[str, Any]]]

_receive: ContextVar[Receive | None] = ContextVar("receive", default=None)

#: lauren's own TestClient says that the client has left as soon as the request's body was read,
#: although it goes on reading the response (lauren 1.10, `testing.py`).
_TEST_SERVER = ("testserver", 80)


class ClientGone(Exception):
    """The client has closed its connection."""


class ClientWatch:
    """Made for one response, in the task that sends it: `async with`, then `read` its source.

    A source that waits when the client leaves gets a CancelledError, as any cancelled task.
    Request bodies must have been read before: what is left of one is dropped.
    """

    def __init__(self) -> None:
        self._receive = _receive.get()
        self._reader = asyncio.current_task()
        self._watch: asyncio.Task[None] | None = None
        self._is_gone = self._is_reading = self._has_cancelled = False

    async def __aenter__(self) -> ClientWatch:
        if self._receive is not None:
            self._watch = asyncio.create_task(self._wait(self._receive))
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._watch is not None:
            self._watch.cancel()

    async def read(self, source: AsyncIterator[T], end: T) -> T:
        """The next item, or `end`. Raises ClientGone, at the latest when the item is there."""
        if self._is_gone:
            raise ClientGone
        self._is_reading = True
        try:
            item = await anext(source, end)
        except asyncio.CancelledError:
            # Somebody else's cancellation, at the same time too, goes on.
            if self._take_back():
                raise ClientGone from None
            raise
        finally:
            self._is_reading = False
        if self._take_back():
            raise ClientGone  # the source has swallowed the cancellation
        return item

    def _take_back(self) -> bool:
        if not self._has_cancelled or self._reader is None:
            return False
        self._has_cancelled = False
        return self._reader.uncancel() == 0

    async def _wait(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._is_gone = True
        if self._is_reading and self._reader is not None:
            self._has_cancelled = True
            self._reader.cancel()


def _remember_receive() -> None:
    """Let each request's task know its `receive`, which lauren keeps to itself. Once a process."""
    call = LaurenApp.__call__
    if hasattr(call, "__lauren_ai__"):
        return

    @functools.wraps(call)
    async def call_with_receive(
        self: LaurenApp, scope: dict[str, Any], receive: Receive, send: Any
    ) -> None:
        server = tuple(scope.get("server") or ())
        token = _receive.set(None if server == _TEST_SERVER else receive)
        try:
            await call(self, scope, receive, send)
        finally:
            _receive.reset(token)

    call_with_receive.__dict__["__lauren_ai__"] = True
    LaurenApp.__call__ = call_with_receive  # type: ignore[method-assign]


_remember_receive()
