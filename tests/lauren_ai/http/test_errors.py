"""What a failure becomes, and that no key is ever in it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

import pytest

from lauren_ai import LLMConfig, LLMService, TransportError
from lauren_ai.errors import (
    AgentConfigError,
    AuthTransportError,
    RateLimitTransportError,
    TransientTransportError,
)
from tests.servers import FakeAnthropic, FakeOpenAI, Script, html, raw, sse, text
from tests.support.leaks import LEAKS, show_everything
from tests.support.wired import GO, KEY, Wired, build_config


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, TransportError),
        (401, AuthTransportError),
        (403, AuthTransportError),
        (404, TransportError),
        (408, TransientTransportError),
        (409, TransientTransportError),
        (413, TransportError),
        (418, TransportError),
        (422, TransportError),
        (429, RateLimitTransportError),
        (500, TransientTransportError),
        (502, TransientTransportError),
        (503, TransientTransportError),
        (504, TransientTransportError),
        (529, TransientTransportError),
        (599, TransientTransportError),
    ],
)
async def test_every_status_has_its_error_with_what_support_asks_for(
    wired: Wired, status: int, error: type[TransportError]
) -> None:
    wired.server.queue(wired.server.error(status, "the provider's own words"))
    with pytest.raises(TransportError) as caught:
        await wired.service.complete(GO)
    assert type(caught.value) is error
    assert "the provider's own words" in str(caught.value)
    assert caught.value.status == status
    assert caught.value.request_id == "req_test"
    assert caught.value.provider == wired.name
    assert caught.value.partial_text == ""


@pytest.mark.parametrize(
    "script",
    [
        html(502),
        html(200),
        raw(b"", status=500),
        raw(b"\xff\xfe", status=500, content_type="application/json"),
        raw(b"x" * 300_000, status=503, content_type="text/plain"),
        raw(b"[" * 100_000, status=500, content_type="application/json"),
        raw(b'{"error": [1, {"a": null}]}', status=400, content_type="application/json"),
        raw(b'"\\ud83d"', status=400, content_type="application/json"),
        raw(b"", content_type="application/json"),
        raw(b"x" * 5_000_000, content_type="text/html"),
        raw(b"", status=204),
        raw(b"", status=302, headers={"location": "/elsewhere"}),
    ],
    ids=lambda s: f"{s.status}-{s.content_type}-{len(s.data)}",
)
async def test_bodies_that_no_api_sends_are_short_typed_errors(
    wired: Wired, script: Script
) -> None:
    wired.server.queue(script)
    with pytest.raises(TransportError) as caught:
        await wired.service.complete(GO)
    assert len(str(caught.value)) < 800
    str(caught.value).encode()


@pytest.mark.parametrize("provider", ["anthropic", "openai"])
@pytest.mark.parametrize(
    "base_url",
    [
        "http://127.0.0.1:1",
        "http://user:hunter2hunter2@127.0.0.1:1",
        "http://[bad",
        "ftp://127.0.0.1",
        "127.0.0.1:1",
        "http://127.0.0.1:99999",
        "http://no-such-host.invalid",
        "http://127.0.0.1:1/\n",
        " ",
    ],
)
async def test_an_address_that_does_not_answer_is_a_typed_error(
    provider: str, base_url: str
) -> None:
    config = build_config(provider, base_url, max_retries=0, timeout=5)
    service = LLMService.from_config(config)
    with pytest.raises(TransportError) as caught:
        await service.complete(GO)
    assert "hunter2" not in str(caught.value) + repr(config)
    await service.close()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\n" + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd",
        b"\x16\x03\x01\x02",
        b"",
    ],
    ids=range(7),
)
@pytest.mark.parametrize("provider", ["anthropic", "openai"])
async def test_bytes_that_are_no_http_are_a_typed_error(provider: str, head: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    service = LLMService.from_config(
        build_config(provider, f"http://127.0.0.1:{port}", max_retries=0, timeout=5)
    )
    with pytest.raises(TransportError):
        await service.complete(GO)
    await service.close()
    server.close()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("overloaded_error", TransientTransportError),
        ("rate_limit_error", RateLimitTransportError),
        ("authentication_error", AuthTransportError),
        ("invalid_request_error", TransportError),
    ],
)
async def test_an_error_inside_the_stream_keeps_its_kind_and_the_text(
    wired: Wired, kind: str, error: type[TransportError]
) -> None:
    script = wired.server.script(text(["Hello", " there"]))
    at = next(i for i, event in enumerate(script.events) if b"Hello" in event) + 1
    wired.server.queue(script.with_event(at, wired.server.error_event("their words", type=kind)))
    with pytest.raises(TransportError, match="their words") as caught:
        await wired.service.complete(GO)
    assert type(caught.value) is error
    assert caught.value.partial_text == "Hello"
    assert caught.value.request_id == "req_test"


async def test_a_lone_surrogate_in_a_message_is_explained(wired: Wired) -> None:
    from lauren_ai import Message

    with pytest.raises(TransportError, match="lone surrogate"):
        await wired.service.complete([Message.user("\ud83d")])
    assert wired.server.requests == []


ECHOES = [
    KEY,
    KEY[:7] + "..." + KEY[-4:],
    KEY[:10] + "*" * 12 + KEY[-6:],
    f"Bearer {KEY}",
    f"…{KEY[-4:]}",
]


async def provoke(service: LLMService) -> TransportError:
    # Nothing that holds the key may be a variable here, or the test would show it itself.
    try:
        await service.complete(GO)
    except TransportError as exc:
        return exc
    raise AssertionError("no error")


@pytest.mark.parametrize("echo", ECHOES, ids=range(len(ECHOES)))
@pytest.mark.parametrize("where", ["status", "stream", "html", "type"])
async def test_a_key_that_the_provider_echoes_is_never_shown(
    wired: Wired, echo: str, where: str
) -> None:
    said = f"Incorrect API key provided: {echo}. Look it up."
    scripts = {
        "status": wired.server.error(401, said),
        "stream": raw(wired.server.error_event(said)),
        "html": html(body=said),
        "type": raw(wired.server.error_event("no", type=said)),
    }
    wired.server.queue(scripts[where])
    shown = show_everything(await provoke(wired.service))
    assert not [leak for leak in LEAKS if leak in shown]
    assert "Incorrect API key" in shown


@pytest.mark.parametrize("fault", ["refused", "cut", "reset", "hang", "status"])
async def test_no_traceback_shows_the_key_whatever_fails(wired: Wired, fault: str) -> None:
    script = wired.server.script(text(["Hello", " there"]))
    faults = {
        "refused": script,
        "cut": script.cut_at_event(2),
        "reset": script.cut_at_event(2, end="reset"),
        "hang": script.hanging(),
        "status": wired.server.error(500, "no"),
    }
    wired.server.queue(faults[fault])
    address = {"base_url": "http://127.0.0.1:1"} if fault == "refused" else {}
    service = wired.build(timeout=0.3, default_headers={"x-proxy-key": KEY}, **address)
    shown = show_everything(await provoke(service))
    assert not [leak for leak in LEAKS if leak in shown]
    await service.close()


async def test_an_interrupted_read_shows_no_key_either(wired: Wired) -> None:
    wired.server.queue(wired.server.script().hanging())
    task = asyncio.create_task(provoke(wired.service))
    await asyncio.to_thread(wired.server.wait_request)
    task.cancel()
    caught: list[BaseException] = []
    try:
        await task
    except asyncio.CancelledError as exc:
        caught.append(exc)
    shown = show_everything(caught[0])
    assert "CancelledError" in shown
    assert not [leak for leak in LEAKS if leak in shown]


def refuse_everything(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = wired.server.error(401, f"bad key {KEY}")
    monkeypatch.setattr(wired.server, "other", lambda request: answer)


async def test_counting_and_embedding_show_no_key(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_everything(wired, monkeypatch)
    call: Any = wired.service.count_tokens if wired.name == "anthropic" else wired.service.embed
    caught: list[BaseException] = []
    try:
        await call(GO if wired.name == "anthropic" else ["a"])
    except AuthTransportError as exc:
        caught.append(exc)
    shown = show_everything(caught[0])
    assert not [leak for leak in LEAKS if leak in shown]


async def test_a_header_that_is_no_secret_is_shown_as_the_provider_names_it(wired: Wired) -> None:
    service = wired.build(default_headers={"anthropic-beta": "context-1m-2025-08-07"})
    wired.server.queue(wired.server.error(400, "no beta is called context-1m-2025-08-07"))
    with pytest.raises(TransportError, match="context-1m-2025-08-07"):
        await service.complete(GO)
    await service.close()


async def test_no_repr_shows_the_key(wired: Wired) -> None:
    service = wired.build(
        default_headers={"x-k": KEY},
        request_options={"headers": {"x-k": KEY}},
        base_url=f"http://user:{KEY}@127.0.0.1:1/?key={KEY}",
    )
    stream = service.complete_stream(GO, request_options={"headers": {"x-j": KEY}})
    values = [service, service.config, service.transport, stream, stream.request]
    if wired.name == "openai":
        values.append(await service.transport.get_endpoint())  # type: ignore[attr-defined]
    shown = "".join(map(repr, values)) + "".join(map(str, values))
    assert not [leak for leak in LEAKS if leak in shown]


async def test_no_log_shows_a_key_at_any_level(
    wired: Wired, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ["", *logging.root.manager.loggerDict]:
        caplog.set_level(1, name)
    service = wired.build(default_headers={"x-k": KEY})
    for script in (wired.server.script(text("Hi")), wired.server.error(401, "no")):
        wired.server.queue(script)
        stream = service.complete_stream(GO, request_options={"headers": {"x-j": KEY}})
        with contextlib.suppress(AuthTransportError):
            assert [chunk async for chunk in stream]
    assert wired.last_request.headers["x-j"] == KEY
    assert not [leak for leak in LEAKS if leak in caplog.text]
    await service.close()


@pytest.mark.parametrize("key", [f"{KEY}\n", f" {KEY}\r\n"])
async def test_a_key_from_a_file_is_sent_without_its_line_break(wired: Wired, key: str) -> None:
    """A refusal would show it: verbose tracebacks print the arguments of every frame."""
    service = wired.build(api_key=key)
    wired.server.reply(text("Hi"))
    await service.complete(GO)
    assert wired.last_request.headers["authorization"] == f"Bearer {KEY}"
    await service.close()


@pytest.mark.parametrize("key", ["sk\nabc", "sk abc", "ключ", "sk-\x00"])
def test_a_key_with_a_line_break_in_it_is_refused_when_given_without_showing_it(key: str) -> None:
    with pytest.raises(AgentConfigError, match="api_key") as caught:
        LLMConfig.for_anthropic("m", api_key=key)
    assert key not in str(caught.value)


async def test_a_missing_key_says_which_variable_to_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    service = LLMService.from_config(LLMConfig.for_anthropic("m", base_url="http://127.0.0.1:1"))
    with pytest.raises(AuthTransportError, match="ANTHROPIC_API_KEY"):
        await service.complete(GO)
    await service.close()


async def test_a_key_from_the_environment_is_sent_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, anthropic_server: FakeAnthropic, openai_server: FakeOpenAI
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", f"{KEY}\n")
    monkeypatch.setenv("OPENAI_API_KEY", f"{KEY}\n")
    for server, make in (
        (anthropic_server, LLMConfig.for_anthropic),
        (openai_server, LLMConfig.for_openai),
    ):
        server.queue(server.error(401, f"bad key {KEY}"))
        service = LLMService.from_config(make("m", base_url=server.base_url))
        shown = show_everything(await provoke(service))
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
        assert not [leak for leak in LEAKS if leak in shown]
        await service.close()


async def test_an_sse_event_without_end_is_bounded(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lauren_ai._http.sse.MAX_EVENT_BYTES", 100_000)
    wired.server.queue(raw(sse({"x": "y" * 200_000})))
    with pytest.raises(TransportError, match="MiB"):
        await wired.service.complete(GO)
