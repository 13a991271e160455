"""Services for tests: wired to a loopback provider, mocked, or on a cassette's tape."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anthropic.resources.messages  # noqa: F401 - slow, which short time limits would count
import pytest

from lauren_ai import CompletionStream, LLMConfig, LLMService, Message
from lauren_ai._transport._mock import MockTransport
from tests.servers import FakeAnthropic, FakeOpenAI, Request
from tests.support.cassettes import Tape

KEY = "sk-test-0123456789abcdefSECRET"
GO = [Message.user("go")]


@dataclass
class Wired:
    """A provider's server and a service that talks to it."""

    name: str
    server: FakeAnthropic | FakeOpenAI
    service: LLMService

    def stream(self, **options: Any) -> CompletionStream:
        return self.service.complete_stream(GO, **options)

    def build(self, **options: Any) -> LLMService:
        """Another service to the same server, which the caller closes."""
        return LLMService.from_config(replace(self.service.config, **options))

    @property
    def last_request(self) -> Request:
        return self.server.requests[-1]


def build_config(name: str, base_url: str, **options: Any) -> LLMConfig:
    make = LLMConfig.for_anthropic if name == "anthropic" else LLMConfig.for_openai
    return make("test-model", api_key=KEY, base_url=base_url, **options)


@pytest.fixture(params=["anthropic", "openai"])
async def wired(request: pytest.FixtureRequest) -> AsyncIterator[Wired]:
    """Every test that takes it runs once a provider."""
    kind = FakeAnthropic if request.param == "anthropic" else FakeOpenAI
    with kind() as server:
        config = build_config(request.param, server.base_url, max_retries=0, timeout=10)
        service = LLMService.from_config(config)
        yield Wired(request.param, server, service)
        await service.close()


@pytest.fixture
def mock() -> MockTransport:
    return MockTransport()


@pytest.fixture
def llm(mock: MockTransport) -> LLMService:
    return LLMService(mock, LLMConfig.for_testing()[0])


def asked(mock: MockTransport, number: int = -1) -> str:
    """The one message of a request."""
    [message] = mock.calls[number].messages
    assert message.role == "user"
    return message.text()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cassette.json"


@pytest.fixture
async def tape(wired: Wired, file: Path) -> AsyncIterator[Tape]:
    made = Tape(wired, file)
    yield made
    await made.live.close()
