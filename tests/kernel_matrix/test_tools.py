"""The kernel's tools in real kernels, and what "Always" is worth for them and for functions."""

from __future__ import annotations

import pytest

from tests.kernel_matrix.bench import FORMS, Bench
from tests.kernel_matrix.page import Cell, Page
from tests.servers import text, tool_call

pytestmark = pytest.mark.kernels

APPROVED = {
    "awaited": "%%lauren -t kernel --approve all\nLook at it.",
    "%%time": "%%time\n%%lauren -t kernel --approve all\nLook at it.",
}
ERRORS = {"awaited": "CancelledError", "%%time": "KeyboardInterrupt"}


def script(bench: Bench, *codes: str) -> None:
    """The model runs these codes, one a turn, and then answers."""
    for number, code in enumerate(codes):
        bench.server.reply(tool_call("run_python", {"code": code}, id=f"toolu_{number}"))
    bench.server.default = bench.server.script(text("That is it."))


def has_shown(cell: Cell, plain: str) -> bool:
    return any(d["data"].get("text/plain") == plain for d in cell.displays.values())


@pytest.mark.parametrize("form", APPROVED)
def test_code_works_in_the_users_namespace_and_its_displays_appear(bench: Bench, form: str) -> None:
    bench.kernel.run("given = 20")
    code = (
        "import asyncio\nfrom IPython.display import display\nprint('printed')\n"
        "made = given + await asyncio.sleep(0, 1)\ndisplay('shown')\nmade * 2"
    )
    script(bench, code)
    page = bench.open_page(attaches=False)
    page.start(APPROVED[form])
    cell = page.finish()
    assert (cell.status, cell.deciders) == ("ok", ["policy"])
    assert bench.get_result()["content"] == "printed\n42"
    assert has_shown(cell, "'shown'")
    assert "printed" not in cell.stdout
    assert bench.kernel.evaluate("made") == "21"


@pytest.mark.parametrize("form", APPROVED)
@pytest.mark.parametrize("before", ["", "import asyncio\nawait asyncio.sleep(0)\n"])
def test_busy_code_is_interrupted_with_its_cell(bench: Bench, form: str, before: str) -> None:
    busy = f"{before}from IPython.display import display\ndisplay('began')\nwhile True: pass"
    script(bench, busy)
    page = bench.open_page(attaches=False)
    page.start(APPROVED[form])
    page.wait(lambda cell: has_shown(cell, "'began'"))
    bench.kernel.interrupt()
    cell = page.finish()
    assert (cell.status, cell.error) == ("error", ERRORS[form])
    assert "interrupted" in cell.markdown
    assert len(bench.server.requests) == 1
    bench.kernel.run("print('still here')")


def test_failing_code_fails_neither_the_run_nor_the_cell(bench: Bench) -> None:
    script(bench, "1 / 0", "x = = 1", "import sys; sys.exit()")
    page = bench.open_page(attaches=False)
    page.start(APPROVED["awaited"])
    cell = page.finish()
    assert (cell.status, cell.error) == ("ok", "")
    told = str(bench.server.requests[-1].body["messages"])
    for name in ("ZeroDivisionError", "SyntaxError", "SystemExit"):
        assert name in told
    assert "That is it." in cell.markdown


def test_code_is_asked_about_each_time_whatever_was_answered(bench: Bench) -> None:
    script(bench, "done = 1", "done = 2")
    page = bench.open_page(attaches=False)
    page.start("%%lauren -t kernel\nLook at it.")
    page.wait(lambda cell: cell.questions)
    assert 'code = "done = 1"' in page.cell.questions[0]
    assert "always" not in page.cell.questions[0]
    page.type("a")
    page.wait(lambda cell: len(cell.questions) == 2)
    page.type("n")
    assert page.finish().status == "ok"
    assert bench.kernel.evaluate("done") == "1"


def test_always_holds_for_the_function_and_not_for_one_of_its_name(bench: Bench) -> None:
    page = bench.open_page(attaches=False)
    assert answer(bench, page, "a") == ["input box"]
    bench.script("toolu_1")
    page.start(FORMS["awaited"])
    cell = page.finish()
    assert (cell.deciders, cell.questions) == (["grant"], [])
    assert bench.get_calls() == "[('sales', 3), ('sales', 3)]"
    assert bench.kernel.evaluate("vars(delete_rows)") == "{}"
    bench.kernel.run("def delete_rows(table: str, count: int) -> None: calls.append('another')")
    assert answer(bench, page, "n") == ["input box"]
    assert "another" not in bench.get_calls()


def answer(bench: Bench, page: Page, line: str) -> list[str]:
    """Who decided, when the box was answered so."""
    bench.start(page)
    page.wait(lambda cell: cell.questions)
    page.type(line)
    return page.finish().deciders
