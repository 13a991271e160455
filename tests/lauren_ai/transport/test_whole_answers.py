"""Embeddings and token counts: retries, limits and errors as streams have them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lauren_ai import LLMService, TransportError
from lauren_ai.errors import AuthTransportError, RateLimitTransportError
from tests.servers import Script, raw
from tests.support.wired import GO, Wired

BODIES = {
    "anthropic": {"input_tokens": 3},
    "openai": {"data": [{"index": 0, "embedding": [0.5]}]},
}


@pytest.fixture
def answer(wired: Wired, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives the server the answers to the requests that come; the last is "fine"."""

    def queue(*scripts: Script) -> None:
        fine = raw(json.dumps(BODIES[wired.name]).encode(), content_type="application/json")
        left: Iterator[Script] = iter([*scripts, fine])
        monkeypatch.setattr(wired.server, "other", lambda request: next(left))

    return queue


async def ask(wired: Wired, service: LLMService) -> Any:
    if wired.name == "anthropic":
        return await service.count_tokens(GO)
    return [e.vector for e in await service.embed(["a"])]


EXPECTED: dict[str, Any] = {"anthropic": 3, "openai": [[0.5]]}


async def test_a_refusal_that_passes_is_asked_again(
    wired: Wired, answer: Callable[..., None]
) -> None:
    now = {"retry-after-ms": "1"}
    answer(
        wired.server.error(429, "slow down", headers=now),
        wired.server.error(503, "busy", headers=now),
    )
    service = wired.build(max_retries=2)
    assert await ask(wired, service) == EXPECTED[wired.name]
    assert len(wired.server.requests) == 3
    await service.close()


@pytest.mark.parametrize(
    ("status", "retries", "error", "requests"),
    [(429, 0, RateLimitTransportError, 1), (401, 2, AuthTransportError, 1)],
)
async def test_it_gives_up_where_a_stream_would(
    wired: Wired,
    answer: Callable[..., None],
    status: int,
    retries: int,
    error: type[TransportError],
    requests: int,
) -> None:
    answer(wired.server.error(status, "no"))
    service = wired.build(max_retries=retries)
    with pytest.raises(error):
        await ask(wired, service)
    assert len(wired.server.requests) == requests
    await service.close()


async def test_a_silent_server_is_left_after_the_time_limit(
    wired: Wired, answer: Callable[..., None]
) -> None:
    answer(raw(b"").hanging())
    service = wired.build(timeout=0.2)
    with pytest.raises(TransportError):
        await ask(wired, service)
    await service.close()
