"""Which failures are repeated, when, and that no text comes twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from lauren_ai import LLMService, TransportError
from lauren_ai._http.advice import get_retry_after
from lauren_ai._streaming.retry import get_retry_delay
from lauren_ai.errors import (
    AuthTransportError,
    RateLimitTransportError,
    StreamTruncatedError,
    TransientTransportError,
)
from lauren_ai.types import RetryNotice
from tests.servers import FakeAnthropic, text
from tests.support.wired import GO, Wired

NOW = {"retry-after-ms": "1"}


@pytest.fixture
async def retrying(wired: Wired) -> AsyncIterator[LLMService]:
    service = wired.build(max_retries=2)
    yield service
    await service.close()


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
async def test_a_transient_status_is_repeated(
    wired: Wired, retrying: LLMService, status: int
) -> None:
    wired.server.queue(wired.server.error(status, "later", headers=NOW))
    wired.server.reply(text("Hello"))
    assert (await retrying.complete(GO)).content == "Hello"
    assert len(wired.server.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
async def test_a_refusal_is_not_repeated(wired: Wired, retrying: LLMService, status: int) -> None:
    wired.server.queue(wired.server.error(status, "no", headers=NOW))
    with pytest.raises(TransportError):
        await retrying.complete(GO)
    assert len(wired.server.requests) == 1


async def test_it_gives_up_after_max_retries_and_tells_of_each(
    wired: Wired, retrying: LLMService
) -> None:
    wired.server.default = wired.server.error(429, "slow down", headers=NOW)
    notices: list[RetryNotice] = []
    with pytest.raises(RateLimitTransportError, match="slow down"):
        await retrying.complete(GO, on_retry=notices.append)
    assert len(wired.server.requests) == 3
    assert [(n.attempt, n.attempts, n.delay) for n in notices] == [(2, 3, 0.001), (3, 3, 0.001)]
    assert all(isinstance(n.error, RateLimitTransportError) for n in notices)


async def test_an_error_event_before_any_text_is_repeated(
    wired: Wired, retrying: LLMService
) -> None:
    """Anthropic says that it is overloaded inside a stream with status 200."""
    script = wired.server.script(text("Hello"))
    at = 0 if wired.name == "openai" else 2
    wired.server.queue(
        script.with_event(0, wired.server.error_event()),
        script.with_event(at, wired.server.error_event()),
    )
    wired.server.queue(script)
    completion = await retrying.complete(GO)
    assert completion.content == "Hello"
    assert len(wired.server.requests) == 3


@pytest.mark.parametrize("end", ["close", "reset"])
async def test_a_connection_lost_before_any_text_is_repeated(
    wired: Wired, retrying: LLMService, end: str
) -> None:
    script = wired.server.script(text("Hello"))
    wired.server.queue(script.cut_at_event(1, end=end), script)  # type: ignore[arg-type]
    assert (await retrying.complete(GO)).content == "Hello"


async def test_no_text_comes_twice(wired: Wired, retrying: LLMService) -> None:
    script = wired.server.script(text(["Hello", " there"]))
    at = next(i for i, event in enumerate(script.events) if b"Hello" in event) + 1
    wired.server.queue(script.with_event(at, wired.server.error_event()), script)
    seen = ""
    stream = retrying.complete_stream(GO)
    with pytest.raises(TransientTransportError) as caught:
        async for chunk in stream:
            seen += chunk.delta
    assert seen == caught.value.partial_text == stream.completion.content == "Hello"
    assert len(wired.server.requests) == 1


async def test_the_failed_attempts_usage_and_blocks_are_forgotten(
    anthropic_server: FakeAnthropic,
) -> None:
    from lauren_ai import LLMConfig

    script = anthropic_server.script(text("x"), usage={"input_tokens": 999}, id="msg_first")
    anthropic_server.queue(script.with_event(2, anthropic_server.error_event()))
    anthropic_server.reply(text("Hello"), id="msg_second")
    config = LLMConfig.for_anthropic("m", api_key="k", base_url=anthropic_server.base_url)
    service = LLMService.from_config(config)
    completion = await service.complete(GO)
    assert completion.id == "msg_second"
    assert completion.usage is not None
    assert completion.usage.input_tokens == 25
    await service.close()


async def test_a_wait_of_over_a_minute_is_told_not_waited(
    wired: Wired, retrying: LLMService
) -> None:
    wired.server.queue(wired.server.error(429, "daily limit", headers={"retry-after": "3600"}))
    with pytest.raises(RateLimitTransportError, match="60 min, at ") as caught:
        await retrying.complete(GO)
    assert caught.value.retry_after == 3600


async def test_cancelling_the_wait_for_a_retry_ends_at_once(
    wired: Wired, retrying: LLMService
) -> None:
    wired.server.queue(wired.server.error(429, headers={"retry-after": "50"}))
    waiting = asyncio.Event()
    stream = retrying.complete_stream(GO, on_retry=lambda notice: waiting.set())

    async def consume() -> None:
        async for _ in stream:
            pass

    task = asyncio.create_task(consume())
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stream.completion.stop_reason == "cancelled"


async def test_an_error_in_on_retry_reaches_the_caller(wired: Wired, retrying: LLMService) -> None:
    wired.server.queue(wired.server.error(503, headers=NOW))

    def broken(notice: RetryNotice) -> None:
        raise ZeroDivisionError

    stream = retrying.complete_stream(GO, on_retry=broken)
    with pytest.raises(ZeroDivisionError):
        async for _ in stream:
            pass
    assert stream.completion.stop_reason == "error"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Mon, 01 Jan 0001 00:00:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "Mon, 99 Foo 99999999999999999999 00:00:00 GMT"}, None),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
        ({"retry-after": "nan"}, 0.0),
    ],
)
def test_the_providers_own_wait_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert get_retry_after(headers) == seconds


@pytest.mark.parametrize(
    "date",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 -0000",
    ],
)
def test_every_form_of_an_http_date_is_in_utc(date: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        monkeypatch.setattr("lauren_ai._http.advice.time", lambda: 784111777 - 20)
        assert get_retry_after({"retry-after": date}) == 20
    finally:
        monkeypatch.undo()
        time.tzset()


def test_without_a_providers_word_the_wait_doubles_up_to_eight_seconds() -> None:
    error = TransientTransportError("busy")
    for attempt, longest in enumerate([0.5, 1, 2, 4, 8, 8, 8], start=1):
        delay = get_retry_delay(error, attempt=attempt, retries=9)
        assert delay is not None
        assert 0.75 * longest <= delay <= longest


@pytest.mark.parametrize(
    ("error", "delay"),
    [
        (AuthTransportError("no"), None),
        (TransportError("no"), None),
        (TransientTransportError("x", retry_after=60), 60),
        (TransientTransportError("x", retry_after=60.1), None),
        (TransientTransportError("x", retry_after=float("inf")), None),
        (StreamTruncatedError("x", retry_after=0), 0),
    ],
)
def test_what_is_repeated(error: TransportError, delay: float | None) -> None:
    assert get_retry_delay(error, attempt=1, retries=1) == delay
    assert get_retry_delay(error, attempt=2, retries=1) is None
