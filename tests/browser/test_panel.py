"""The chat panel in a real JupyterLab: a person types, reads, stops, approves, reloads."""

from __future__ import annotations

import threading
from pathlib import Path

from playwright.sync_api import expect

from tests.browser._cards import press
from tests.browser._notebook import Open
from tests.browser._panel import (
    ask,
    block_until,
    open_panel,
    panel_of,
    run_cell,
    wait_answered,
)
from tests.servers import FakeAnthropic, text, tool_call

WORDS = [f"word{i} " for i in range(40)]
WHOLE = "".join(WORDS).strip()
TRANSCRIPT = ".lauren-transcript"


def test_first_open_is_ready_to_type(open_notebook: Open) -> None:
    notebook = open_panel(open_notebook)
    panel = panel_of(notebook)
    expect(panel.get_by_role("heading", name="Test chat")).to_be_visible()
    expect(panel).to_contain_text("Ask a question to begin.")
    expect(panel.get_by_role("button", name="Send")).to_be_disabled()
    expect(panel).to_contain_text("claude-sonnet-4-6")
    assert notebook.get_foreign_requests() == []
    assert notebook.errors == []


def test_magic_shows_a_panel(open_notebook: Open) -> None:
    open_panel(open_notebook, source="%lauren panel mychat")


def test_question_is_answered_and_python_has_it(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    notebook = open_panel(open_notebook, "print([m.text() for m in panel.messages])")
    anthropic_server.reply(text("A **bold** answer."))
    ask(notebook, "dd xx Why?")  # keys that would delete and cut cells
    expect(panel_of(notebook).locator("strong")).to_have_text("bold")
    expect(panel_of(notebook).get_by_label("Message to the model")).to_have_value("")
    wait_answered(panel_of(notebook))
    run_cell(notebook, 2)
    expect(notebook.output(2)).to_contain_text("['dd xx Why?', 'A **bold** answer.']")
    assert notebook.page.locator(".jp-Notebook .jp-Cell").count() == 3


def test_stop_keeps_what_came_and_retry_asks_again(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    notebook = open_panel(open_notebook)
    panel = panel_of(notebook)
    anthropic_server.queue(anthropic_server.script(text(["half ", "never"])).hanging(at=4))
    anthropic_server.reply(text("The whole."))
    ask(notebook, "hi")
    expect(panel).to_contain_text("half")
    panel.get_by_role("button", name="Stop the answer").click()
    expect(panel).to_contain_text("interrupted")
    assert anthropic_server.requests[0].closed.wait(2.5)
    panel.get_by_role("button", name="Ask this question again").click()
    expect(panel).to_contain_text("The whole.")
    panel.get_by_role("button", name="Show the version before").click()
    expect(panel).to_contain_text("half")
    expect(panel).not_to_contain_text("The whole.")


def test_reloaded_page_goes_on_with_the_answer(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    gate = threading.Event()
    answer = anthropic_server.script(text(WORDS))
    anthropic_server.queue(answer.gated(23, gate))
    notebook = open_panel(open_notebook)
    ask(notebook, "hi")
    expect(panel_of(notebook)).to_contain_text("word19 ")
    notebook.save()
    notebook.reload()
    expect(panel_of(notebook)).to_contain_text("word19 ")
    gate.set()
    expect(panel_of(notebook)).to_contain_text("word39")
    assert WHOLE in panel_of(notebook).inner_text()
    anthropic_server.reply(text("Another."))
    ask(notebook, "and?")
    expect(panel_of(notebook)).to_contain_text("Another.")


def test_two_views_stay_in_step(open_notebook: Open, anthropic_server: FakeAnthropic) -> None:
    gate = threading.Event()
    answer = anthropic_server.script(text(["first", " second", " third"]))
    anthropic_server.queue(answer.gated(5, gate))
    notebook = open_panel(open_notebook)
    ask(notebook, "hi")
    expect(panel_of(notebook)).to_contain_text("first second")
    notebook.cell(1).locator(".jp-InputPrompt").click()
    notebook.execute("notebook:create-output-view")
    second = notebook.page.locator(".jp-LinkedOutputView .lnb-panel")
    expect(second).to_contain_text("first second")
    gate.set()
    for view in (second, panel_of(notebook)):
        expect(view).to_contain_text("first second third")
        expect(view.locator(".lnb-entry")).to_have_count(1)


def test_call_is_approved_in_the_panel(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    source = 'from lauren_nb import ChatPanel\npanel = ChatPanel(tools=["kernel"])\npanel'
    notebook = open_panel(open_notebook, "print(made)", source=source)
    anthropic_server.reply(tool_call("run_python", {"code": "made = 40 + 2"}, id="toolu_1"))
    anthropic_server.reply(text("It is made."))
    ask(notebook, "make it")
    press(panel_of(notebook).get_by_role("alertdialog"), "Approve")
    expect(panel_of(notebook)).to_contain_text("It is made.")
    expect(panel_of(notebook)).to_contain_text("approved by click")
    run_cell(notebook, 2)
    expect(notebook.output(2)).to_contain_text("42")


def test_blocking_cell_stops_neither_sending_nor_the_answer_nor_stop(
    open_notebook: Open, anthropic_server: FakeAnthropic, tmp_path: Path
) -> None:
    """JupyterLab sends widget messages over a subshell, which a blocked kernel hears."""
    go = tmp_path / "go"
    notebook = open_panel(open_notebook, block_until(go))
    gate = threading.Event()
    answer = anthropic_server.script(text(["first", " second", " never"]))
    anthropic_server.queue(answer.gated(4, gate).hanging(at=5))
    run_cell(notebook, 2)
    notebook.wait_prompt(2, "[*]:")
    ask(notebook, "hi")
    expect(panel_of(notebook)).to_contain_text("first")
    gate.set()
    expect(panel_of(notebook)).to_contain_text("first second")
    panel_of(notebook).get_by_role("button", name="Stop the answer").click()
    expect(panel_of(notebook)).to_contain_text("interrupted")
    notebook.wait_prompt(2, "[*]:")
    go.touch()
    expect(notebook.cell(2).locator(".jp-InputPrompt")).not_to_have_text("[*]:")


def test_saved_notebook_has_a_transcript_that_the_page_does_not_show(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    notebook = open_panel(open_notebook)
    anthropic_server.reply(text("A **bold** answer."))
    ask(notebook, "Why?")
    field = panel_of(notebook).get_by_label("Message to the model")
    expect(panel_of(notebook)).to_contain_text("A bold answer.")
    field.press_sequentially("a draft")
    expect(notebook.output(1).locator(TRANSCRIPT)).to_have_count(1)
    hidden = notebook.output(1).locator(".jp-OutputArea-child").nth(1)
    expect(hidden).to_contain_text("A bold answer.")
    expect(hidden).to_be_hidden()
    expect(field).to_have_value("a draft")
    view, transcript = notebook.save().cells[1].outputs
    assert "text/markdown" not in view.data
    assert "A **bold** answer." in transcript.data["text/markdown"]
    assert "> Why?" in transcript.data["text/markdown"]


def test_draft_survives_a_kernel_that_is_gone(open_notebook: Open) -> None:
    notebook = open_panel(open_notebook)
    field = panel_of(notebook).get_by_label("Message to the model")
    field.fill("a draft")
    notebook.page.evaluate(
        "() => void window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
    )
    expect(panel_of(notebook)).to_contain_text("The kernel of this panel is gone.")
    expect(field).to_have_value("a draft")
    expect(panel_of(notebook).get_by_role("button", name="Send")).to_be_disabled()
    notebook.wait_ready()
