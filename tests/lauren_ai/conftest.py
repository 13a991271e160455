"""Services for tests: wired to a loopback provider, mocked, or on a cassette's tape."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anthropic.resources.messages  # noqa: F401 - slow, which short time limits would count
import pytest

from lauren_ai import LLMConfig, LLMService
from lauren_ai._transport._mock import MockTransport
from tests.servers import FakeAnthropic, FakeOpenAI
from tests.support.cassettes import Tape
from tests.support.wired import Wired, build_config


@pytest.fixture(params=["anthropic", "openai"])
def provider(request: pytest.FixtureRequest) -> str:
    """Every test that takes it or `wired` runs once a provider; a provider's own file names one."""
    name: str = request.param
    return name


@pytest.fixture
async def wired(provider: str) -> AsyncIterator[Wired]:
    kind = FakeAnthropic if provider == "anthropic" else FakeOpenAI
    with kind() as server:
        config = build_config(provider, server.base_url, max_retries=0, timeout=10)
        service = LLMService.from_config(config)
        yield Wired(provider, server, service)
        await service.close()


@pytest.fixture
def mock() -> MockTransport:
    return MockTransport()


@pytest.fixture
def llm(mock: MockTransport) -> LLMService:
    return LLMService(mock, LLMConfig.for_testing()[0])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cassette.json"


@pytest.fixture
async def tape(wired: Wired, file: Path) -> AsyncIterator[Tape]:
    made = Tape(wired, file)
    yield made
    await made.live.close()
