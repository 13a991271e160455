"""A running answer in JupyterLab can be stopped in every way, and Run All stops with it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser._notebook import NotebookPage, Open
from tests.servers import FakeAnthropic, text

#: Without the heartbeat it takes 5 s. benchmarks/page_latency.py measures it.
CLOSED_WITHIN_S = 2.5


def press_the_stop_button(notebook: NotebookPage) -> None:
    notebook.live(1).get_by_role("button", name="Stop this answer").click()


def press_i_twice(notebook: NotebookPage) -> None:
    notebook.cell(1).locator(".jp-InputPrompt").click()
    notebook.page.keyboard.press("i")
    notebook.page.keyboard.press("i")


def interrupt_from_the_toolbar(notebook: NotebookPage) -> None:
    notebook.page.locator(".jp-Toolbar [data-command='notebook:interrupt-kernel']").first.click()


WAYS = [press_the_stop_button, press_i_twice, interrupt_from_the_toolbar]


@pytest.mark.parametrize("stop", WAYS, ids=lambda way: way.__name__)
def test_stopped_in_mid_answer(
    open_notebook: Open, anthropic_server: FakeAnthropic, stop: Callable[[NotebookPage], None]
) -> None:
    answer = anthropic_server.script(text(["half ", "an answer"]))
    anthropic_server.queue(answer.hanging(at=4))
    notebook = open_notebook("%%lauren -o kept\nhi", "print('after')")
    notebook.run_all()
    notebook.wait_live(1, "half")
    stop(notebook)
    assert anthropic_server.requests[0].closed.wait(CLOSED_WITHIN_S)
    notebook.wait_rest(1, "half")
    assert "interrupted" in notebook.rest(1).inner_text()
    notebook.wait_prompt(2, "[ ]:")
    assert "after" not in notebook.output(2).all_inner_texts()
    output, error = notebook.save().cells[1].outputs
    assert output.metadata["lauren"]["status"] == "interrupted"
    assert error.output_type == "error"


@pytest.mark.parametrize("stop", WAYS[:2], ids=lambda way: way.__name__)
def test_stopped_while_it_waits_for_the_first_word(
    open_notebook: Open, anthropic_server: FakeAnthropic, stop: Callable[[NotebookPage], None]
) -> None:
    anthropic_server.queue(anthropic_server.script(text("never")).hanging())
    notebook = open_notebook("%%lauren\nhi", "print('after')")
    notebook.run_all()
    anthropic_server.wait_request()
    notebook.wait_live(1, "Waiting for")
    stop(notebook)
    assert anthropic_server.requests[0].closed.wait(CLOSED_WITHIN_S)
    notebook.wait_rest(1, "interrupted")
    notebook.wait_prompt(2, "[ ]:")


def test_kernel_works_on_after_a_stop(open_notebook: Open, anthropic_server: FakeAnthropic) -> None:
    anthropic_server.queue(anthropic_server.script(text(["half ", "never"])).hanging(at=4))
    anthropic_server.reply(text("a second answer"))
    notebook = open_notebook("%%lauren -o kept\nhi")
    notebook.run_all()
    notebook.wait_live(1, "half")
    press_the_stop_button(notebook)
    notebook.wait_rest(1, "half")
    notebook.run_all()
    notebook.wait_rest(1, "a second answer")
