"""What the files of the example notebooks hold: text that teaches, answers at rest, no more."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest

from tests.notebooks._answers import Play, serve
from tests.notebooks._running import NOTEBOOKS, get_cassette
from tests.notebooks.record import write

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:home|Users|root|tmp|work|opt|usr)/\w|[A-Z]:\\\\Users")
TOUR = "00-tour"

each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def list_code(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def test_each_notebook_has_a_cassette_and_each_cassette_a_notebook() -> None:
    cassettes = sorted((NOTEBOOKS / "cassettes").glob("*.json"))
    assert [get_cassette(path) for path in PATHS] == cassettes
    assert [path.name[:2] for path in PATHS] == [f"{n:02}" for n in range(len(PATHS))]


@each_notebook
def test_a_notebook_is_kept_as_the_recorder_writes_it(path: Path) -> None:
    """So that no time of day, no widget state and no random id makes a difference between two."""
    assert write(read(path)) == path.read_text("utf-8")
    nbformat.validate(read(path))


@each_notebook
def test_a_notebook_tells_nothing_of_a_machine(path: Path) -> None:
    for file in (path, get_cassette(path)):
        assert not MACHINE_PATH.findall(file.read_text("utf-8"))


@each_notebook
def test_a_notebook_is_run_from_its_top_and_warns_of_nothing(path: Path) -> None:
    cells = list_code(path)
    assert [cell.execution_count for cell in cells] == [*range(1, len(cells) + 1)]
    for cell in cells:
        for output in cell.outputs:
            assert output.get("name") != "stderr" and output.output_type != "error", cell.source
            assert not any("widget" in kind for kind in output.get("data", {})), cell.source


@each_notebook
def test_each_question_has_its_answer_at_rest(path: Path) -> None:
    asked = [c for c in list_code(path) if c.source.startswith("%%lauren")]
    if path.stem not in ("04-chat-panel", "05-core-streaming", "06-web-sse"):
        assert asked
    for cell in asked:
        [output] = [o for o in cell.outputs if "lauren" in o.get("metadata", {})]
        facts = output.metadata.lauren
        assert facts.status == "done" and facts.output_tokens, cell.source
        assert facts.model in output.data["text/markdown"]
        assert facts.model in output.data["text/plain"]


@each_notebook
def test_the_text_leads_through_the_notebook(path: Path) -> None:
    cells = read(path).cells
    assert cells[0].cell_type == "markdown" and cells[0].source.startswith("# ")
    kinds = "".join("m" if cell.cell_type == "markdown" else "c" for cell in cells)
    assert "cccc" not in kinds[3:], "four cells of code without a word between them"
    said = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
    assert len(said.split()) > 150


@each_notebook
def test_a_notebook_says_where_its_answers_come_from(path: Path) -> None:
    if path.stem == TOUR:  # answered on the reader's own machine
        return
    first, second = (cell.source for cell in list_code(path)[:2])
    assert first == "%load_ext lauren_nb"
    assert second.removesuffix(" --paced") == f"%lauren replay cassettes/{path.stem}.json"
    said = " ".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    assert "LAUREN_LIVE=1" in said
    assert re.search(r"written\s+for|were\s+written", said), "whose answers are they?"


@each_notebook
def test_a_cassette_holds_no_trace_of_a_key(path: Path) -> None:
    kept = get_cassette(path).read_text("utf-8")
    assert json.loads(kept)["exchanges"]
    if path.stem != TOUR:
        with serve(Play(path.name[:2])) as environment:
            keys = [value for name, value in environment.items() if name.endswith("_KEY")]
        assert keys and not any(key in kept for key in keys)
    assert not re.search(r"sk-\w{3}|[Bb]earer |authorization|127\.0\.0\.1:\d", kept)
