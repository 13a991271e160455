"""Owns the panel's conversation that its tests share: over a loopback provider, without a page."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lauren_ai._conversations.stores import ConversationStore
from lauren_nb._panel_run import make_model
from lauren_nb._session import Session
from tests.lauren_nb.panel_page import Make, Page
from tests.servers import FakeAnthropic


@pytest.fixture
def make_page(anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic_server.base_url)

    def make(
        *,
        store: ConversationStore | None = None,
        model: str = "anthropic:claude-test",
        tools: Sequence[object] = (),
    ) -> Page:
        session = Session(InteractiveShell())
        loop = asyncio.get_running_loop()
        page = Page()
        answering = make_model(model, tools, None, namespace={}, kernel_loop=loop)
        page.open(answering, session, store or session.store)
        return page

    return make
