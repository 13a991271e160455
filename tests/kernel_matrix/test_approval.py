"""Which rung of the ladder answers on which kernel: the click, the input box, or the policy."""

from __future__ import annotations

import pytest

from tests.kernel_matrix.bench import FORMS, Bench

pytestmark = pytest.mark.kernels

CLICK, BOX = "click", "input box"
RUNGS = {
    # (kernel, how the page's messages travel): (an awaited cell, the synchronous path)
    ("6.31", "main"): (BOX, BOX),
    ("7.2", "main"): (BOX, BOX),
    ("7.2", "subshell"): (CLICK, CLICK),
    ("newest", "main"): (CLICK, BOX),
    ("newest", "subshell"): (CLICK, CLICK),
}
CASES = [
    (name, route, form, rungs[form != "awaited"])
    for (name, route), rungs in RUNGS.items()
    for form in FORMS
]
CLICKED = [case for case in CASES if case[3] == CLICK]


@pytest.mark.parametrize("name, route, form, rung", CASES)
def test_rung_that_works_runs_the_tool_once_as_shown(
    bench: Bench, route: str, form: str, rung: str
) -> None:
    page = bench.open_page(route)
    bench.start(page, form)
    page.click("toolu_1")  # where nobody hears it, it waits in the kernel until the cell has ended
    page.wait(lambda cell: cell.questions or not page.is_running)
    assert bool(page.cell.questions) == (rung == BOX)
    if page.cell.questions:
        assert 'table = "sales"' in page.cell.questions[0]
        assert "count = 3" in page.cell.questions[0]
        page.type("y")
    cell = page.finish()
    assert (cell.status, cell.deciders) == ("ok", [rung])
    assert bench.get_calls() == "[('sales', 3)]"
    assert bench.get_result()["content"] == "3 rows are gone"
    assert "Three rows are gone." in cell.markdown


@pytest.mark.parametrize("name, route, form, rung", CLICKED)
def test_denying_click_gives_the_model_the_reason(
    bench: Bench, route: str, form: str, rung: str
) -> None:
    page = bench.open_page(route)
    bench.start(page, form)
    page.click("toolu_1", decision="deny", reason="Ask Ada first.")
    cell = page.finish()
    assert (cell.status, cell.deciders, cell.questions) == ("ok", [rung], [])
    assert "Ask Ada first." in str(bench.get_result())
    assert bench.get_calls() == "[]"


@pytest.mark.parametrize("form", FORMS)
def test_page_without_widgets_gets_the_input_box(bench: Bench, form: str) -> None:
    page = bench.open_page(attaches=False)
    bench.start(page, form)
    page.wait(lambda cell: cell.questions)
    page.type("not these rows")
    cell = page.finish()
    assert (cell.status, cell.deciders) == ("ok", [BOX])
    assert "not these rows" in str(bench.get_result())
    assert bench.get_calls() == "[]"


@pytest.mark.parametrize("form", FORMS)
def test_without_stdin_the_policy_denies_and_the_run_ends(bench: Bench, form: str) -> None:
    bench.script("toolu_1")
    page = bench.open_page()
    page.start(FORMS[form], allow_stdin=False)
    cell = page.finish()
    assert (cell.status, cell.questions, cell.view) == ("ok", [], None)
    assert "was denied" in cell.markdown
    assert "Three rows are gone." in cell.markdown
    assert "No person was there" in str(bench.get_result())
    assert bench.get_calls() == "[]"


def test_edited_arguments_typed_into_the_box_are_what_runs(bench: Bench) -> None:
    page = bench.open_page(attaches=False)
    bench.start(page)
    page.wait(lambda cell: cell.questions)
    page.type('{"table": "sales", "count": "many"}')
    page.wait(lambda cell: len(cell.questions) == 2)
    assert "count" in page.cell.questions[1]
    assert bench.server.requests[1:] == []
    page.type('{"table": "sales", "count": 1}')
    assert page.finish().status == "ok"
    assert bench.get_calls() == "[('sales', 1)]"


def test_two_calls_are_asked_about_one_after_the_other_in_the_box(bench: Bench) -> None:
    page = bench.open_page(attaches=False)
    bench.script("toolu_1", "toolu_2")
    page.start(FORMS["awaited"])
    page.wait(lambda cell: cell.questions)
    page.type("n")
    page.wait(lambda cell: len(cell.questions) == 2)
    page.type("y")
    cell = page.finish()
    assert (cell.status, cell.deciders) == ("ok", [BOX, BOX])
    states = [card["approval"]["state"] for card in cell.cards.values()]
    assert states == ["denied", "approved"]
    assert bench.get_calls() == "[('sales', 3)]"
