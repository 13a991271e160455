"""Streams reach a web client as they come, and stop when it leaves. Real uvicorn, real sockets."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from lauren import ServerSentEvent, get
from lauren.testing import TestClient as LaurenClient

from lauren_ai import (
    CompletionChunk,
    LLMConfig,
    PendingApproval,
    TransportError,
)
from lauren_ai._http.sse import SSEDecoder
from lauren_ai._transport._mock import MockTransport
from lauren_ai.web import EventStream, LLMModule
from lauren_ai.web._framing import frame
from tests.servers import FakeAnthropic, text
from tests.support.web_app import Answers, build_app, serve

KEY = "sk-ant-secret-0123456789"


@pytest.fixture
def provider(anthropic_server: FakeAnthropic) -> FakeAnthropic:
    return anthropic_server


@pytest.fixture
def address(provider: FakeAnthropic) -> Iterator[str]:
    config = LLMConfig.for_anthropic(
        "claude-test", api_key=KEY, base_url=provider.base_url, max_retries=0
    )
    with serve(build_app(Answers, imports=[LLMModule.for_root(config)])) as url:
        yield url


async def read_events(response: httpx.Response) -> AsyncIterator[tuple[str, str]]:
    """Each event's name and data, as a browser would see them."""
    decoder = SSEDecoder()
    async for data in response.aiter_raw():
        for event in decoder.feed(data):
            yield event.event, event.text


async def get_events(url: str) -> list[tuple[str, str]]:
    async with httpx.AsyncClient() as client, client.stream("GET", url) as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        return [event async for event in read_events(response)]


def serve_source(*items: Any) -> type:
    """A controller whose stream has these items; an exception among them is raised."""

    class Items:
        @get("/items")
        async def items(self) -> AsyncIterator[str]:
            async def generate() -> AsyncIterator[Any]:
                for item in items:
                    if isinstance(item, Exception):
                        raise item
                    yield item

            return EventStream(generate())

    return Items


async def test_each_delta_arrives_before_the_provider_sends_the_next(
    provider: FakeAnthropic, address: str
) -> None:
    gates = [threading.Event() for _ in range(3)]
    script = provider.script(text(["one", " two", " three"]))
    for number, gate in enumerate(gates):
        script = script.gated(3 + number, gate)
    provider.queue(script)
    gates[0].set()
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", f"{address}/answer") as response,
    ):
        events = read_events(response)
        assert await anext(events) == ("message", "one")
        gates[1].set()
        assert await anext(events) == ("message", " two")
        gates[2].set()
        assert await anext(events) == ("message", " three")
        assert [event async for event in events] == [("message", "[DONE]")]


DELTAS = ["a\nb", "\n", "\n\n", "x\n\ny", "end\n", " lead", "data: q", "p\ndata: q", "ü\u2028z"]
HOSTILE = ["a\n\nevent: error\ndata: gotcha", "b\n\ndata: [DONE]", "\nid: 7\nretry: 1\n\n:c\n\n"]


async def test_deltas_arrive_whole_whatever_is_in_them(
    provider: FakeAnthropic, address: str
) -> None:
    provider.reply(text([*DELTAS, *HOSTILE]))
    events = await get_events(f"{address}/answer")
    assert events == [("message", delta) for delta in (*DELTAS, *HOSTILE, "[DONE]")]


def test_a_carriage_return_is_a_line_break_for_every_client() -> None:
    assert frame("data: a\r\nb\rc\n\n") == b"data: a\ndata: b\ndata: c\n\n"
    assert frame("a\r\nb\rc") == b"data: a\ndata: b\ndata: c\n\n"


@pytest.mark.parametrize(
    ("item", "framed"),
    [
        ("data: [DONE]\n\n", "data: [DONE]\n\n"),
        ("data:close\n\n", "data: close\n\n"),
        ("data: \n\n", "data: \n\n"),
        ("event: token\nid: 3\ndata: x\n\n", "event: token\nid: 3\ndata: x\n\n"),
        ("event: token\ndata: x\ny\n\n", "event: token\ndata: x\ndata: y\n\n"),
        ("event: token\r\ndata: x\r\n\r\n", "event: token\ndata: x\n\n"),
        (": ping\n\n", ": ping\n\n"),
        ("retry: 500\n\n", "retry: 500\n\n"),
        ("plain", "data: plain\n\n"),
        ("plain\nlines", "data: plain\ndata: lines\n\n"),
        ("ends blank\n\n", "data: ends blank\ndata: \ndata: \n\n"),
        ("data: no frame", "data: data: no frame\n\n"),
        ("", "data: \n\n"),
        (b"data: a\ndata: b\n\n", "data: a\ndata: b\n\n"),
        (ServerSentEvent(data="a\rb", event="e"), "event: e\ndata: a\ndata: b\n\n"),
        (ServerSentEvent(comment="hi"), ": hi\n\n"),
        ({"event": "e", "data": {"n": 1}}, 'event: e\ndata: {"n":1}\n\n'),
        ({"event": "e\ndata: x", "data": "y"}, "event: e data: x\ndata: y\n\n"),
        ({"n": 1}, 'data: {"n":1}\n\n'),
        ([1, "ü"], 'data: [1,"ü"]\n\n'),
    ],
)
def test_an_item_is_framed_once(item: object, framed: str) -> None:
    assert frame(item).decode() == framed


def test_a_chunk_that_waits_for_a_person_is_json_without_what_resolves_it() -> None:
    pending = PendingApproval("rm", "t1", {"path": "x"}, "run_1").answered_by(lambda *_: True)
    framed = frame(CompletionChunk(pending_approval=pending)).decode()
    sent = json.loads(framed.removeprefix("data: "))["pending_approval"]
    assert (sent["tool_name"], sent["input"]) == ("rm", {"path": "x"})
    assert (sent["agent_run_id"], sent["tool_use_id"]) == ("run_1", "t1")
    assert "_resolve" not in framed


