"""A call that waits for a person in JupyterLab: the card in the running cell, and its buttons."""

from __future__ import annotations

import json
from typing import Any

import nbformat
from playwright.sync_api import Locator, expect

from tests.browser._cards import press, wait_still
from tests.browser._notebook import WAIT_MS, NotebookPage, Open
from tests.servers import FakeAnthropic, text, tool_call

TOOL = """\
from lauren_ai import tool

deleted = []

@tool(requires_confirmation=True)
def delete_rows(table: str, limit: int) -> str:
    \"\"\"Delete rows of a table.\"\"\"
    deleted.append((table, limit))
    return f"{limit} rows of {table} deleted" """
ASK = "%%lauren -t delete_rows -o answer\nClean up."
SHOW = "print(deleted)"
ARGUMENTS = {"table": "sales", "limit": 12}
#: Notes what each card says of the time that is left, for the test to read later.
NOTE_TIMES = """() => {
    window.times = [];
    new MutationObserver(() => {
        const cards = document.querySelectorAll("[role=alertdialog] .lnb-card-time");
        window.times.push(...[...cards].map((time) => time.textContent));
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
#: The cell that asks.
ASKING = 2


def delete(limit: int = 12, *, id: str = "call_1") -> Any:
    return tool_call("delete_rows", {"table": "sales", "limit": limit}, id=id)


def get_card(notebook: NotebookPage, at: int = 0, *, cell: int = ASKING) -> Locator:
    """A card, when it is there."""
    card = notebook.live(cell).get_by_role("alertdialog", name="Run delete_rows?").nth(at)
    expect(card).to_be_visible(timeout=WAIT_MS)
    return card


def get_results(server: FakeAnthropic, request: int = 1) -> dict[str, str]:
    """What the model read of each call, by its id, in the order in which it was sent."""
    server.wait_request(request + 1)
    message = server.requests[request].body["messages"][-1]
    results = [block for block in message["content"] if block["type"] == "tool_result"]
    return {block["tool_use_id"]: json.dumps(block["content"]) for block in results}


def get_audit(saved: nbformat.NotebookNode, cell: int = ASKING) -> list[dict[str, Any]]:
    return list(saved.cells[cell].outputs[0].metadata["lauren"]["tool_calls"])


def start(open_notebook: Open, *cells: str) -> NotebookPage:
    notebook = open_notebook(TOOL, *(cells or (ASK, SHOW)))
    notebook.run_all()
    return notebook


def test_approve_runs_exactly_what_is_shown_and_the_answer_goes_on_in_the_same_cell(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("I will clean up."), delete())
    anthropic_server.reply(text("All clean."))
    notebook = start(open_notebook)
    card = get_card(notebook)
    notebook.wait_prompt(ASKING, "[*]:")
    shown = card.locator(".lnb-arg").all_inner_texts()
    assert [row.split() for row in shown] == [["limit", "12"], ["table", "sales"]]
    assert len(anthropic_server.requests) == 1
    press(card, "Approve")
    notebook.wait_rest(ASKING, "All clean.")
    assert "I will clean up." in notebook.rest(ASKING).inner_text()
    expect(notebook.output(3)).to_have_text("[('sales', 12)]")
    assert "12 rows of sales deleted" in get_results(anthropic_server)["call_1"]
    (call,) = get_audit(notebook.save())
    assert call["status"] == "done"
    assert call["approval"]["decided_by"] == "click"
    assert json.loads(call["approval"]["text"]) == ARGUMENTS
    assert "approved by click" in notebook.rest(ASKING).inner_text()


def test_a_reason_for_denying_reaches_the_model_word_for_word(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(delete())
    anthropic_server.reply(text("As you like."))
    notebook = start(open_notebook)
    card = get_card(notebook)
    reason = card.get_by_role("textbox", name="Reason for denying")
    reason.fill("Only <rows> of 2019, please.")
    wait_still(card)
    reason.press("Enter")
    notebook.wait_rest(ASKING, "As you like.")
    told = get_results(anthropic_server)["call_1"]
    assert told.count("Only <rows> of 2019, please.") == 1
    expect(notebook.output(3)).to_have_text("[]")
    (call,) = get_audit(notebook.save())
    assert (call["status"], call["approval"]["state"]) == ("denied", "denied")
    assert "Only <rows> of 2019, please." in notebook.rest(ASKING).inner_text()


def test_changed_arguments_run_and_both_are_recorded(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(delete())
    anthropic_server.reply(text("Three then."))
    notebook = start(open_notebook)
    card = get_card(notebook)
    press(card, "Edit")
    area = card.get_by_role("textbox", name="Arguments as JSON")
    area.fill('{"table": "sales", "limit": "many"}')
    press(card, "Approve edited")
    # The kernel checks it against the schema; the call still waits.
    expect(card.get_by_role("alert").filter(has_text="limit")).to_be_visible(timeout=WAIT_MS)
    area.fill('{\n  "limit": 3,\n  "table": "sales"\n}')
    assert [line[1:].split() for line in card.locator("ins").all_inner_texts()] == [
        ['"limit":', "3,"]
    ]
    press(card, "Approve edited")
    notebook.wait_rest(ASKING, "Three then.")
    expect(notebook.output(3)).to_have_text("[('sales', 3)]")
    assert "changed the arguments" in get_results(anthropic_server)["call_1"]
    (call,) = get_audit(notebook.save())
    assert json.loads(call["approval"]["text"]) == ARGUMENTS
    assert json.loads(call["approval"]["edited_text"]) == {"table": "sales", "limit": 3}
    assert "with changed arguments" in notebook.rest(ASKING).inner_text()


def test_always_asks_no_more_until_it_is_revoked(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    for limit in (1, 2, 3):
        anthropic_server.reply(delete(limit))
        anthropic_server.reply(text(f"Answer {limit}."))
    again = ASK.replace("answer", "again")
    revoke = "%lauren approvals revoke all"
    notebook = start(open_notebook, ASK, again, "%lauren approvals", revoke, again, SHOW)
    card = get_card(notebook)
    press(card, "Always…")
    press(card, "delete_rows, whatever the arguments")
    notebook.wait_rest(2, "Answer 1.")
    notebook.wait_rest(3, "Answer 2.")
    assert "by an earlier Always" in notebook.rest(3).inner_text()
    expect(notebook.output(4)).to_contain_text("any arguments")
    press(get_card(notebook, cell=6), "Deny")
    notebook.wait_rest(6, "Answer 3.")
    expect(notebook.output(7)).to_have_text("[('sales', 1), ('sales', 2)]")


def test_always_for_exact_arguments_asks_about_others(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    for limit in (1, 1, 2):
        anthropic_server.reply(delete(limit))
        anthropic_server.reply(text("Answered."))
    notebook = start(open_notebook, ASK, ASK, ASK, SHOW)
    card = get_card(notebook)
    press(card, "Always…")
    press(card, "With exactly these arguments")
    notebook.wait_rest(3, "Answered.")
    press(get_card(notebook, cell=4), "Deny")
    notebook.wait_rest(4, "Answered.")
    expect(notebook.output(5)).to_have_text("[('sales', 1), ('sales', 1)]")


def test_two_calls_are_decided_in_the_opposite_order_and_answered_in_the_models(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(delete(1, id="call_a"), delete(2, id="call_b"))
    anthropic_server.reply(text("Both done."))
    notebook = start(open_notebook)
    first, second = get_card(notebook, 0), get_card(notebook, 1)
    press(second, "Approve")
    expect(second).to_have_count(0, timeout=WAIT_MS)
    assert len(anthropic_server.requests) == 1
    press(first, "Deny")
    notebook.wait_rest(ASKING, "Both done.")
    results = get_results(anthropic_server)
    assert list(results) == ["call_a", "call_b"]
    assert "denied" in results["call_a"]
    assert "2 rows of sales deleted" in results["call_b"]
    expect(notebook.output(3)).to_have_text("[('sales', 2)]")


def test_a_double_click_runs_it_once(open_notebook: Open, anthropic_server: FakeAnthropic) -> None:
    anthropic_server.reply(delete())
    anthropic_server.reply(text("Once."))
    notebook = start(open_notebook)
    card = get_card(notebook)
    wait_still(card)
    card.get_by_role("button", name="Approve", exact=True).dblclick()
    notebook.wait_rest(ASKING, "Once.")
    expect(notebook.output(3)).to_have_text("[('sales', 12)]")


def test_the_keyboard_alone_approves(open_notebook: Open, anthropic_server: FakeAnthropic) -> None:
    anthropic_server.reply(delete())
    anthropic_server.reply(text("By key."))
    notebook = start(open_notebook)
    card = get_card(notebook)
    expect(card.get_by_role("button", name="Deny")).to_be_focused()
    wait_still(card)
    for key in ("Tab", "Tab", "Enter"):
        notebook.page.keyboard.press(key)
    notebook.wait_rest(ASKING, "By key.")
    expect(notebook.output(3)).to_have_text("[('sales', 12)]")
    assert len(notebook.read().cells) == 4, "the notebook took a key for itself"


def test_the_focus_stays_with_somebody_who_types(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(delete())
    anthropic_server.reply(text("Fine."))
    notebook = open_notebook(TOOL, ASK, SHOW, "")
    notebook.cell(4).locator(".cm-content").click()
    notebook.run_all()
    notebook.cell(4).locator(".cm-content").click()
    notebook.page.keyboard.type("first ")
    card = get_card(notebook)
    notebook.page.keyboard.type("second")
    expect(notebook.cell(4).locator(".cm-content")).to_have_text("first second")
    press(card, "Deny")
    notebook.wait_rest(ASKING, "Fine.")


def test_an_interrupt_withdraws_the_question(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(delete())
    notebook = start(open_notebook, ASK.replace("-o", "-c talk -o"), SHOW)
    get_card(notebook)
    toolbar = notebook.page.locator(".jp-Toolbar [data-command='notebook:interrupt-kernel']")
    toolbar.first.click()
    notebook.wait_rest(ASKING, "interrupted")
    expect(notebook.output(ASKING).get_by_role("button", name="Approve")).to_have_count(0)
    notebook.wait_prompt(3, "[ ]:")
    (call,) = get_audit(notebook.save())
    assert call["status"] == "cancelled"
    assert "was stopped" in notebook.rest(ASKING).inner_text()
    # The history is one that the next run can send: the call has its result.
    anthropic_server.reply(text("Going on."))
    notebook.cell(ASKING).locator(".jp-InputPrompt").click()
    notebook.execute("notebook:run-cell-and-select-next")
    notebook.wait_rest(ASKING, "Going on.")
    messages = anthropic_server.requests[1].body["messages"]
    kinds = [block["type"] for m in messages for block in m["content"] if isinstance(block, dict)]
    assert kinds.count("tool_use") == kinds.count("tool_result")


def test_nobody_answers_in_time(open_notebook: Open, anthropic_server: FakeAnthropic) -> None:
    anthropic_server.reply(delete())
    anthropic_server.reply(text("Without it."))
    agent = (
        "from lauren_ai import AgentConfig, agent, use_tools\n"
        "@agent(config=AgentConfig(approval_timeout_s=2))\n@use_tools(delete_rows)\n"
        "class Cleaner:\n    pass"
    )
    notebook = open_notebook(TOOL, agent, "%%lauren -a Cleaner\nClean up.", SHOW)
    notebook.page.evaluate(NOTE_TIMES)
    notebook.run_all()
    notebook.wait_rest(3, "Without it.")
    assert any("0:0" in left for left in notebook.page.evaluate("window.times"))
    expect(notebook.output(4)).to_have_text("[]")
    (call,) = get_audit(notebook.save(), 3)
    assert (call["status"], call["approval"]["decided_by"]) == ("denied", "timeout")
    assert "by the time limit" in notebook.rest(3).inner_text()


def test_a_reloaded_page_shows_the_card_again_and_it_works(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(delete())
    anthropic_server.reply(text("After the reload."))
    notebook = start(open_notebook)
    get_card(notebook)
    notebook.save()
    notebook.reload()
    card = get_card(notebook)
    assert "sales" in card.inner_text()
    press(card, "Approve")
    notebook.wait_rest(ASKING, "After the reload.")
    assert "12 rows of sales deleted" in get_results(anthropic_server)["call_1"]


def test_a_restarted_kernel_leaves_no_live_button(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(delete())
    notebook = start(open_notebook)
    card = get_card(notebook)
    notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    expect(card).to_contain_text("kernel that asked is gone", timeout=WAIT_MS)
    expect(card.get_by_role("button", name="Approve")).to_be_disabled()
    notebook.wait_ready()
    assert len(anthropic_server.requests) == 1
