"""Fixtures that tests of every package share: the loopback providers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import FakeAnthropic, FakeOpenAI


@pytest.fixture
def anthropic_server() -> Iterator[FakeAnthropic]:
    """An Anthropic server with an empty queue, closed after the test."""
    with FakeAnthropic() as server:
        yield server


@pytest.fixture
def openai_server() -> Iterator[FakeOpenAI]:
    """An OpenAI-compatible server with an empty queue, closed after the test."""
    with FakeOpenAI() as server:
        yield server
