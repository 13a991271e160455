"""Loopbacks that answer whatever they do not refuse."""

from __future__ import annotations

import pytest

from tests.servers import FakeAnthropic, FakeOpenAI, text


@pytest.fixture
def server(anthropic_server: FakeAnthropic) -> FakeAnthropic:
    """Anthropic, which answers every request that it does not refuse."""
    anthropic_server.default = anthropic_server.script(text("ok"))
    return anthropic_server


@pytest.fixture
def openai(openai_server: FakeOpenAI) -> FakeOpenAI:
    """OpenAI, which answers every request that it does not refuse."""
    openai_server.default = openai_server.script(text("ok"))
    return openai_server