@pytest.mark.parametrize("source", [["a", "b"], (f"data: {c}\n\n" for c in "ab")])
async def test_a_source_that_is_not_asynchronous_is_streamed_too(source: Any) -> None:
    body = EventStream(source).stream_body
    assert body is not None
    assert b"".join([part async for part in body]) == b"data: a\n\ndata: b\n\n"


@pytest.mark.parametrize("source", ["text", b"bytes", {"a": 1}, None, print])
def test_what_is_no_source_is_refused_before_headers_are_sent(source: Any) -> None:
    with pytest.raises(TypeError, match="EventStream takes a generator"):
        EventStream(source)


@pytest.mark.parametrize("pace", [None, 50.0])
async def test_a_client_that_leaves_stops_the_provider_within_a_second(
    provider: FakeAnthropic, address: str, pace: float | None
) -> None:
    """Silent (the stream waits) and talking (it sends), and more than once on one application."""
    many = [f"w{i} " for i in range(1000)]
    script = provider.script(text(many), tokens_per_s=pace)
    for count in (1, 2):
        provider.queue(script if pace else script.hanging(at=4))
        async with (
            httpx.AsyncClient(timeout=10) as client,
            client.stream("GET", f"{address}/answer") as response,
        ):
            assert await anext(read_events(response)) == ("message", "w0 ")
        assert await provider.wait_request(count).client_closed()


async def test_a_client_that_leaves_before_the_first_token_stops_the_provider(
    provider: FakeAnthropic, address: str
) -> None:
    provider.queue(provider.script(text("late")).hanging())
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", f"{address}/answer") as response,
    ):
        assert response.status_code == 200
        request = provider.wait_request()
    assert await request.client_closed()


async def test_other_streams_go_on_when_one_client_leaves(
    provider: FakeAnthropic, address: str
) -> None:
    gate = threading.Event()
    provider.queue(provider.script(text("left behind")).hanging(at=4))
    provider.queue(provider.script(text(["a", "b"])).gated(4, gate))
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", f"{address}/answer") as first,
    ):
        assert await anext(read_events(first)) == ("message", "left")
        async with client.stream("GET", f"{address}/answer") as second:
            events = read_events(second)
            assert await anext(events) == ("message", "a")
            await first.aclose()
            assert await provider.wait_request(1).client_closed()
            gate.set()
            rest = [event async for event in events]
    assert rest == [("message", "b"), ("message", "[DONE]")]


async def test_a_provider_error_arrives_as_an_error_event_without_key_or_traceback(
    provider: FakeAnthropic, address: str
) -> None:
    script = provider.script(text(["so", " far"]))
    provider.queue(script.with_event(4, provider.error_event(f"bad key {KEY}")))
    events = await get_events(f"{address}/answer")
    assert events[0] == ("message", "so")
    name, data = events[-1]
    error = json.loads(data)
    assert name == "error" and len(events) == 2
    assert error["type"] == "TransientTransportError" and error["message"]
    assert KEY not in data and "secret" not in data and "Traceback" not in data


async def test_a_refused_key_arrives_as_an_error_event(
    provider: FakeAnthropic, address: str
) -> None:
    provider.queue(provider.error(401, f"invalid x-api-key {KEY}"))
    [(name, data)] = await get_events(f"{address}/answer")
    assert name == "error" and json.loads(data)["type"] == "AuthTransportError"
    assert KEY not in data


async def test_a_foreign_error_shows_its_type_alone(caplog: pytest.LogCaptureFixture) -> None:
    with serve(build_app(serve_source("a", ValueError("password=hunter2")), imports=[])) as url:
        events = await get_events(f"{url}/items")
    assert events[0] == ("message", "a")
    assert events[1][0] == "error" and json.loads(events[1][1])["type"] == "ValueError"
    assert "hunter2" not in events[1][1]
    assert "hunter2" in caplog.text


async def test_an_error_of_ours_tells_its_message_without_what_looks_like_a_key() -> None:
    error = TransportError(f"The provider refused {KEY}.")
    with serve(build_app(serve_source(error), imports=[])) as url:
        [(name, data)] = await get_events(f"{url}/items")
    assert (name, json.loads(data)["type"]) == ("error", "TransportError")
    assert "The provider refused" in data and KEY not in data


async def test_the_frameworks_own_test_client_reads_the_whole_stream() -> None:
    config, mock = LLMConfig.for_testing()
    mock.queue_stream(["a\n", "b"])
    app = build_app(Answers, imports=[LLMModule.for_root(config, transport_override=mock)])
    response = await LaurenClient(app).arequest("GET", "/answer")
    assert response.body == b"data: a\ndata: \n\ndata: b\n\ndata: [DONE]\n\n"


class ClosingTransport(MockTransport):
    closed = 0

    async def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("own", [True, False])
async def test_stopping_the_application_closes_the_service_it_made_and_no_other(
    monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    config, _ = LLMConfig.for_testing()
    transport = ClosingTransport()
    monkeypatch.setattr("lauren_ai.web._modules.build_transport", lambda _: transport)
    llm = LLMModule.for_root(config, None if own else transport)
    transport.queue_response("hi")
    with serve(build_app(Answers, imports=[llm])) as url:
        assert (await get_events(f"{url}/answer"))[0] == ("message", "hi")
        assert transport.closed == 0
    assert transport.closed == (1 if own else 0)
