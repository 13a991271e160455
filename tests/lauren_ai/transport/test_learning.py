"""What a server refuses of our own fields is changed, sent again, remembered and told once."""

from __future__ import annotations

from typing import Any

import pytest

from lauren_ai import TransportError
from tests.servers import Request, Script, text
from tests.support.wired import GO, Wired


@pytest.fixture(autouse=True)
def rules(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that has never heard of a temperature, as many gateways and new models."""

    def answer(request: Request) -> Script:
        if "temperature" in request.body:
            return wired.server.error(400, "`temperature` is deprecated for this model.")
        return wired.server.script(text("ok"))

    wired.server.strict = False
    monkeypatch.setattr(wired.server, "is_scripted", lambda path: False)
    monkeypatch.setattr(wired.server, "other", answer)


async def ask(wired: Wired, heard: list[str], **options: Any) -> str:
    asked = {"temperature": 0.2, "model": wired.older_model, **options}
    stream = wired.service.complete_stream(GO, on_notice=heard.append, **asked)
    return "".join([chunk.delta async for chunk in stream])


async def test_the_person_gets_an_answer_and_one_line(wired: Wired) -> None:
    heard: list[str] = []
    assert await ask(wired, heard) == "ok"
    assert [("temperature" in r.body) for r in wired.server.requests] == [True, False]
    assert heard == [f"{wired.older_model} takes no temperature: sent without it."]


async def test_the_next_request_has_learned_and_says_nothing(wired: Wired) -> None:
    heard: list[str] = []
    await ask(wired, heard)
    await ask(wired, heard)
    assert [("temperature" in r.body) for r in wired.server.requests] == [True, False, False]
    assert len(heard) == 1


async def test_what_the_request_means_is_never_changed(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "messages.0.content: this image is not supported by this model"
    monkeypatch.setattr(wired.server, "other", lambda request: wired.server.error(400, words))
    with pytest.raises(TransportError, match="not supported by this model"):
        await ask(wired, [])
    assert len(wired.server.requests) == 1


async def test_a_server_that_refuses_whatever_is_changed_gets_an_error(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "`temperature` is deprecated for this model."
    monkeypatch.setattr(wired.server, "other", lambda request: wired.server.error(400, words))
    with pytest.raises(TransportError, match="deprecated"):
        await ask(wired, [])
    assert len(wired.server.requests) == 2
