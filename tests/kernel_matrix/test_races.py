"""Answers that come twice, late, from elsewhere or not at all: one decides, or nothing runs."""

from __future__ import annotations

import threading

import pytest

from tests.kernel_matrix.bench import ARGUMENTS, FORMS, Bench
from tests.kernel_matrix.page import Page, Question
from tests.servers import text, tool_call

pytestmark = pytest.mark.kernels

HEARD = [
    ("7.2", "subshell", "awaited"),
    ("7.2", "subshell", "%%time"),
    ("newest", "main", "awaited"),
    ("newest", "subshell", "awaited"),
    ("newest", "subshell", "%%time"),
]
ERRORS = {"awaited": "CancelledError", "%%time": "KeyboardInterrupt"}


@pytest.mark.parametrize("name, route, form", HEARD)
def test_click_beside_an_open_box_wins_when_it_is_first(
    bench: Bench, route: str, form: str
) -> None:
    page = bench.open_page(route, attaches=False)
    bench.start(page, form)
    page.wait(lambda cell: cell.questions)
    page.click("toolu_1")
    page.wait(lambda cell: cell.deciders == ["click"])
    page.type("no, never")
    cell = page.finish()
    assert (cell.status, cell.deciders, len(cell.questions)) == ("ok", ["click"], 1)
    assert "never" not in str(bench.get_result())
    assert bench.get_calls() == "[('sales', 3)]"


@pytest.mark.parametrize("name, route, form", HEARD)
def test_click_after_the_box_decides_nothing_and_is_told(
    bench: Bench, route: str, form: str
) -> None:
    gate = threading.Event()
    bench.server.reply(tool_call("delete_rows", ARGUMENTS, id="toolu_1"))
    bench.server.queue(bench.server.script(text("Done.")).gated(1, gate))
    page = bench.open_page(route, attaches=False)
    page.start(FORMS[form])
    page.wait(lambda cell: cell.questions)
    page.type("n")
    page.wait(lambda cell: cell.deciders == ["input box"])
    page.click("toolu_1")
    page.click("toolu_1", decision="always")
    page.wait(lambda cell: "decided already" in cell.cards["toolu_1"].get("note", ""))
    gate.set()
    assert page.finish().status == "ok"
    assert bench.get_calls() == "[]"


@pytest.mark.parametrize("name, route, form", HEARD)
def test_double_click_and_a_changed_digest_run_the_tool_once(
    bench: Bench, route: str, form: str
) -> None:
    page = bench.open_page(route)
    bench.start(page, form)
    page.click("toolu_1", digest="0" * 64)
    page.wait(lambda cell: "note" in cell.cards["toolu_1"])
    assert page.cell.waiting
    page.click("toolu_1")
    page.click("toolu_1")
    cell = page.finish()
    assert (cell.status, cell.deciders) == ("ok", ["click"])
    assert bench.get_calls() == "[('sales', 3)]"


@pytest.mark.parametrize("name, route, form", HEARD)
def test_second_window_can_approve(bench: Bench, route: str, form: str) -> None:
    page = bench.open_page(route)
    bench.start(page, form)
    client = bench.kernel.connect()
    try:
        other = bench.open_page(route, client=client)
        other.send({"kind": "attach", "have": None}, view=page.cell.view)
        [(call_id, digest)] = page.cell.waiting.items()
        answer = {"kind": "decide", "id": call_id, "digest": digest, "decision": "approve"}
        other.send(answer, view=page.cell.view)
        cell = page.finish()
    finally:
        client.stop_channels()
    assert (cell.status, cell.deciders, cell.questions) == ("ok", ["click"], [])
    assert bench.get_calls() == "[('sales', 3)]"


@pytest.mark.parametrize("form", ERRORS)
def test_interrupt_while_the_box_waits_runs_nothing(bench: Bench, form: str) -> None:
    page = bench.open_page(attaches=False)
    bench.start(page, form)
    page.wait(lambda cell: cell.questions)
    bench.kernel.interrupt()
    cell = page.finish()
    assert (cell.status, cell.error) == ("error", ERRORS[form])
    assert "interrupted" in cell.markdown
    page.type("y")
    assert bench.get_calls() == "[]"


@pytest.mark.parametrize("name, route, form", HEARD)
def test_interrupt_while_a_click_is_awaited_runs_nothing(
    bench: Bench, route: str, form: str
) -> None:
    page = bench.open_page(route)
    bench.start(page, form)
    bench.kernel.interrupt()
    cell = page.finish()
    assert (cell.status, cell.error) == ("error", ERRORS[form])
    assert "interrupted" in cell.markdown
    page.click("toolu_1")
    assert bench.get_calls() == "[]"
    bench.start(page, form)
    page.click("toolu_1")
    assert page.finish().status == "ok"
    assert bench.get_calls() == "[('sales', 3)]"


def test_answer_to_the_box_of_an_interrupted_cell_decides_nothing(bench: Bench) -> None:
    """JupyterLab leaves that box in the page, and says which box a reply comes from."""
    page = bench.open_page(attaches=False)
    old = interrupt_at_box(bench, page)
    bench.start(page)
    page.wait(lambda cell: cell.questions)
    page.cell.questions.append(old)
    page.type("y", question=1)
    page.type("n", question=0)
    cell = page.finish()
    assert (cell.status, cell.deciders) == ("ok", ["input box"])
    assert bench.get_calls() == "[]"


def test_answer_that_may_be_for_an_older_box_is_asked_for_again(bench: Bench) -> None:
    page = bench.open_page(attaches=False)
    interrupt_at_box(bench, page)
    bench.start(page)
    page.wait(lambda cell: cell.questions)
    page.type("y", question=None)
    page.wait(lambda cell: len(cell.questions) == 2)
    assert "earlier box" in page.cell.questions[1]
    assert 'table = "sales"' in page.cell.questions[1]
    page.type("n", question=None)
    assert page.finish().status == "ok"
    assert bench.get_calls() == "[]"


def interrupt_at_box(bench: Bench, page: Page) -> Question:
    """Leave a box unanswered."""
    bench.start(page)
    page.wait(lambda cell: cell.questions)
    bench.kernel.interrupt()
    return page.finish().questions[0]
