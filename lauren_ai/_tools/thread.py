"""Runs a blocking function in a thread of its own. It bounds nothing and decides nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


async def run_in_thread(function: Callable[[], T], *, name: str) -> T:
    """The function's result; it sees the caller's context variables.

    A cancelled caller leaves the thread to end by itself, and its result is dropped. The thread is
    a daemon of its own: one that hangs holds up neither the shared pool nor the end of Python.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()
    context = copy_context()

    def resolve(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def work() -> None:
        result, error = None, None
        try:
            result = context.run(function)
        except Exception as exc:  # noqa: BLE001 - handed to the caller, who awaits it
            error = _make_carriable(exc)
        except BaseException as exc:  # noqa: BLE001 - sys.exit() in a tool ends no kernel
            error = RuntimeError(f"{type(exc).__name__} was raised in a thread: {exc}")
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(resolve, result, error)

    threading.Thread(target=work, name=name, daemon=True).start()
    return await future


def _make_carriable(error: Exception) -> Exception:
    if isinstance(error, StopIteration):  # which no future may hold
        return RuntimeError(f"StopIteration was raised in a thread: {error}")
    return error
