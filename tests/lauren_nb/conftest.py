"""Owns the shells that these tests make, and the panel's conversation that they share.

The conversation runs over a loopback provider, without a page.
"""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lauren_ai._conversations.stores import ConversationStore
from lauren_nb._session.session import Session
from lauren_nb.panel._run import make_model
from tests.servers import FakeAnthropic
from tests.support.panel_page import Make, Page


@pytest.fixture(autouse=True)
def end_shells(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """End what IPython ends when Python exits only: each shell's thread and databases.

    It collects the garbage of the whole process for each shell: after hundreds of tests, minutes in
    which pytest has long printed its summary.
    """
    made: list[InteractiveShell] = []
    make = InteractiveShell.__init__

    def make_and_note(shell: InteractiveShell, *args: Any, **options: Any) -> None:
        make(shell, *args, **options)
        made.append(shell)

    monkeypatch.setattr(InteractiveShell, "__init__", make_and_note)
    yield
    for shell in made:
        shell.displayhook.flush = lambda: None
        atexit.unregister(shell.atexit_operations)
        shell.atexit_operations()


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
