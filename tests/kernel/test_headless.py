"""Where no person watches (nbclient, papermill) a cell leaves its answer and no widget message."""

from __future__ import annotations

from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient.exceptions import CellExecutionError
from papermill.exceptions import PapermillExecutionError

from tests.kernel._headless import execute, make_notebook
from tests.kernel._kernel import KEY, Kernel
from tests.servers import FakeAnthropic, text


def test_no_widget_message_is_sent(kernel: Kernel, anthropic_server: FakeAnthropic) -> None:
    anthropic_server.reply(text("The answer."))
    run = kernel.run("%%lauren\nhi", person=False)
    assert "The answer." in run.markdown
    assert {m.type for m in run.messages} == {"status", "execute_input", "display_data"}


@pytest.mark.usefixtures("environment")
def test_nbclient_keeps_the_answer(anthropic_server: FakeAnthropic) -> None:
    anthropic_server.reply(text("The answer."))
    notebook = make_notebook("%%lauren -o answer\nhi", "print(answer)")
    execute(notebook)
    [output] = notebook.cells[1].outputs
    assert "The answer." in output.data["text/markdown"]
    assert output.metadata["lauren"]["stop_reason"] == "end_turn"
    assert notebook.cells[2].outputs[0].text == "The answer.\n"
    assert "widgets" not in notebook.metadata


@pytest.mark.usefixtures("environment")
def test_nbclient_stops_at_a_cell_that_fails(anthropic_server: FakeAnthropic) -> None:
    anthropic_server.queue(anthropic_server.error(401, "invalid x-api-key"))
    notebook = make_notebook("%%lauren\nhi", "print('after')")
    with pytest.raises(CellExecutionError, match="invalid x-api-key"):
        execute(notebook)
    assert notebook.cells[2].outputs == []
    assert KEY not in nbformat.writes(notebook)


@pytest.mark.usefixtures("environment")
def test_papermill_keeps_the_answer_and_stops_at_a_cell_that_fails(
    anthropic_server: FakeAnthropic, tmp_path: Path
) -> None:
    anthropic_server.reply(text("The answer."))
    anthropic_server.queue(anthropic_server.error(401, "invalid x-api-key"))
    source, result = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    nbformat.write(make_notebook("%%lauren\nhi", "%%lauren\nagain", "print('after')"), source)
    with pytest.raises(PapermillExecutionError, match="invalid x-api-key"):
        papermill.execute_notebook(source, result, progress_bar=False, log_output=False)
    cells = [c for c in nbformat.read(result, as_version=4).cells if c.cell_type == "code"]
    assert "The answer." in cells[1].outputs[0].data["text/markdown"]
    assert cells[3].outputs == []
    assert KEY not in result.read_text("utf-8")
