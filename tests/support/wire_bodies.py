"""Owns the recorded bodies of tests/wire/, and a way through the real decoders for each."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lauren_ai._exceptions import TransportError
from lauren_ai._http.response import ChunkDecoder, WireResponse, aiter_chunks
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._transport.anthropic.events import AnthropicDecoder
from lauren_ai._transport.openai.events import OpenAIDecoder
from lauren_ai._types import CompletionChunk

WIRE = Path(__file__).parent.parent / "wire"
DECODERS = {"anthropic": AnthropicDecoder, "openai": OpenAIDecoder}


def load(name: str) -> list[dict[str, Any]]:
    return json.loads((WIRE / name).read_text(encoding="utf-8"))


BODIES = [
    pytest.param(provider, case, id=f"{provider}-{case['name']}")
    for provider, file in (
        ("anthropic", "anthropic_bodies.json"),
        ("openai", "openai_chat_bodies.json"),
    )
    for case in load(file)
]


class Outcome:
    """What a consumer saw of one response."""

    def __init__(self) -> None:
        self.chunks: list[CompletionChunk] = []
        self.error: TransportError | None = None
        self.snapshot = Accumulator(provider="test", model="m")

    @property
    def finals(self) -> list[CompletionChunk]:
        return [c for c in self.chunks if c.stop_reason is not None]

    @property
    def text(self) -> str:
        return "".join(c.delta for c in self.chunks)


async def replay(provider: str, reads: Iterable[bytes], content_type: str) -> Outcome:
    outcome = Outcome()

    @asynccontextmanager
    async def opened() -> AsyncIterator[WireResponse]:
        async def chunks() -> AsyncIterator[bytes]:
            for data in reads:
                yield data

        yield WireResponse(200, {"content-type": content_type}, chunks())

    decoder: ChunkDecoder = DECODERS[provider](outcome.snapshot)
    try:
        async for batch in aiter_chunks(opened(), decoder):
            outcome.chunks.extend(batch)
    except TransportError as error:
        outcome.error = error
    return outcome
