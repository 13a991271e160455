"""What a provider refuses, however it says so: the right kind of error, with its own words."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from lauren_ai import TransportError
from lauren_ai.errors import AuthTransportError, RateLimitTransportError, TransientTransportError
from tests.servers import Script, raw, sse, text
from tests.support.wired import GO, Wired

JSON = "application/json"
SAID = b'{"error": {"message": "their words"'


async def provoke(wired: Wired, script: Script, **options: Any) -> TransportError:
    wired.server.queue(script)
    with pytest.raises(TransportError) as caught:
        await wired.build(**options).complete(GO)
    return caught.value


@pytest.mark.parametrize("end", ["close", "reset", "hang"])
async def test_an_error_whose_body_never_ends_well_keeps_its_status(
    wired: Wired, monkeypatch: pytest.MonkeyPatch, end: Any
) -> None:
    """It was taken for a lost connection, and a refused key was tried three times again."""
    monkeypatch.setattr("lauren_ai._http.response.ERROR_BODY_S", 0.2)
    script = raw(SAID, content_type=JSON, status=401).cut_at_event(1, end=end)
    error = await provoke(wired, script, max_retries=3)
    assert type(error) is AuthTransportError
    assert error.status == 401
    assert "their words" in str(error)
    assert len(wired.server.requests) == 1


async def test_of_an_endless_error_only_the_head_is_read(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lauren_ai._http.response.MAX_ERROR_BODY", 100)
    script = Script((b"x" * 101, b"unread"), 500, {}, "text/plain", end="hang")
    error = await provoke(wired, script)
    assert type(error) is TransientTransportError
    assert "unread" not in str(error)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_an_address_that_moved_is_named(wired: Wired, status: int) -> None:
    place = "https://user:hunter2hunter2@new.invalid/v1?key=hunter2hunter2"
    headers = {"location": place} if wired.name == "openai" else {}  # the SDK follows it itself
    error = await provoke(wired, raw(b"", status=status, content_type="", headers=headers))
    assert type(error) is TransportError
    assert error.status == status
    assert "base URL" in str(error)
    assert "hunter2" not in str(error)
    assert "https://new.invalid/v1" in str(error) or not headers


@pytest.mark.parametrize("size", [1, 5, 10_000])
@pytest.mark.parametrize("body", [b"[%s}]", b" \n%s}", b"\n[%s}]"], ids=repr)
async def test_json_under_the_label_of_a_stream_is_read_as_json(
    wired: Wired, body: bytes, size: int
) -> None:
    error = await provoke(wired, raw(body % (SAID + b', "code": 503}')).cut_into(size))
    assert type(error) is TransientTransportError
    assert "their words" in str(error)


async def test_html_under_the_label_of_a_stream_is_shown(wired: Wired) -> None:
    error = await provoke(wired, raw(b"<html>Bad gateway</html>"))
    assert "Bad gateway" in str(error)


async def test_a_whole_answer_under_the_label_of_a_stream_is_an_answer(wired: Wired) -> None:
    whole = wired.server.script(text("Hello")).whole
    assert whole is not None
    wired.server.queue(raw(whole))
    assert (await wired.service.complete(GO)).content == "Hello"


@pytest.mark.parametrize("size", [1, 10_000])
async def test_a_stream_under_the_label_of_json_is_streamed(wired: Wired, size: int) -> None:
    script = wired.server.script(text(["Hel", "lo"]))
    wired.server.queue(replace(script.cut_into(size), content_type=JSON))
    assert (await wired.service.complete(GO)).content == "Hello"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"type": "tokens", "code": "rate_limit_exceeded"}, RateLimitTransportError),
        ({"code": "429"}, RateLimitTransportError),
        ({"code": 429, "status": "RESOURCE_EXHAUSTED"}, RateLimitTransportError),
        ({"type": "invalid_request_error", "code": "invalid_api_key"}, AuthTransportError),
        ({"code": 503, "status": "UNAVAILABLE"}, TransientTransportError),
        ({"type": "InternalServerError"}, TransientTransportError),
        ({"type": "server_error", "code": None}, TransientTransportError),
        ({"code": "insufficient_quota"}, TransportError),
        ({"code": "²²²", "type": ["x"]}, TransportError),
    ],
    ids=str,
)
@pytest.mark.parametrize("wrap", ["event", "list", "json", "line"])
async def test_the_kind_of_an_error_is_read_wherever_it_stands(
    wired: Wired, said: dict[str, Any], error: type[TransportError], wrap: str
) -> None:
    value = {"error": {"message": "their words", **said}}
    scripts = {
        "event": raw(sse(value)),
        "list": raw(sse(json.dumps([value]), event="error")),
        "json": raw(json.dumps([value]).encode(), content_type=JSON),
        "line": raw(b"error: " + json.dumps(value).encode() + b"\n\n"),
    }
    caught = await provoke(wired, scripts[wrap], max_retries=0)
    assert type(caught) is error
    assert "their words" in str(caught)


@pytest.mark.parametrize(
    ("header", "seconds"), [({"retry-after": "7"}, 7), ({"retry-after-ms": "1500"}, 1.5)]
)
@pytest.mark.parametrize("kind", [JSON, "text/event-stream"])
async def test_the_providers_wait_rules_under_status_200_too(
    wired: Wired, header: dict[str, str], seconds: float, kind: str
) -> None:
    event = wired.server.error_event("slow down", type="rate_limit_error")
    body = event.partition(b"data: ")[2] if kind == JSON else event
    error = await provoke(wired, raw(body, content_type=kind, headers=header), max_retries=0)
    assert type(error) is RateLimitTransportError
    assert error.retry_after == seconds
