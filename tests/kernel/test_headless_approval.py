"""Risky calls where no person watches: nothing hangs, and the notebook says what was decided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient.exceptions import CellExecutionError

from tests.kernel._headless import execute, make_notebook
from tests.servers import FakeAnthropic, text, tool_call

TOOLS = """calls = []
def delete_rows(table: str) -> str:
    "Delete rows of a table."
    calls.append(table)
    return "3 rows are gone"
"""
FORMS = {
    "awaited": "%%lauren -t delete_rows{}\nDrop the outliers.",
    "synchronous": "%%time\n%%lauren -t delete_rows{}\nDrop the outliers.",
}


@pytest.fixture(autouse=True)
def scripted(anthropic_server: FakeAnthropic, environment: None) -> None:
    """The model calls the tool, and then answers."""
    anthropic_server.reply(tool_call("delete_rows", {"table": "sales"}, id="toolu_1"))
    anthropic_server.reply(text("The model's last word."))


def get_result(server: FakeAnthropic) -> dict[str, Any]:
    """What the model was told of its call."""
    [result] = server.requests[-1].body["messages"][-1]["content"]
    assert isinstance(result, dict)
    return result


def get_output(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    [output] = [o for o in cell.outputs if "text/markdown" in o.get("data", {})]
    return output


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "approve, reason",
    [("", "No person was there to approve this call."), (" --approve none", "--approve none")],
)
def test_denial_is_in_the_notebook_and_the_run_goes_on(
    anthropic_server: FakeAnthropic, form: str, approve: str, reason: str
) -> None:
    notebook = make_notebook(TOOLS, FORMS[form].format(approve), "print('after', calls)")
    execute(notebook)
    output = get_output(notebook.cells[2])
    assert "`delete_rows` was denied" in output.data["text/markdown"]
    assert reason in output.data["text/markdown"]
    assert "The model's last word." in output.data["text/markdown"]
    [call] = output.metadata["lauren"]["tool_calls"]
    assert (call["approval"]["state"], call["approval"]["decided_by"]) == ("denied", "policy")
    assert reason in str(get_result(anthropic_server))
    assert notebook.cells[3].outputs[0].text == "after []\n"
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("approve", [" --approve all", " --approve delete_rows,"])
def test_call_that_was_approved_ahead_runs(
    anthropic_server: FakeAnthropic, form: str, approve: str
) -> None:
    notebook = make_notebook(TOOLS, FORMS[form].format(approve), "print(calls)")
    execute(notebook)
    output = get_output(notebook.cells[2])
    assert "`delete_rows` ran" in output.data["text/markdown"]
    [call] = output.metadata["lauren"]["tool_calls"]
    assert (call["approval"]["state"], call["approval"]["decided_by"]) == ("approved", "policy")
    assert get_result(anthropic_server)["content"] == "3 rows are gone"
    assert notebook.cells[3].outputs[0].text == "['sales']\n"


def test_name_of_no_tool_fails_the_cell_before_anything_is_sent(
    anthropic_server: FakeAnthropic,
) -> None:
    # It would approve nothing, and a run at night would deny the call that was meant.
    code = FORMS["awaited"].format(" --approve delete")
    notebook = make_notebook(TOOLS, code, "print(calls)")
    with pytest.raises(CellExecutionError, match="--approve delete: the model has no tool of that"):
        execute(notebook)
    assert anthropic_server.requests == []


def test_papermill_ends_as_normal_with_the_denial(tmp_path: Path) -> None:
    source, result = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    code = FORMS["awaited"].format("")
    nbformat.write(make_notebook(TOOLS, code, "print('after', calls)"), source)
    papermill.execute_notebook(source, result, progress_bar=False, log_output=False)
    cells = [c for c in nbformat.read(result, as_version=4).cells if c.cell_type == "code"]
    assert "was denied" in get_output(cells[2]).data["text/markdown"]
    assert "".join(output.text for output in cells[3].outputs) == "after []\n"
