"""Bounds and interrupts a read that a task awaits. It knows nothing of what is read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from inspect import iscoroutine
from typing import TypeVar

T = TypeVar("T")


class ReadGuard:
    """Made for one stream; lets anyone on its loop end the wait of the task that reads.

    It cancels that task and turns the cancellation back, as `asyncio.timeout` does, so that the
    source's own clean-up runs in the task that opened it and a real cancellation is never lost.
    One timer serves the whole stream: it looks at the deadline when it fires, not at each read.
    """

    __slots__ = ("_deadline", "_reason", "_task", "_timeout", "_timer")

    def __init__(self) -> None:
        self._task: asyncio.Task[object] | None = None
        self._reason: BaseException | None = None
        self._deadline: float | None = None
        self._timeout: Callable[[], BaseException] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def set_deadline(self, seconds: float | None, build_reason: Callable[[], Exception]) -> None:
        """From now, the reads together may take `seconds`; then the wait ends with the reason."""
        self._timeout = build_reason
        if seconds is None:
            self._deadline = None
            return
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + seconds
        if self._timer is not None and self._timer.when() > self._deadline:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = loop.call_at(self._deadline, self._on_timer)

    def clear(self) -> None:
        """Called once, when the stream ends."""
        self._deadline = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def interrupt(self, reason: BaseException) -> None:
        """End the read under way with `reason`; the next read, if there is none."""
        if self._reason is None:
            self._reason = reason
            if self._task is not None:
                self._task.cancel()

    def _take_reason(self) -> BaseException:
        reason, self._reason = self._reason, None
        assert reason is not None
        return reason

    async def read(self, awaitable: Awaitable[T]) -> T:
        """The result of `awaitable`. Raises the reason of an interruption."""
        if self._reason is not None:
            if iscoroutine(awaitable):
                awaitable.close()
            raise self._take_reason()
        task = self._task = asyncio.current_task()
        try:
            return await awaitable
        except BaseException:
            if self._reason is None or task is None:
                raise
            if task.uncancel() > 0:  # somebody cancelled this task as well: theirs goes first
                raise asyncio.CancelledError from None
            raise self._take_reason() from None
        finally:
            self._task = None

    def _on_timer(self) -> None:
        self._timer = None
        if self._deadline is None or self._timeout is None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() < self._deadline:
            self._timer = loop.call_at(self._deadline, self._on_timer)
        elif self._task is not None:
            self.interrupt(self._timeout())
        else:  # the consumer is busy with what it has: that is not the provider's silence
            self._timer = loop.call_later(0.05, self._on_timer)
