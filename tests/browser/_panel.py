"""Owns the chat panel of a notebook's second cell: how a test opens it, asks in it, waits."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser._notebook import NotebookPage, Open

PANEL = 'from lauren_nb import ChatPanel\npanel = ChatPanel(title="Test chat")\npanel'


def open_panel(open_notebook: Open, *cells: str, source: str = PANEL) -> NotebookPage:
    notebook = open_notebook(source, *cells)
    for index in (0, 1):
        run_cell(notebook, index)
    expect(panel_of(notebook)).to_be_visible()
    return notebook


def run_cell(notebook: NotebookPage, index: int) -> None:
    """Run one cell without waiting for it."""
    notebook.page.evaluate(
        """index => {
            window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
            void window.jupyterapp.commands.execute("notebook:run-cell");
        }""",
        index,
    )


def panel_of(notebook: NotebookPage) -> Locator:
    return notebook.output(1).locator(".lnb-panel")


def ask(notebook: NotebookPage, question: str) -> None:
    ask_in(panel_of(notebook), question)


def ask_in(panel: Locator, question: str) -> None:
    field = panel.get_by_label("Message to the model")
    field.click()
    field.press_sequentially(question)
    field.press("Enter")


def wait_answered(panel: Locator) -> None:
    """Wait until no answer is being written: Python has it then, too."""
    expect(panel.get_by_role("button", name="Send")).to_be_visible()


def block_until(go: Path) -> str:
    """A cell that holds the kernel's main thread until the file is there."""
    return f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.1)"
