"""A panel where no IPython runs: in marimo, and in no notebook at all."""

from __future__ import annotations

import asyncio
import sys
from types import ModuleType, SimpleNamespace

import pytest

from lauren_nb import ChatPanel
from lauren_nb._errors import OptionError
from lauren_nb.panel._host import get_host_session
from tests.servers import FakeAnthropic, text


@pytest.fixture
def marimo(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """What a panel asks of marimo; the real one was tried by hand, as the README says."""
    module = ModuleType("marimo")
    module.running_in_notebook = lambda: True
    module.ui = SimpleNamespace(anywidget=lambda widget: ("element", widget))
    monkeypatch.setitem(sys.modules, "marimo", module)
    return module


async def test_a_panel_in_marimo_answers_and_shows_itself_as_an_element(
    marimo: ModuleType, anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "test")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic_server.base_url)
    anthropic_server.reply(text("Good day."))
    panel = ChatPanel("anthropic:claude-test")
    told: list[str] = []
    panel.on_turn(lambda turn: told.append(turn.question))
    assert (await panel.send("Hello")).content == "Good day."
    await asyncio.sleep(0)
    assert panel._display_() == ("element", panel.widget)
    assert told == ["Hello"]
    panel.close()


def test_marimo_has_its_cells_variables_and_no_shell(marimo: ModuleType) -> None:
    session = get_host_session(None)
    assert session is get_host_session(None)
    assert session.namespace is vars(sys.modules["__main__"])
    with pytest.raises(OptionError, match="no IPython runs here"):
        _ = session.shell


async def test_without_a_notebook_a_panel_says_so(
    marimo: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marimo, "running_in_notebook", lambda: False)
    with pytest.raises(OptionError, match="make it in a cell"):
        ChatPanel("anthropic:claude-test")
    monkeypatch.delitem(sys.modules, "marimo")
    with pytest.raises(OptionError, match="make it in a cell"):
        ChatPanel("anthropic:claude-test")
