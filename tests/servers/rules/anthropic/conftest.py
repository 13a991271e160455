"""A loopback that answers whatever it does not refuse."""

from __future__ import annotations

import pytest

from tests.servers import FakeAnthropic, text


@pytest.fixture
def server(anthropic_server: FakeAnthropic) -> FakeAnthropic:
    """The server, which answers every request that it does not refuse."""
    anthropic_server.default = anthropic_server.script(text("ok"))
    return anthropic_server
