"""Time limits and interruptions of a stream's reads, over real connections where they count."""

from __future__ import annotations

import asyncio
import time

import pytest

from lauren_ai import LLMConfig, LLMService, Timeouts
from lauren_ai._streaming.read_guard import ReadGuard
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import TransientTransportError
from tests.servers import PING, text
from tests.support.wired import GO, Wired, collect

PING_COMMENT = b": ping\n\n"


class Reason(Exception):
    """Why a test ended a read."""


def limits(**seconds: float | None) -> dict[str, Timeouts]:
    none: dict[str, float | None] = {"connect": 5.0, "first_token": 5.0, "idle": 5.0}
    return {"timeouts": Timeouts(**{**none, **seconds})}  # type: ignore[arg-type]


async def test_no_response_in_time_is_a_transient_error(wired: Wired) -> None:
    wired.server.queue(wired.server.script().hanging())
    with pytest.raises(TransientTransportError, match="sent nothing"):
        await collect(wired.stream(request_options=limits(first_token=0.5)))
    assert await wired.last_request.client_closed()


async def test_pings_before_the_first_word_show_that_a_model_thinks(wired: Wired) -> None:
    """Anthropic's pings while the thinking is not displayed, OpenRouter's comments while a request
    is processed: for minutes, longer than any wait for content."""
    ping = PING if wired.name == "anthropic" else PING_COMMENT
    script = wired.server.script(text("late"))
    for _ in range(12):
        script = script.with_event(1, ping)
    wired.server.queue(script.paced(10))
    chunks = await collect(wired.stream(request_options=limits(first_token=0.7)))
    assert "".join(chunk.delta for chunk in chunks) == "late"
    assert len(wired.server.requests) == 1


async def test_a_request_that_our_limit_ended_is_never_sent_again_by_itself(wired: Wired) -> None:
    """It is billed: a model that thought for over a minute was asked four times."""
    for _ in range(3):
        wired.server.queue(wired.server.script().hanging())
    service = wired.build(max_retries=2)
    with pytest.raises(TransientTransportError, match="was not asked again") as caught:
        await service.complete(GO, request_options=limits(first_token=0.3))
    assert caught.value.is_out_of_time and len(wired.server.requests) == 1
    await service.close()


async def test_loading_the_sdk_counts_toward_no_limit() -> None:
    class Slow(MockTransport):
        is_loaded = False

        async def load(self) -> None:
            await asyncio.sleep(0.3)
            self.is_loaded = True

    transport = Slow()
    transport.queue_response("Hello")
    service = LLMService(transport, LLMConfig("mock", "m", timeout=0.1))
    assert (await service.complete(GO)).content == "Hello"


async def test_pings_do_not_put_off_the_idle_limit_and_the_text_is_kept(wired: Wired) -> None:
    ping = PING if wired.name == "anthropic" else PING_COMMENT
    script = wired.server.script(text(["Hello", "never"]))
    at = next(i for i, event in enumerate(script.events) if b"never" in event)
    for _ in range(200):
        script = script.with_event(at, ping)
    wired.server.queue(script.paced(100))
    stream = wired.stream(request_options=limits(idle=0.3))
    with pytest.raises(TransientTransportError, match="went silent") as caught:
        await collect(stream)
    assert caught.value.partial_text == stream.text == "Hello"
    assert caught.value.request_id == "req_test"
    assert await wired.last_request.client_closed()


async def test_the_total_limit_ends_an_answer_that_never_pauses(wired: Wired) -> None:
    wired.server.queue(wired.server.script(text(["a"] * 10_000)).paced(100))
    stream = wired.stream(request_options=limits(total=2))
    with pytest.raises(TransientTransportError):
        await collect(stream)
    assert stream.text.startswith("a")
    assert await wired.last_request.client_closed()


