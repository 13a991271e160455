"""A conversation as a notebook: valid, in order, neutralised, never run."""

from __future__ import annotations

import nbformat
import pytest
from markdown_it import MarkdownIt

from lauren_nb.panel._notebook import write_notebook
from lauren_nb.panel._tree import TurnTree


def write(*answers: str, format: str = "markdown", question: str = "Why?") -> nbformat.NotebookNode:
    tree = TurnTree()
    for answer in answers:
        turn = tree.add(question, tree.last.id if tree.last else None)
        turn.view.apply(["format", format])
        turn.view.apply(["text", answer])
        turn.view.apply(["status", "done"])
    made = nbformat.reads(write_notebook("A chat", tree.path()), as_version=4)
    nbformat.validate(made)
    return made


def kinds(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def test_python_blocks_of_an_answer_are_code_cells_between_its_text() -> None:
    made = write("First:\n\n```python\nx = 1\n\nx\n```\n\nThen **this**.\n\n```bash\nls\n```")
    assert made.nbformat_minor == 5
    assert kinds(made)[:4] == [
        ("markdown", "# A chat"),
        ("markdown", "> **You**\n>\n> Why?"),
        ("markdown", "First:"),
        ("code", "x = 1\n\nx"),
    ]
    assert made.cells[4].cell_type == "markdown"
    assert "**this**" in made.cells[4].source and "ls" in made.cells[4].source


def test_code_cells_were_not_run() -> None:
    [code] = [c for c in write("```py\n1\n```").cells if c.cell_type == "code"]
    assert (code.outputs, code.execution_count) == ([], None)


def test_unfinished_block_is_a_code_cell() -> None:
    assert kinds(write("```python\nx = 1"))[-1] == ("code", "x = 1")


@pytest.mark.parametrize("format", ["markdown", "text", "json"])
def test_hostile_answer_rests_neutralised(format: str) -> None:
    evil = "<img src=x onerror=alert(1)>\n\n![x](http://evil.example/x.png)\n\n~~~~~~~~\n<b>"
    made = write(evil, format=format, question=evil)
    for cell in made.cells:
        drawn = MarkdownIt("commonmark", {"html": True}).render(cell.source)
        assert "<img" not in drawn and "<b>" not in drawn, drawn


def test_code_shows_what_hides_or_reorders_it() -> None:
    made = write("```python\nadmin = '\u202etrue'  # \u200b\n```")
    assert made.cells[-1].source == "admin = '\\u{202E}true'  # \\u{200B}"


def test_ids_are_unique_over_many_turns() -> None:
    made = write(*["```python\n1\n```"] * 30)
    assert len({cell.id for cell in made.cells}) == len(made.cells) == 61
