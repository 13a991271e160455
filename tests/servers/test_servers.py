"""The scripted providers speak what the providers' own SDKs read, and note what happened."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
import urllib.parse
from contextlib import closing

import anthropic
import openai
import pytest

from tests.servers import (
    FakeAnthropic,
    FakeOpenAI,
    ServerProcess,
    html,
    raw,
    redacted_thinking,
    text,
    thinking,
    tool_call,
    wire_bodies,
)

HEADERS = {"x-api-key": "k", "anthropic-version": "2026-10-21"}
ASK = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


def post(url: str, body: object) -> tuple[int, bytes]:
    """The status and as much of the body as comes."""
    parts = urllib.parse.urlsplit(url)
    with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)) as http1:
        http1.request("POST", parts.path, json.dumps(body), HEADERS)
        response = http1.getresponse()
        try:
            return response.status, response.read()
        except http.client.IncompleteRead as error:
            return response.status, error.partial


def request_bytes(server: FakeAnthropic) -> bytes:
    """A whole request, for a client that writes to a socket."""
    body = json.dumps(ASK)
    lines = [f"{name}: {value}" for name, value in HEADERS.items()]
    head = ["POST /v1/messages HTTP/1.1", *lines, f"content-length: {len(body)}"]
    return "\r\n".join([*head, "", body]).encode()


def ask(server: FakeAnthropic, **more: object) -> tuple[int, bytes]:
    return post(f"{server.url}/v1/messages", {**ASK, "stream": True, **more})


async def test_the_anthropic_sdk_reads_every_block(anthropic_server: FakeAnthropic) -> None:
    anthropic_server.reply(
        thinking("Hm, well.", signature="abcd"),
        redacted_thinking("xx"),
        text("Hello there."),
        tool_call("add", {"a": 1, "b": 2}, fragments=4),
        usage={"cache_read_input_tokens": 7},
    )
    async with (
        anthropic.AsyncAnthropic(
            api_key="k", base_url=anthropic_server.base_url, max_retries=0
        ) as client,
        client.messages.stream(**ASK) as stream,
    ):
        message = await stream.get_final_message()
    kinds = [block.type for block in message.content]
    assert kinds == ["thinking", "redacted_thinking", "text", "tool_use"]
    assert message.content[0].signature == "abcd"
    assert message.content[2].text == "Hello there."
    assert message.content[3].input == {"a": 1, "b": 2}
    assert (message.stop_reason, message.usage.cache_read_input_tokens) == ("tool_use", 7)


async def test_the_openai_sdk_reads_text_tools_and_usage(openai_server: FakeOpenAI) -> None:
    openai_server.reply(thinking("Hm."), text("Hi you"), tool_call("add", {"a": 1}))
    async with openai.AsyncOpenAI(api_key="k", base_url=openai_server.base_url) as client:
        stream = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "hi"}], stream=True
        )
        chunks = [chunk async for chunk in stream]
        models = await client.models.list()
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == "Hi you"
    calls = [call for delta in deltas for call in delta.tool_calls or []]
    assert "".join(call.function.arguments for call in calls) == '{"a": 1}'
    assert chunks[-1].usage is not None
    assert models.data[0].id == "gpt-test"


def test_without_stream_both_answer_with_one_json(
    anthropic_server: FakeAnthropic, openai_server: FakeOpenAI
) -> None:
    anthropic_server.reply(text("Hello you"))
    openai_server.reply(text("Hello you"))
    _, first = ask(anthropic_server, stream=False)
    _, second = post(f"{openai_server.base_url}/chat/completions", ASK)
    assert json.loads(first)["content"] == [{"type": "text", "text": "Hello you"}]
    assert json.loads(second)["choices"][0]["message"]["content"] == "Hello you"


def test_every_event_is_recorded_with_its_time(anthropic_server: FakeAnthropic) -> None:
    script = anthropic_server.reply(text("a b"))
    assert ask(anthropic_server) == (200, script.data)
    request = anthropic_server.requests[0]
    assert [sent.index for sent in request.sent] == list(range(len(script.events)))
    assert request.finished.is_set()
    assert not request.closed.is_set()


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_cutting_the_bytes_changes_none(anthropic_server: FakeAnthropic, size: int) -> None:
    for body in wire_bodies("anthropic"):
        anthropic_server.queue(body.script().cut_into(size))
        assert ask(anthropic_server) == (200, body.data)


@pytest.mark.parametrize("end", ["clean", "close", "reset"])
def test_a_truncated_response_ends_as_scripted(anthropic_server: FakeAnthropic, end: str) -> None:
    script = anthropic_server.script(text("a b c d"))
    anthropic_server.queue(script.cut_at_event(4, end=end))
    if end == "reset":
        with pytest.raises(ConnectionResetError):
            ask(anthropic_server)
    else:
        assert ask(anthropic_server) == (200, b"".join(script.events[:4]))


def test_cut_at_byte_sends_exactly_that_many(anthropic_server: FakeAnthropic) -> None:
    script = anthropic_server.script(text("a b c d"))
    anthropic_server.queue(script.cut_at_byte(333))
    assert ask(anthropic_server) == (200, script.data[:333])


def test_faults_have_their_status_and_body(anthropic_server: FakeAnthropic) -> None:
    anthropic_server.queue(anthropic_server.error(529, "busy"), html(), raw(b""))
    status, body = ask(anthropic_server)
    assert (status, json.loads(body)["error"]["type"]) == (529, "overloaded_error")
    assert b"<html>" in ask(anthropic_server)[1]
    assert ask(anthropic_server) == (200, b"")
    assert ask(anthropic_server)[0] == 400


@pytest.mark.parametrize("at", [None, 3])
async def test_a_hung_response_notes_the_clients_close(
    anthropic_server: FakeAnthropic, at: int | None
) -> None:
    anthropic_server.queue(anthropic_server.script(text("a b c")).hanging(at=at))
    with socket.create_connection(("127.0.0.1", anthropic_server.port)) as client:
        client.sendall(request_bytes(anthropic_server))
        request = await asyncio.to_thread(anthropic_server.wait_request)
        assert not request.closed.is_set()
    assert await request.client_closed()


async def test_a_gate_holds_the_rest_back(anthropic_server: FakeAnthropic) -> None:
    gate = threading.Event()
    script = anthropic_server.script(text("a b c"))
    anthropic_server.queue(script.gated(4, gate))
    answer = asyncio.create_task(asyncio.to_thread(ask, anthropic_server))
    request = await asyncio.to_thread(anthropic_server.wait_request)
    while len(request.sent) < 4:
        await asyncio.sleep(0.001)
    assert not request.finished.is_set()
    gate.set()
    assert await answer == (200, script.data)


def test_a_server_process_streams_its_events() -> None:
    with ServerProcess("openai", events=50) as server:
        status, body = post(f"{server.base_url}/chat/completions", {**ASK, "stream": True})
    assert (status, body.count(b" token")) == (200, 50)
