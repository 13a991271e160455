"""Passes on the chunks of a whole run, each the moment it comes, and ends the run exactly once.

It decides nothing about turns and tools; `run.py` does.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from dataclasses import replace
from typing import Any, TypeVar

from lauren_ai._agents.run import AgentRun
from lauren_ai._agents.types import AgentResponse
from lauren_ai._exceptions import LaurenAIError
from lauren_ai._streaming.read_guard import ReadGuard
from lauren_ai._streaming.request import OnNotice
from lauren_ai._streaming.retry import OnRetry
from lauren_ai._streaming.stream import CompletionStream
from lauren_ai._types import CompletionChunk

logger = logging.getLogger("lauren_ai")
T = TypeVar("T")


class _Closed(Exception):
    """The reason of a wait that `aclose()` ended."""


class _Chunks(AsyncIterator[CompletionChunk]):
    """What an `async for` holds and drops. From that very moment an approval counts no more, also
    one that is given before the loop's next turn: nobody would run the call."""

    __slots__ = ("_generator", "_withdraw")

    def __init__(
        self, generator: AsyncGenerator[CompletionChunk, None], withdraw: Callable[[], None]
    ) -> None:
        self._generator = generator
        self._withdraw = withdraw

    def __anext__(self) -> Awaitable[CompletionChunk]:
        return self._generator.__anext__()

    async def aclose(self) -> None:
        await self._generator.aclose()

    def __del__(self) -> None:
        self._withdraw()