async def test_the_connect_limit_bounds_the_connection(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*args: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", never)
    with pytest.raises(TransientTransportError, match="No connection"):
        await collect(wired.stream(request_options=limits(connect=0.1)))
    assert wired.server.requests == []


async def test_a_slow_consumer_is_no_silent_provider(wired: Wired) -> None:
    wired.server.reply(text("a b c"))
    seen = ""
    async for chunk in wired.stream(request_options=limits(first_token=5, idle=0.1)):
        seen += chunk.delta
        await asyncio.sleep(0.15)
    assert seen == "a b c"


async def test_a_blocked_event_loop_is_no_silent_provider(wired: Wired) -> None:
    """In a notebook another cell may hold the loop for longer than the limit."""
    import threading

    gate = threading.Event()
    script = wired.server.script(text(["a", "b"]))
    at = next(i for i, event in enumerate(script.events) if b'"b"' in event)
    wired.server.queue(script.gated(at, gate))
    limit = 0.3

    def block() -> None:
        gate.set()
        time.sleep(LATE)  # the answer comes meanwhile, and waits in the socket

    async for chunk in wired.stream(request_options=limits(idle=limit)):
        if chunk.delta == "a":
            asyncio.get_running_loop().call_later(0.05, block)
    assert chunk.stop_reason == "end_turn"


LATE = 1.0


async def test_a_limit_that_passes_while_a_retry_waits_does_not_count(wired: Wired) -> None:
    wired.server.queue(wired.server.error(503, headers={"retry-after": "2"}))
    wired.server.reply(text("Hello"))
    service = wired.build(max_retries=1)
    options = limits(first_token=1.5)
    completion = await service.complete(GO, request_options=options)
    assert completion.content == "Hello"
    await service.close()


async def test_a_retry_that_could_only_start_after_the_total_limit_is_not_waited_for(
    wired: Wired,
) -> None:
    wired.server.queue(wired.server.error(503, "busy", headers={"retry-after": "30"}))
    service = wired.build(max_retries=1)
    with pytest.raises(TransientTransportError, match="busy"):
        await service.complete(GO, request_options=limits(total=5))
    await service.close()


async def test_an_interruption_raises_its_reason_and_leaves_the_task_uncancelled() -> None:
    guard = ReadGuard()
    asyncio.get_running_loop().call_later(0.01, guard.interrupt, Reason())
    with pytest.raises(Reason):
        await guard.read(asyncio.Event().wait())
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    await asyncio.sleep(0)  # no cancellation is left over


async def test_an_interruption_between_reads_meets_the_next_check() -> None:
    guard = ReadGuard()
    guard.interrupt(Reason())
    with pytest.raises(Reason):
        guard.check()
    guard.check()


async def test_a_cancellation_beside_an_interruption_wins() -> None:
    guard = ReadGuard()
    task = asyncio.create_task(guard.read(asyncio.Event().wait()))
    await asyncio.sleep(0)
    guard.interrupt(Reason())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def test_a_read_that_swallows_the_cancellation_is_interrupted_all_the_same() -> None:
    guard = ReadGuard()

    async def stubborn() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "swallowed"
        raise AssertionError

    asyncio.get_running_loop().call_later(0.01, guard.interrupt, Reason())
    with pytest.raises(Reason):
        await guard.read(stubborn())
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_a_cleared_guard_leaves_no_timer() -> None:
    guard = ReadGuard()
    guard.set_deadline(0.01, Reason)
    guard.clear()
    await guard.read(asyncio.sleep(0.05))


async def test_each_deadline_replaces_the_one_before_also_by_an_earlier_one() -> None:
    guard = ReadGuard()
    guard.set_deadline(30, Reason)
    guard.set_deadline(0.01, Reason)
    with pytest.raises(Reason):
        await guard.read(asyncio.Event().wait())
    guard.set_deadline(0.01, Reason)
    guard.set_deadline(None, Reason)
    await guard.read(asyncio.sleep(0.05))
    guard.clear()
