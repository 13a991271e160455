"""One streamed response, from its first attempt to its end. It knows no provider."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Generator
from dataclasses import replace
from typing import Any

from lauren_ai._config import Timeouts
from lauren_ai._exceptions import (
    LaurenAIError,
    StreamTruncatedError,
    TransientTransportError,
    TransportError,
)
from lauren_ai._pricing import Counts
from lauren_ai._secrets.redaction import hide_frames
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._streaming.estimate import CostMeter, estimate_prompt, estimate_usage
from lauren_ai._streaming.read_guard import ReadGuard
from lauren_ai._streaming.request import (
    CompletionRequest,
    Loadable,
    OnNotice,
    Profiled,
    Transport,
)
from lauren_ai._streaming.retry import OnRetry, RetryNotice, get_retry_delay
from lauren_ai._types import Completion, CompletionChunk

logger = logging.getLogger("lauren_ai")


class _Closed(Exception):
    """The reason of a read that `aclose()` ended."""


class _TooExpensive(Exception):
    """The answer has passed its limit of cost."""


class CompletionStream:
    """The chunks of one response. Made by `LLMService`; nothing is sent before the first chunk
    is asked for.

    Lifecycle: iterate it once with `async for`. It ends in exactly one final chunk, which carries
    `stop_reason` and `usage`, or raises one TransportError that carries the partial text. Leaving
    the loop, cancelling the task or `aclose()` (from any task of the loop) closes the connection
    at once. In all cases `text` has what came, and `completion` the whole once it has ended.
    Attempts that fail before anything was shown are repeated, as `LLMConfig.max_retries` says.
    """

    def __init__(
        self,
        transport: Transport,
        request: CompletionRequest,
        *,
        timeouts: Timeouts,
        retries: int,
        on_retry: OnRetry | None = None,
        on_notice: OnNotice | None = None,
    ) -> None:
        self._transport = transport
        self.request = replace(request, on_notice=self._note)
        self._timeouts = timeouts
        self._retries = retries
        self.on_retry = on_retry
        self.on_notice = on_notice
        self._guard = ReadGuard()
        self._source: AsyncGenerator[list[CompletionChunk], None] | None = None
        self._snapshot = Accumulator(provider=transport.provider, model=request.model)
        self._completion: Completion | None = None
        self._iterating = False
        self._yielding = False  # suspended at a chunk: nobody reads, anybody may close
        self._shown = False  # a chunk was seen: nothing may be repeated
        self._attempt = 1
        self._is_out_of_time = False
        #: What the request takes, where who asked before knows it; else it is estimated.
        self.prompt: Counts | None = None
        #: US dollars that it may cost. Set it before the first chunk is asked for: where it may
        #: cost more it warns, and when it does it ends with the stop reason "budget_exceeded".
        self.limit_usd: float | None = None
        self._meter: CostMeter | None = None
        self._closing = asyncio.Lock()
        self._started: float | None = None
        self._ended: asyncio.Event | None = None

    def __await__(self) -> Generator[Any, None, CompletionStream]:
        """`await llm.complete_stream(…)` gives the stream itself: both spellings work."""
        return self
        yield

    def __aiter__(self) -> AsyncIterator[CompletionChunk]:
        # Nobody else holds this generator: leaving an `async for` drops it, and the loop's hook
        # for dropped generators closes the connection at once.
        return self._iterate()

    async def __aenter__(self) -> CompletionStream:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    @property
    def text(self) -> str:
        """The answer's text so far; whatever came before a failure or an interruption stays."""
        return self._snapshot.text

    @property
    def completion(self) -> Completion:
        """The whole response, or what there is of it after an early end (then `stop_reason` is
        "cancelled" or "error"). Raises LaurenAIError while the next chunk is awaited or wanted."""
        if self._completion is not None:
            return self._completion
        if self._yielding:  # just after a `break`, too: the connection closes in a moment
            return self._build_completion()
        raise LaurenAIError(
            "The stream has not ended: iterate it with `async for` first, or read `.text`."
        )

    async def aclose(self) -> None:
        """Stop at once and close the connection. A reader in another task gets the final chunk
        with stop_reason "cancelled". Calling it again, or after the end, does nothing."""
        if self._completion is None and self._iterating and not self._yielding:
            self._ended = self._ended or asyncio.Event()
            self._guard.interrupt(_Closed())
            await self._ended.wait()
        self._finish("cancelled")
        await self._close_source()

    async def _iterate(self) -> AsyncGenerator[CompletionChunk, None]:
        if self._completion is not None:
            return
        if self._iterating:
            raise LaurenAIError(
                "This stream is being iterated already; its chunks come once. Make another one."
            )
        self._iterating = True
        ending = "error"
        try:
            while (batch := await self._read()) is not None:
                self._yielding = True
                for chunk in batch:
                    yield chunk
                self._yielding = False
                self._check_cost(batch)
        except _Closed:
            self._finish("cancelled")
            if not self._snapshot.is_complete:
                yield CompletionChunk(stop_reason="cancelled", usage=self.completion.usage)
        except _TooExpensive:
            self._finish("budget_exceeded")
            await self._close_source()
            yield CompletionChunk(stop_reason="budget_exceeded", usage=self.completion.usage)
        except GeneratorExit:
            ending = "cancelled"
            raise
        except (asyncio.CancelledError, KeyboardInterrupt) as exc:
            ending = "cancelled"
            raise hide_frames(exc) from None
        except Exception as exc:  # noqa: BLE001 - raised again, without what its frames hold
            raise hide_frames(exc) from None
        finally:
            self._finish(ending)
            await self._close_source()

    async def _read(self) -> list[CompletionChunk] | None:
        """The chunks of the next read that has any, or None at the end. An attempt that failed
        before it showed something is repeated here."""
        error: TransportError
        while True:
            if self._completion is not None:
                raise _Closed
            if (source := self._source) is None:
                await self._load()
                if self._attempt == 1:
                    self._begin_meter()
                source = self._open()
            else:
                self._limit(self._timeouts.idle)
            try:
                while True:
                    self._guard.check()
                    batch = await self._guard.read(source.__anext__())
                    if batch:
                        self._shown = True
                        return batch
                    # A ping, say: the line lives. A model may think long before its first word;
                    # later the limit stays, as a ping is no answer.
                    if not self._shown:
                        self._limit(self._timeouts.first_token)
            except StopAsyncIteration:
                error = self._build_truncated()
            except TransportError as exc:
                error = exc
            if self._snapshot.is_complete:  # what happens after the end changes nothing
                return None
            await self._wait_to_retry(error)

    def _check_cost(self, batch: list[CompletionChunk]) -> None:
        snapshot = self._snapshot
        if self._meter is None or snapshot.is_complete:
            return
        if self._meter.add(batch, snapshot.usage):
            raise _TooExpensive

    def _begin_meter(self) -> None:
        """Warn of a request that may pass its limit, and watch it. It goes by estimates, and by the
        provider's own counts where it tells them at the start."""
        if self.limit_usd is None:
            return
        meter = self._meter = CostMeter(self.limit_usd, self.request.model, self._get_prompt())
        most = self.request.max_tokens
        if most is None and isinstance(self._transport, Profiled):
            most = self._transport.get_profile(self.request.model).max_output
        if most is None or (usd := meter.get_most(most)) <= meter.limit_usd:
            return
        self._note(
            f"This request may cost up to ${usd:.2f}, with an answer of {most:,} tokens: more than "
            f"the ${meter.limit_usd:.4f} that the limit leaves. It is stopped when it does."
        )

    def _get_prompt(self) -> Counts:
        return self.prompt or estimate_prompt(self.request)

    async def _wait_to_retry(self, error: TransportError) -> None:
        """Raises `error` where the text would come twice, or when it is time to give up."""
        delay = None if self._shown else self._get_delay(error)
        if delay is None:
            raise error
        if self.on_retry is not None:
            self.on_retry(
                RetryNotice(
                    error=error, delay=delay, attempt=self._attempt + 1, attempts=self._retries + 1
                )
            )
        await self._close_source()
        self._limit(None)
        self._guard.check()
        await self._guard.read(asyncio.sleep(0 if error.is_replayed else delay))
        self._attempt += 1

    def _get_delay(self, error: TransportError) -> float | None:
        delay = get_retry_delay(error, attempt=self._attempt, retries=self._retries)
        left = self._get_time_left()
        return None if delay is None or (left is not None and delay >= left) else delay

    def _note(self, text: str) -> None:
        if self.on_notice is None:
            logger.warning(text)
        else:
            self.on_notice(text)

    async def _load(self) -> None:
        """Import what the transport needs, which counts toward no limit."""
        if isinstance(self._transport, Loadable) and not self._transport.is_loaded:
            self._guard.check()
            await self._guard.read(self._transport.load())

    def _open(self) -> AsyncGenerator[list[CompletionChunk], None]:
        self._snapshot = Accumulator(provider=self._transport.provider, model=self.request.model)
        self._source = self._transport.stream(self.request, self._snapshot)
        self._limit(self._timeouts.first_token)
        return self._source

    async def _close_source(self) -> None:
        # A reader that leaves and an `aclose()` may both be here: one closes, the other waits.
        async with self._closing:
            if self._source is not None:
                await self._source.aclose()
                self._source = None

    def _get_time_left(self) -> float | None:
        """Seconds of the total limit, which begins with the first attempt."""
        total = self._timeouts.total
        if total is None:
            return None
        now = asyncio.get_running_loop().time()
        if self._started is None:
            self._started = now
        return self._started + total - now

    def _limit(self, seconds: float | None) -> None:
        """What is left of the total bounds every other limit."""
        left = self._get_time_left()
        if left is not None:
            seconds = left if seconds is None else min(seconds, left)
        self._guard.set_deadline(seconds, self._build_timeout)

    def _build_completion(self, ending: str = "cancelled") -> Completion:
        """What there is; of a request that was cut off, what it may have used."""
        completion = self._snapshot.build_completion(ending=ending)
        began = bool(self._snapshot.blocks or self._snapshot.id)
        stopped = ending in ("cancelled", "budget_exceeded") or self._is_out_of_time
        is_waited_for = self._source is not None and stopped
        if not self._snapshot.is_complete and (began or is_waited_for):
            completion.usage = estimate_usage(self._get_prompt(), self._snapshot)
        return completion

    def _build_timeout(self) -> TransportError:
        what = "went silent" if self._shown else "sent nothing"
        limits = self._timeouts
        error = TransientTransportError(
            f"{self._transport.provider} {what} for too long (limits: first token "
            f"{limits.first_token} s, silence {limits.idle} s, total {limits.total} s). It was not "
            "asked again, as the request is billed. Ask again, or raise `timeout` in LLMConfig.",
            provider=self._transport.provider,
            request_id=self._snapshot.request_id,
            partial_text=self._snapshot.text,
        )
        error.is_out_of_time = self._is_out_of_time = True
        return error

    def _build_truncated(self) -> TransportError:
        return StreamTruncatedError(
            f"{self._transport.provider}'s answer has no final chunk, so it is not complete.",
            provider=self._transport.provider,
            request_id=self._snapshot.request_id,
            partial_text=self._snapshot.text,
        )

    def _finish(self, ending: str) -> None:
        """Fix the outcome, once: `ending` counts where the provider did not end the response."""
        if self._completion is not None:
            return
        self._guard.clear()
        self._completion = self._build_completion(ending)
        if self._ended is not None:
            self._ended.set()
