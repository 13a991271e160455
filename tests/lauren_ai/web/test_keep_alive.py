"""A silent stream is kept alive by comments that disturb nobody. Real uvicorn, real sockets."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import httpx
import pytest
from lauren import get

from lauren_ai._http.sse import SSEDecoder
from lauren_ai.web import EventStream
from tests.support.web_app import build_app, serve

COMMENT = b": keep-alive\n\n"


class Slow:
    """A source that waits until the test lets it go on, and tells how it ended."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.ended: list[str] = []
        self.closed = threading.Event()

    async def generate(self) -> AsyncIterator[str]:
        try:
            yield "one"
            async with asyncio.timeout(30):  # left by the task that entered it, or it fails
                while not self.gate.is_set():
                    await asyncio.sleep(0.005)
                yield "two"
            self.ended.append("whole")
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        finally:
            self.closed.set()


def build_controller(slow: Slow, keep_alive_s: float | None) -> type:
    class Answers:
        @get("/slow")
        async def slow(self) -> AsyncIterator[str]:
            return EventStream(slow.generate(), keep_alive_s=keep_alive_s)

    return Answers


async def test_comments_fill_the_silence_and_the_source_goes_on() -> None:
    slow = Slow()
    data = b""
    with serve(build_app(build_controller(slow, 0.02), imports=[])) as url:
        async with (
            httpx.AsyncClient(timeout=10) as client,
            client.stream("GET", f"{url}/slow") as response,
        ):
            async for part in response.aiter_raw():
                data += part
                if data.count(COMMENT) >= 3:
                    slow.gate.set()
    assert data.startswith(b"data: one\n\n" + COMMENT)
    assert [event.text for event in SSEDecoder().feed(data)] == ["one", "two"]
    assert slow.ended == ["whole"]


async def test_a_client_that_leaves_in_the_silence_stops_the_source() -> None:
    slow = Slow()
    with serve(build_app(build_controller(slow, 0.02), imports=[])) as url:
        async with (
            httpx.AsyncClient(timeout=10) as client,
            client.stream("GET", f"{url}/slow") as response,
        ):
            async for part in response.aiter_raw():
                if COMMENT in part:
                    break
        assert await asyncio.to_thread(slow.closed.wait, 10)
    assert slow.ended == ["cancelled"]


async def test_no_comment_where_they_are_turned_off() -> None:
    slow = Slow()
    threading.Timer(0.2, slow.gate.set).start()
    with serve(build_app(build_controller(slow, None), imports=[])) as url:
        async with httpx.AsyncClient(timeout=10) as client:
            assert (await client.get(f"{url}/slow")).content == b"data: one\n\ndata: two\n\n"


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_an_interval_that_means_nothing_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="keep_alive_s"):
        EventStream(Slow().generate(), keep_alive_s=seconds)
