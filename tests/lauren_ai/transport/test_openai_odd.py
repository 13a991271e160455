"""Streams of chat completions as some servers make them: framing, endings, sources, failures."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from lauren_ai import Completion, LLMConfig, LLMService
from lauren_ai._json import encode_json
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._transport.openai.events import OpenAIDecoder
from lauren_ai.errors import TransportError
from tests.support.wired import GO

CALL = {"index": 0, "id": "c1", "function": {"name": "f", "arguments": '{"x":1}'}}
DONE = b"data: [DONE]"


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + encode_json({"id": "c", "choices": [choice], **more}).encode()


def read(body: bytes, *, size: int = 0) -> Completion:
    """The completion of a body, read whole or in pieces of `size` bytes."""
    snapshot = Accumulator(provider="openai", model="m")
    decoder = OpenAIDecoder(snapshot)
    size = size or len(body)
    for start in range(0, len(body), size):
        decoder.feed(body[start : start + size], [])
    if not decoder.done:
        decoder.end()
    return snapshot.build_completion()


def join(*events: bytes, end: bytes = b"\n\n") -> bytes:
    return b"".join(event + end for event in events)


@pytest.mark.parametrize("size", [0, 1, 7])
@pytest.mark.parametrize("end", [b"\n", b"\n\n", b"\r\n"])
def test_an_event_may_end_with_one_line_break(end: bytes, size: int) -> None:
    """Home-made servers; clients that read lines take them."""
    body = join(chunk({"content": "a\u2028b "}), chunk({"content": "ü😀"}, "stop"), DONE, end=end)
    assert read(body, size=size).content == "a\u2028b ü😀"


def test_events_that_end_with_one_line_break_are_shown_as_they_come() -> None:
    snapshot = Accumulator()
    decoder = OpenAIDecoder(snapshot)
    chunks: list[Any] = []
    decoder.feed(chunk({"content": "first"}) + b"\n", chunks)
    assert [c.delta for c in chunks] == ["first"]


def test_a_json_over_several_lines_of_data_is_one_event() -> None:
    body = b'data: {"id":"c",\ndata: "choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}'
    for size in (0, 1):
        assert read(body + b"\n\n", size=size).content == "Hi"


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        *((word, "tool_use") for word in ("stop", "STOP", "eos", "eos_token", "tool_call")),
        *((word, "tool_use") for word in ("end_turn", "tool_use", "function_call")),
        ("model_length", "max_tokens"),
        ("brand_new", "brand_new"),
    ],
)
def test_endings_in_many_words(reason: str, stop: str) -> None:
    completion = read(join(chunk({"tool_calls": [CALL]}), chunk({}, reason), DONE))
    assert completion.stop_reason == stop
    assert bool(completion.tool_calls) is (stop == "tool_use")


def test_sources_beside_an_answer_are_kept() -> None:
    """Perplexity's, OpenRouter's and xAI's."""
    note = {"type": "url_citation", "url_citation": {"url": "https://e.org/a"}}
    found = [{"title": "A", "url": "https://e.org/b"}]
    completion = read(
        join(
            chunk({"content": "Paris", "annotations": [note]}, citations=["https://e.org/c"]),
            chunk({}, "stop", search_results=found),
            DONE,
        )
    )
    assert completion.provider_metadata["annotations"] == [note]
    assert completion.provider_metadata["citations"] == ["https://e.org/c"]
    assert completion.provider_metadata["search_results"] == found


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (b'data: {"detail": "Internal Server Error"}', "Internal Server Error"),
        (b"data: upstream connect error", "upstream connect error"),
        (b'data: {"message": "CUDA error"}', "CUDA error"),
    ],
)
def test_what_a_proxy_says_in_the_middle_is_shown(event: bytes, words: str) -> None:
    with pytest.raises(TransportError, match=words):
        read(join(chunk({"content": "Hel"}), event))


@pytest.fixture
def closing_server() -> Iterator[str]:
    """Says Keep-Alive and closes after each answer, as llama.cpp's server does after a slow one."""
    body = join(chunk({"content": "Hi"}, "stop"), DONE)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nKeep-Alive: timeout=5\r\n"
    answer = head + b"Content-Length: %d\r\n\r\n" % len(body) + body

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                data = b""
                while b"[" not in data and (more := connection.recv(65_536)):
                    data += more
                if data:
                    connection.sendall(answer)

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


async def test_a_kept_connection_that_was_closed_costs_no_retry(closing_server: str) -> None:
    heard: list[object] = []
    config = LLMConfig.for_openai("m", api_key="k", base_url=closing_server, max_retries=0)
    service = LLMService.from_config(config)
    for _ in range(4):
        completion = await service.complete(GO, on_retry=heard.append)
        assert completion.content == "Hi"
    await service.close()
    assert heard == []