class RunStream:
    """The chunks of one run. Made by a runner; nothing happens before the first chunk is asked for.

    Lifecycle: iterate it once with `async for`; `await` it before or not. Chunks of all turns come
    as the provider sends them, then one `pending_approval` chunk for each call that waits for a
    person. It ends in one final chunk with the run's `stop_reason` and `usage`, or raises the
    error of the run; `response` is there by then. Leaving the loop, cancelling the task or
    `aclose()` (from any task of the loop) closes the provider's connection at once, withdraws the
    approvals, and saves a history that the next run can use. `on_retry` and `on_notice` may
    be set before.
    """

    def __init__(self, run: AgentRun) -> None:
        self.on_retry: OnRetry | None = None
        self.on_notice: OnNotice | None = None
        self._run = run
        self._guard = ReadGuard()
        self._turn: CompletionStream | None = None
        self._iterating = False
        self._yielding = False  # suspended at a chunk: nobody waits, anybody may close
        self._closing = False
        self._ending: asyncio.Task[None] | None = None
        self._ended: asyncio.Event | None = None

    def __await__(self) -> Generator[Any, None, RunStream]:
        """`await runner.run_stream(…)` gives the stream itself: both spellings work."""
        return self
        yield

    def __aiter__(self) -> AsyncIterator[CompletionChunk]:
        # Nobody else holds this: leaving an `async for` drops it, and the loop's hook for dropped
        # generators ends the run in the loop's next turn.
        return _Chunks(self._iterate(), self._run.withdraw)

    async def __aenter__(self) -> RunStream:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    @property
    def agent_run_id(self) -> str:
        """What `approve_tool` and `reject_tool` ask for."""
        return self._run.context.agent_run_id

    @property
    def text(self) -> str:
        """The text of all turns so far; it stays after a failure or an interruption."""
        return self._run.text

    @property
    def response(self) -> AgentResponse:
        """The outcome, also of a run that was cut short (then `stop_reason` is "cancelled" or
        "error"). Raises LaurenAIError while the next chunk is awaited or wanted."""
        if self._run.response is not None:
            return self._run.response
        if self._yielding:  # just after a `break`, too: the run ends in a moment
            return self._run.build_response("cancelled", [])
        raise LaurenAIError(
            "The run has not ended: iterate it with `async for` first, or read `.text`."
        )

    async def aclose(self) -> None:
        """Stop at once. A reader in another task gets the final chunk with stop_reason
        "cancelled". Returns when the history is saved; after the end it does nothing."""
        self._closing = True
        if self._ending is None and self._iterating and not self._yielding:
            self._ended = self._ended or asyncio.Event()
            if self._turn is not None:
                await self._turn.aclose()
            else:
                self._guard.interrupt(_Closed())
            await self._ended.wait()
        if self._ending is None or not self._ending.done():  # else who ended it was told how
            await self._end("cancelled", None)

    async def _iterate(self) -> AsyncGenerator[CompletionChunk, None]:
        if self._ending is not None:
            return
        if self._iterating:
            raise LaurenAIError(
                "This stream is being iterated already; its chunks come once. Make another one."
            )
        self._iterating = True
        try:
            await self._wait(self._run.start)
            while self._run.stop_reason is None:
                turn = self._turn = await self._wait(self._open_turn)
                async for chunk in turn:
                    shown: CompletionChunk | None = chunk
                    if chunk.stop_reason is not None or chunk.tool_call_delta is not None:
                        shown = self._as_shown(chunk)
                    if shown is not None:
                        self._yielding = True
                        yield shown
                        self._yielding = False
                self._turn = None
                round_ = await self._wait(self._run.close_turn)
                if round_ is not None:
                    for pending in await self._wait(round_.prepare):
                        self._yielding = True
                        yield CompletionChunk(pending_approval=pending)
                        self._yielding = False
                    await self._wait(round_.execute)
                    await self._wait(self._run.end_round)
            await self._end(self._run.stop_reason, None)
        except _Closed:
            await self._end("cancelled", None)
        except (GeneratorExit, asyncio.CancelledError, KeyboardInterrupt) as exc:
            await self._end_failed("cancelled", exc)
            raise
        except BaseException as exc:
            await self._end_failed("error", exc)
            raise
        yield self._build_final()

    async def _open_turn(self) -> CompletionStream:
        return await self._run.open_turn(self.on_retry, self.on_notice)

    async def _wait(self, step: Callable[[], Awaitable[T]]) -> T:
        """A step of the run outside a response, which `aclose()` may end."""
        if self._closing:
            raise _Closed
        self._guard.check()
        return await self._guard.read(step())

    def _as_shown(self, chunk: CompletionChunk) -> CompletionChunk | None:
        """A call under the id that approvals and results know it by; of a turn's end only the
        content that came with it, which None is for none."""
        if (call := chunk.tool_call_delta) is not None:
            known = self._run.ids.get(call.tool_use_id)
            if known != call.tool_use_id:
                chunk = replace(chunk, tool_call_delta=replace(call, tool_use_id=known))
        if chunk.stop_reason is None:
            return chunk
        rest = replace(chunk, stop_reason=None, usage=None, provider_metadata=None)
        return None if rest == CompletionChunk() else rest

    async def _end(self, stop_reason: str, error: BaseException | None) -> None:
        """End the run, once; whoever comes later waits for the same end. A task of its own, so
        that a second interrupt while the history is saved does not lose it."""
        if self._ending is None:
            self._run.withdraw()
            self._ending = asyncio.ensure_future(self._run.finish(stop_reason, error))
        try:
            await asyncio.shield(self._ending)
        finally:
            self._guard.clear()
            if self._ended is not None:
                self._ended.set()

    async def _end_failed(self, stop_reason: str, error: BaseException) -> None:
        """End the run without hiding what ended it."""
        try:
            await self._end(stop_reason, error)
        except Exception as failure:
            if failure is not error:
                logger.exception("The run %s could not be ended well.", self.agent_run_id)

    def _build_final(self) -> CompletionChunk:
        response, last = self._run.response, self._run.last
        assert response is not None
        return CompletionChunk(
            stop_reason=response.stop_reason,
            usage=response.total_usage,
            provider_metadata=(last.provider_metadata or None) if last is not None else None,
        )
