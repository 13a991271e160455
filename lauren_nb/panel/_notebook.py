"""A conversation as a notebook: what was said as Markdown cells, the answers' code as code cells.

Nothing of it was run, and the cells have no outputs. It writes no file itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt

from lauren_nb._hazards import neutralise_text
from lauren_nb._markdown.neutraliser import neutralise
from lauren_nb._markdown.text import escape_text, write_fence
from lauren_nb.panel._export import quote_question
from lauren_nb.panel._tree import PanelTurn

#: Fences of these languages become code cells; others stay in their text.
PYTHON = frozenset({"python", "py", "python3", "ipython", "ipython3"})
Cell = tuple[str, str]


def write_notebook(title: str, turns: Sequence[PanelTurn]) -> str:
    """The JSON of a notebook (nbformat 4.5) with the questions and answers, oldest first.

    Markdown is neutralised. In code, what hides or reorders text (bidi controls and the like)
    stands as `\\u{…}`, so that a person reads what would run.
    https://nbformat.readthedocs.io/en/latest/format_description.html
    """
    name = " ".join(neutralise_text(title).split())
    cells: list[Cell] = [("markdown", f"# {escape_text(name, links=False)}")]
    for turn in turns:
        cells.append(("markdown", quote_question(turn)))
        for part in turn.view.parts:
            if part["type"] == "text":
                cells.extend(_split_text(part["text"], part["format"]))
    value = {
        "cells": [_build_cell(i, kind, source) for i, (kind, source) in enumerate(cells, 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _split_text(text: str, format: str) -> Iterator[Cell]:
    """The cells of one answer's text, in its order."""
    if format == "code":
        yield "code", neutralise_text(text).strip("\n")
        return
    if format != "markdown":
        shown = neutralise_text(text).rstrip("\n")
        yield "markdown", "\n".join(write_fence(shown, "", nested=False))
        return
    lines = neutralise_text(text).split("\n")
    begin = 0
    for token in MarkdownIt("commonmark").parse("\n".join(lines)):
        words = token.info.split()
        is_code = token.type == "fence" and token.level == 0 and words[:1]
        if not is_code or words[0].lower() not in PYTHON or token.map is None:
            continue
        yield from _write_prose(lines[begin : token.map[0]])
        yield "code", token.content.rstrip("\n")
        begin = token.map[1]
    yield from _write_prose(lines[begin:])


def _write_prose(lines: Sequence[str]) -> Iterator[Cell]:
    if shown := neutralise("\n".join(lines)).strip("\n"):
        yield "markdown", shown


def _build_cell(number: int, kind: str, source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "id": f"lauren-{number}", "metadata": {}}
    cell["source"] = source.splitlines(keepends=True)
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
