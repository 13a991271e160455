"""Where no person watches (nbclient, papermill) a cell leaves its answer and no widget message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import papermill
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook
from papermill.exceptions import PapermillExecutionError

from tests.kernel._kernel import ROOT, Kernel
from tests.kernel.conftest import KEY
from tests.servers import FakeAnthropic, text


@pytest.fixture
def environment(anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic_server.base_url)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    yield


def make_notebook(*cells: str) -> nbformat.NotebookNode:
    sources = ["%load_ext lauren_nb", *cells]
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def test_no_widget_message_is_sent(kernel: Kernel, anthropic_server: FakeAnthropic) -> None:
    anthropic_server.reply(text("The answer."))
    run = kernel.run("%%lauren\nhi", person=False)
    assert "The answer." in run.markdown
    assert {m.type for m in run.messages} == {"status", "execute_input", "display_data"}


@pytest.mark.usefixtures("environment")
def test_nbclient_keeps_the_answer(anthropic_server: FakeAnthropic) -> None:
    anthropic_server.reply(text("The answer."))
    notebook = make_notebook("%%lauren -o answer\nhi", "print(answer)")
    NotebookClient(notebook, timeout=60).execute()
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
        NotebookClient(notebook, timeout=60).execute()
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
