""" "Insert as cell" in a real JupyterLab, with its commands on the page and without."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser._notebook import NotebookPage, Open
from tests.browser._panel import ask, open_panel, panel_of
from tests.servers import FakeAnthropic, text

CODE = "for i in range(3):\n    print('ran', i)"
ANSWER = f"Run this:\n\n```python\n{CODE}\n```\n"


def answer(notebook: NotebookPage, server: FakeAnthropic) -> Locator:
    server.reply(text(ANSWER))
    ask(notebook, "How?")
    return panel_of(notebook).get_by_role("button", name="Insert as cell")


def test_code_becomes_the_cell_below_the_active_one_and_is_not_run(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    notebook = open_panel(open_notebook, "last = 1")
    insert = answer(notebook, anthropic_server)
    insert.click()
    expect(panel_of(notebook).locator(".lnb-code-said")).to_have_text("Inserted")
    cells = notebook.save().cells
    assert [cell.source for cell in cells[2:]] == [CODE, "last = 1"]
    assert (cells[2].cell_type, cells[2].outputs, cells[2].execution_count) == ("code", [], None)
    assert notebook.errors == []


def test_docked_panel_inserts_below_the_cell_that_a_person_chose(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    notebook = open_panel(open_notebook, "last = 1")
    answer(notebook, anthropic_server).wait_for()
    notebook.cell(1).locator(".jp-InputPrompt").click()
    notebook.execute("notebook:create-output-view")
    docked = notebook.page.locator(".jp-LinkedOutputView .lnb-panel")
    notebook.cell(2).locator(".jp-InputPrompt").click()
    docked.get_by_role("button", name="Insert as cell").click()
    expect(docked.locator(".lnb-code-said")).to_have_text("Inserted")
    notebook.cell(2).locator(".jp-InputPrompt").click()
    assert [cell.source for cell in notebook.save().cells[2:]] == ["last = 1", CODE]


def test_page_that_hides_its_commands_copies_the_code(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    notebook = open_panel(open_notebook)
    insert = answer(notebook, anthropic_server)
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.page.evaluate("window.kept = window.jupyterapp; delete window.jupyterapp")
    insert.click()
    said = panel_of(notebook).locator(".lnb-code-said")
    expect(said).to_have_text("Copied: paste it into a cell")
    assert notebook.page.evaluate("navigator.clipboard.readText()") == CODE
    notebook.page.evaluate("() => { window.jupyterapp = window.kept }")
    assert len(notebook.save().cells) == 2
