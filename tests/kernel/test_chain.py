"""`%%lauren chain` in real kernels: run by nbclient, and interrupted in its second step."""

from __future__ import annotations

import pytest
from nbclient.exceptions import CellExecutionError

from tests.kernel._headless import execute, make_notebook
from tests.kernel._kernel import Kernel
from tests.servers import FakeAnthropic, text

STEPS = "%%lauren chain -o result\n--- name: draft\nWrite.\n--- parser: json\nRead: {{ _ }}"


@pytest.mark.usefixtures("environment")
def test_nbclient_keeps_the_steps_and_the_value(anthropic_server: FakeAnthropic) -> None:
    anthropic_server.reply(text("a draft"))
    anthropic_server.reply(text('[{"word": "rain"}]'))
    notebook = make_notebook(STEPS, "print(result[0]['word'])")
    execute(notebook)
    [output] = notebook.cells[1].outputs
    assert "<b>draft</b>" in output.data["text/markdown"]
    assert "| rain |" in output.data["text/markdown"]
    assert [step["name"] for step in output.metadata["lauren"]["steps"]] == ["draft", "Step 2 of 2"]
    assert notebook.cells[2].outputs[0].text == "rain\n"
    assert "widgets" not in notebook.metadata


@pytest.mark.usefixtures("environment")
def test_nbclient_stops_at_a_step_that_fails(anthropic_server: FakeAnthropic) -> None:
    anthropic_server.reply(text("a draft"))
    anthropic_server.reply(text("no json"))
    notebook = make_notebook(STEPS, "print('after')")
    with pytest.raises(CellExecutionError, match="Step 2 of 2: The model's text is not JSON"):
        execute(notebook)
    assert "a draft" in notebook.cells[1].outputs[0].data["text/markdown"]
    assert notebook.cells[2].outputs == []


def test_an_interrupt_in_step_two_keeps_step_one(
    kernel: Kernel, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("a draft"))
    anthropic_server.queue(anthropic_server.script(text("never")).hanging())
    run = kernel.start(STEPS)
    anthropic_server.wait_request(2)
    kernel.interrupt()
    kernel.wait()
    assert anthropic_server.requests[1].closed.wait(2.5)
    assert "a draft" in run.markdown
    assert "interrupted" in run.markdown
    assert "Traceback" not in run.traceback
    assert kernel.run("print(result)").stdout == "a draft\n"


def test_it_runs_where_nobody_awaits_it(kernel: Kernel, anthropic_server: FakeAnthropic) -> None:
    for answer in ("1", "2", "3", "4"):
        anthropic_server.reply(text(answer))
    run = kernel.run(
        "body = '{{ item }}'\n"
        "get_ipython().run_cell_magic('lauren', 'chain --map range(3) -o out', body)\n"
        "print(sorted(out))"
    )
    assert run.stdout == "['1', '2', '3']\n", run.traceback


def test_a_mistake_is_one_line(kernel: Kernel, anthropic_server: FakeAnthropic) -> None:
    run = kernel.run("%%lauren chain -o r\nx\n--- parsr: json\ny")
    assert run.traceback == (
        "Usage: Step 2: unknown option 'parsr'. Did you mean parser? A step has: name, model, "
        "parser, pattern, system, temperature, max_tokens, thinking, effort, timeout, extra."
    )
    assert anthropic_server.requests == []
