"""Bounds and interrupts a read that a task awaits. It knows nothing of what is read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

#: Seconds between looks at a deadline that passed while nobody read.
BUSY_POLL_S = 0.05
#: A timer this late (seconds) tells that the event loop itself was held up.
LATE_S = 0.5


class ReadGuard:
    """Made for one stream; lets anyone on its loop end the wait of the task that reads.

    It cancels that task and turns the cancellation back, as `asyncio.timeout` does, so that the
    source's own clean-up runs in the task that opened it and a real cancellation is never lost.
    One timer serves the whole stream: it looks at the deadline when it fires, not at each read.
    """

    __slots__ = ("_deadline", "_loop", "_reason", "_task", "_timeout", "_timer")

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
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
        loop = self._loop
        if loop is None:
            loop = self._loop = asyncio.get_running_loop()
        deadline = self._deadline = loop.time() + seconds
        if self._timer is not None:
            if self._timer.when() <= deadline:
                return
            self._timer.cancel()
        self._timer = loop.call_at(deadline, self._on_timer)

    def clear(self) -> None:
        """Called once, when the stream ends."""
        self._deadline = self._timeout = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def interrupt(self, reason: BaseException) -> None:
        """End the read under way with `reason`; the next read, if there is none."""
        if self._reason is None:
            self._reason = reason
            if self._task is not None:
                self._task.cancel()

    def check(self) -> None:
        """Raises the reason of an interruption that no read has met yet."""
        if self._reason is not None:
            reason, self._reason = self._reason, None
            raise reason

    async def read(self, awaitable: Awaitable[T]) -> T:
        """The result of `awaitable`. Raises the reason of an interruption; `check` comes first,
        so that no awaitable is made in vain."""
        task = self._task = asyncio.current_task()
        try:
            result = await awaitable
        except (Exception, asyncio.CancelledError):
            if self._reason is None or task is None:
                raise
            if task.uncancel() > 0:  # somebody cancelled this task as well: theirs goes first
                raise asyncio.CancelledError from None
        else:
            if self._reason is None or task is None:
                return result
            task.uncancel()  # the read was over, or swallowed the cancellation
        finally:
            self._task = None
        reason, self._reason = self._reason, None
        raise reason

    def _on_timer(self) -> None:
        self._timer = None
        loop = self._loop
        if self._deadline is None or self._timeout is None or loop is None:
            return
        late = loop.time() - self._deadline
        if late < 0:
            self._timer = loop.call_at(self._deadline, self._on_timer)
        elif late > LATE_S:  # what came meanwhile is still unread: look at it first
            self._deadline = loop.time() + LATE_S
            self._timer = loop.call_at(self._deadline, self._on_timer)
        elif self._task is not None:
            self.interrupt(self._timeout())
        else:  # the consumer is busy with what it has: that is not the provider's silence
            self._timer = loop.call_later(BUSY_POLL_S, self._on_timer)


def is_cancelled() -> bool:
    """Whether the CancelledError at hand is meant for this task: then it must be raised again.
    A user's code that awaits a cancelled future raises one that is its own affair."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0
