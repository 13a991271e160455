"""The chat panel in a real JupyterLab: docked, beside a blocking cell, after a restart."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser._cards import press
from tests.browser._notebook import NotebookPage, Open
from tests.browser._panel import (
    ask,
    ask_in,
    block_until,
    open_panel,
    panel_of,
    run_cell,
    wait_answered,
)
from tests.servers import FakeAnthropic, text, tool_call

TOOLS = 'from lauren_nb import ChatPanel\npanel = ChatPanel(tools=["kernel"])\npanel'


def test_docked_panel_stands_at_the_right_and_answers(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    notebook = open_notebook("%lauren panel --dock")
    for index in (0, 1):
        run_cell(notebook, index)
    panel = notebook.page.locator(".jp-LinkedOutputView .lnb-panel, .lm-DockPanel .lnb-panel").first
    expect(panel).to_be_visible()
    # The dock lays itself out a moment after it has the panel.
    notebook.page.wait_for_function(
        """panel => {
            const cells = document.querySelector(".jp-Notebook").getBoundingClientRect();
            return panel.getBoundingClientRect().left >= cells.right - 1;
        }""",
        arg=panel.element_handle(),
    )
    anthropic_server.reply(text("A **docked** answer."))
    ask_in(panel, "Why?")
    expect(panel.locator("strong")).to_have_text("docked")
    assert panel.locator(".lnb-scroller").evaluate("e => e.scrollWidth <= e.clientWidth")
    fold = notebook.output(1).locator("details")
    expect(fold.locator("summary")).to_have_text("What was said in the docked chat")
    expect(fold.locator("strong", has_text="docked")).to_be_attached()
    expect(fold.locator("strong", has_text="docked")).to_be_hidden()


def test_call_is_approved_while_a_cell_blocks(
    open_notebook: Open, anthropic_server: FakeAnthropic, tmp_path: Path
) -> None:
    """The click comes over a subshell, which the kernel hears while its main thread sleeps."""
    go = tmp_path / "go"
    notebook = open_panel(open_notebook, block_until(go), source=TOOLS)
    anthropic_server.reply(tool_call("run_python", {"code": "made = 40 + 2"}, id="toolu_1"))
    anthropic_server.reply(text("It is made."))
    run_cell(notebook, 2)
    notebook.wait_prompt(2, "[*]:")
    ask(notebook, "make it")
    card = panel_of(notebook).get_by_role("alertdialog")
    press(card, "Approve")
    expect(card).to_have_count(0)
    expect(panel_of(notebook).locator(".lnb-tool-waiting")).to_have_count(0)
    expect(panel_of(notebook).locator(".lnb-tool")).to_contain_text("Approved by click")
    notebook.wait_prompt(2, "[*]:")
    go.touch()
    expect(panel_of(notebook)).to_contain_text("It is made.")


def test_restarted_kernel_shows_the_conversation_of_a_store(
    open_notebook: Open, anthropic_server: FakeAnthropic, tmp_path: Path
) -> None:
    source = (
        "from lauren_ai import SQLiteConversationStore\nfrom lauren_nb import ChatPanel\n"
        f"store = SQLiteConversationStore({str(tmp_path / 'c.db')!r})\n"
        "panel = ChatPanel(conversation='kept', store=store)\n"
        "panel"
    )
    notebook = open_panel(open_notebook, source=source)
    anthropic_server.reply(text("It is **Oslo**."))
    ask(notebook, "Which city?")
    expect(panel_of(notebook).locator("strong")).to_have_text("Oslo")
    wait_answered(panel_of(notebook))
    restart(notebook)
    for index in (0, 1):
        run_cell(notebook, index)
    expect(panel_of(notebook).locator("strong")).to_have_text("Oslo")
    expect(panel_of(notebook).locator(".lnb-question")).to_have_text("Which city?")
    anthropic_server.reply(text("Since 1814."))
    ask(notebook, "Since when?")
    expect(panel_of(notebook)).to_contain_text("Since 1814.")
    assert "Oslo" in str(anthropic_server.requests[-1].body)


def restart(notebook: NotebookPage) -> None:
    notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    notebook.wait_ready()


def test_keyboard_alone_asks_and_the_focus_stays_with_who_writes(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    notebook = open_panel(open_notebook)
    keyboard = notebook.page.keyboard
    field = panel_of(notebook).get_by_label("Message to the model")
    field.focus()
    for question in ("One?", "Two?"):
        anthropic_server.reply(text(f"An answer to {question}"))
        keyboard.type(question)
        keyboard.press("Enter")
        expect(panel_of(notebook)).to_contain_text(f"An answer to {question}")
        expect(field).to_be_focused()
        wait_answered(panel_of(notebook))
    attach = panel_of(notebook).get_by_role("button", name="Attach images")
    keyboard.press("Shift+Tab")
    expect(attach).to_be_focused()
    keyboard.press("Shift+Tab")  # back into the conversation
    inside = "e => e.contains(document.activeElement) && document.activeElement !== document.body"
    assert panel_of(notebook).locator(".lnb-stage").evaluate(inside)
    keyboard.press("Tab")
    expect(attach).to_be_focused()
    keyboard.press("Tab")
    expect(field).to_be_focused()
