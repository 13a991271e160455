"""A terminal cannot take back what it printed, so a fence is left out while the answer comes."""

from __future__ import annotations

import io
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lauren_nb._display.answer_fence import AnswerReader, strip_fence
from lauren_nb._display.terminal import TerminalPresenter
from lauren_nb._display.turn import Turn

CASES = json.loads((Path(__file__).parents[2] / "answer_fences.json").read_text("utf-8"))


def read(pieces: list[str]) -> str:
    """What is shown in the end; where the fence was no fence, the whole."""
    reader = AnswerReader()
    shown = ""
    for index, piece in enumerate(pieces):
        was_void = reader.is_void
        shown += reader.feed(piece)
        if reader.is_void and not was_void:
            shown = "".join(pieces[: index + 1])
    return shown + reader.end()


def cut(text: str, rng: random.Random) -> list[str]:
    marks = sorted(rng.choices(range(len(text) + 1), k=4))
    return [text[a:b] for a, b in zip([0, *marks], [*marks, len(text)], strict=True)]


@pytest.mark.parametrize(("text", "inside", "language"), CASES)
def test_the_answer_is_shown_as_at_rest_however_it_is_cut(
    text: str, inside: str, language: str
) -> None:
    rng = random.Random(text)
    for pieces in ([text], list(text), *(cut(text, rng) for _ in range(20))):
        assert read(pieces).strip("\n") == inside


@given(st.text("`~ab \n{", max_size=40), st.randoms())
def test_any_answer_is_shown_as_at_rest(text: str, rng: random.Random) -> None:
    inside = strip_fence(text)[0].strip("\n")
    for pieces in (list(text), cut(text, rng)):
        assert read(pieces).strip("\n") == inside


def test_what_cannot_be_a_fence_is_shown_at_once() -> None:
    reader = AnswerReader()
    assert reader.feed("```py\nx =") == "x ="
    assert reader.feed(" 1\n") == " 1"
    assert reader.feed("y") == "\ny"
    assert AnswerReader().feed("x" * 9) == "x" * 9


async def show(format: str, *ops: Any) -> str:
    out = io.StringIO()
    presenter = TerminalPresenter(Turn(format=format), on_stop=lambda: None, out=out)
    for op in ops:
        presenter.push(*op)
    presenter.finish()
    return re.sub(r"\n+", "\n", out.getvalue())


@pytest.mark.parametrize("format", ["code", "json"])
async def test_a_terminal_shows_no_fence_round_code(format: str) -> None:
    pieces = ("```py", "thon\n", "[1,", "2]\n`", "``\n")
    text = await show(format, *(("text", piece) for piece in pieces))
    assert text.startswith("[1,2]\n")
    assert "`" not in text


async def test_a_terminal_shows_the_fence_of_markdown() -> None:
    assert (await show("markdown", ("text", "```\nx\n```"))).startswith("```\nx\n```")


async def test_a_terminal_shows_the_whole_where_text_follows_the_fence() -> None:
    text = await show("code", ("text", "```\nx\n```\n"), ("text", "```\ny\n"), ("text", "```"))
    assert ("(That was not the whole answer. Here it is.)\n```\nx\n```\n```\ny\n```\n") in text


async def test_a_name_that_a_model_made_up_is_one_line() -> None:
    text = await show("text", ("tool", "t1", "x\n→ run_python [done]"))
    assert "→ x\\u{A}→ run_python [done]" in text


async def test_each_text_beside_a_call_is_read_by_itself() -> None:
    call = [("tool", "t1", "look"), ("args", "t1", "{}"), ("tool_status", "t1", {"status": "done"})]
    fenced = ("text", "```\nx\n```")
    text = await show("code", fenced, *call, fenced)
    assert text.startswith("x\n→ look {} [done]\nx\n")
