"""What users hold of a panel: where its conversation is kept, who is told of a turn, its files."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lauren_ai import LaurenAIError, LLMConfig, SQLiteConversationStore, agent
from lauren_nb._errors import OptionError
from lauren_nb.panel import ChatPanel, _host
from lauren_nb.panel import _panel as panel_module
from tests.servers import FakeAnthropic, text

Make = Callable[..., ChatPanel]


@pytest.fixture
def make_panel(anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Panels of a host that has neither IPython nor a page."""
    marimo = SimpleNamespace(running_in_notebook=lambda: True)
    monkeypatch.setattr(_host, "_get_marimo", lambda: marimo)
    monkeypatch.setattr(_host, "get_ipython", lambda: None)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic_server.base_url)
    made: list[ChatPanel] = []

    def make(model: object = "anthropic:claude-test", **options: Any) -> ChatPanel:
        made.append(ChatPanel(model, **options))
        return made[-1]

    yield make
    for panel in made:
        panel.close()


async def test_panel_without_a_name_begins_a_conversation_of_its_own_in_a_store(
    make_panel: Make,
    anthropic_server: FakeAnthropic,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(panel_module, "_numbers", itertools.count(1))
    store = SQLiteConversationStore(tmp_path / "chats.db")
    anthropic_server.reply(text("One."))
    await make_panel(store=store).send("first")
    # As in a kernel that has begun anew: its first panel again.
    monkeypatch.setattr(panel_module, "_numbers", itertools.count(1))
    first = make_panel(store=store)
    assert first.turns == []
    named = make_panel(store=store, conversation="kept")
    anthropic_server.reply(text("Two."))
    await named.send("second")
    again = make_panel(store=store, conversation="kept")
    assert [turn.text for turn in again.turns] == ["Two."]


async def test_callback_that_fails_is_shown_and_keeps_no_other_from_being_called(
    make_panel: Make, anthropic_server: FakeAnthropic, capsys: pytest.CaptureFixture[str]
) -> None:
    panel = make_panel()
    told: list[str] = []

    @panel.on_turn
    def fail(turn: object) -> None:
        raise ZeroDivisionError("in a callback")

    panel.on_turn(lambda turn: told.append(turn.text))
    anthropic_server.reply(text("One."))
    await panel.send("first")
    await asyncio.sleep(0.05)
    assert told == ["One."]
    assert "ZeroDivisionError: in a callback" in capsys.readouterr().err


async def test_callback_that_nobody_would_await_is_refused(make_panel: Make) -> None:
    async def later(turn: object) -> None: ...

    with pytest.raises(OptionError, match="on_turn calls a plain function"):
        make_panel().on_turn(later)


async def test_interrupted_send_stops_the_answer_and_the_panel_goes_on(
    make_panel: Make, anthropic_server: FakeAnthropic
) -> None:
    panel = make_panel()
    anthropic_server.queue(anthropic_server.script(text(["half", " never"])).hanging(at=4))
    anthropic_server.reply(text("Next."))
    asked = asyncio.ensure_future(panel.send("go"))
    async with asyncio.timeout(10):
        while not (panel.turns and panel.turns[0].text):
            await asyncio.sleep(0.01)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert (await panel.send("next")).content == "Next."
    shown = [(turn.text, turn.view.status) for turn in panel.turns]
    assert shown == [("half", "interrupted"), ("Next.", "done")]


async def test_closing_in_an_answer_stops_it_and_keeps_what_came(
    make_panel: Make, anthropic_server: FakeAnthropic
) -> None:
    panel = make_panel()
    anthropic_server.queue(anthropic_server.script(text(["half", " never"])).hanging(at=4))
    asked = asyncio.ensure_future(panel.send("go"))
    async with asyncio.timeout(10):
        while not (panel.turns and panel.turns[0].text):
            await asyncio.sleep(0.01)
    panel.close()
    with pytest.raises(OptionError, match="This panel is closed"):
        panel._ipython_display_()
    response = await asked
    assert (response.content, response.stop_reason) == ("half", "cancelled")
    assert await anthropic_server.requests[0].client_closed(2.5)
    panel.close()


@pytest.mark.parametrize("status", [400, 401, 429, 529])
async def test_failed_send_raises_is_shown_and_tells_no_key(
    make_panel: Make, anthropic_server: FakeAnthropic, status: int
) -> None:
    model = LLMConfig.for_anthropic("claude-test", api_key="sk-ant-test", max_retries=0)
    panel = make_panel(model)
    anthropic_server.queue(anthropic_server.error(status, "no"))
    with pytest.raises(LaurenAIError) as caught:
        await panel.send("go")
    [turn] = panel.turns
    assert (turn.view.status, turn.error) == ("error", caught.value)
    assert turn.view.error is not None
    assert "sk-ant-test" not in f"{turn.view.error} {caught.value!r}"


async def test_hooks_of_an_agent_are_called_and_one_that_fails_fails_its_turn(
    make_panel: Make, anthropic_server: FakeAnthropic
) -> None:
    heard: list[str] = []

    @agent(system="Be brief.")
    class Brief:
        async def on_start(self, ctx: object) -> None:
            heard.append("start")
            if len(heard) > 2:
                raise ZeroDivisionError("in a hook")

        def on_finish(self, response: object, ctx: object) -> None:
            heard.append("finish")

    panel = make_panel(Brief)
    for answer in ("One.", "Two.", "Three."):
        anthropic_server.reply(text(answer))
    assert (await panel.send("first")).content == "One."
    assert anthropic_server.requests[0].body["system"]
    with pytest.raises(ZeroDivisionError):
        await panel.send("second")
    assert heard[:2] == ["start", "finish"]
    assert [turn.view.status for turn in panel.turns] == ["done", "error"]


async def test_export_finds_the_home_folder(
    make_panel: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert make_panel(title="A chat").export("~/chat.md") == tmp_path / "chat.md"
    assert "A chat" in (tmp_path / "chat.md").read_text("utf-8")


async def test_name_of_a_tool_that_is_no_list_is_refused(make_panel: Make) -> None:
    with pytest.raises(OptionError, match=r"tools='kernel': give a list, tools=\['kernel'\]"):
        make_panel(tools="kernel")
