"""Models wrap code and JSON in a fence, although the cell asked for the thing itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lauren_nb._display.answer_fence import indent_json, strip_fence
from lauren_nb._display.saved.answer import rest


def show(text: str, format: str, **more: Any) -> dict[str, Any]:
    part = {"type": "text", "text": text, "format": format, **more}
    turn = {"status": "done", "parts": [part], "footer": {}, "error": None, "elapsed_ms": None}
    return rest(turn)[0]


def test_a_fence_round_code_is_not_doubled() -> None:
    data = show("```python\nx = 1\n```\n", "code")
    assert data["text/markdown"] == "```python\nx = 1\n```"
    assert data["text/plain"] == "x = 1"


def test_code_keeps_the_language_that_the_model_named() -> None:
    assert show("~~~sql\nselect 1\n~~~", "code")["text/markdown"] == "```sql\nselect 1\n```"


def test_fenced_json_is_indented_as_json() -> None:
    data = show('```json\n{"a":1}\n```', "json")
    assert data["text/markdown"] == '```json\n{\n  "a": 1\n}\n```'


@pytest.mark.parametrize("text", ["{'a': 1}", "[NaN]", '{"a": 1} and more', "[1e999]"])
def test_what_is_no_json_is_shown_as_text_and_says_so(text: str) -> None:
    data = show(text, "json")
    assert data["text/markdown"].startswith(f"```\n{text}\n```")
    assert "Not valid JSON" in data["text/markdown"]
    assert data["text/plain"] == text


@pytest.mark.parametrize(
    "text",
    [
        "```python\nx\n```\nThat is it.",
        "Here:\n```python\nx\n```",
        "```a\n1\n```\n```b\n2\n```",
        "x = '```'",
        "",
    ],
)
def test_a_fence_that_is_a_part_of_the_answer_stays(text: str) -> None:
    assert strip_fence(text) == (text, "")


def test_an_answer_that_was_cut_off_loses_its_opening_fence() -> None:
    assert strip_fence("```python\nx = 1\ny =") == ("x = 1\ny =", "python")


def test_a_longer_fence_holds_a_shorter_one() -> None:
    assert strip_fence("````md\n```\nx\n```\n````")[0] == "```\nx\n```"


def test_a_value_of_the_user_keeps_its_fence() -> None:
    text = "```python\nx\n```"
    assert text in show(text, "code", value=True)["text/markdown"]


def test_text_and_markdown_keep_their_fences() -> None:
    fenced = "```python\nx\n```"
    assert fenced in show(fenced, "text")["text/plain"]
    assert show(fenced, "markdown")["text/markdown"] == fenced


CASES = json.loads((Path(__file__).parents[2] / "answer_fences.json").read_text("utf-8"))


@pytest.mark.parametrize(("text", "inside", "language"), CASES)
def test_the_fence_round_an_answer_is_dropped_at_rest_as_live(
    text: str, inside: str, language: str
) -> None:
    assert strip_fence(text) == (inside, language)


@given(st.text("`~ab \n{}[]1", max_size=60))
def test_any_text_can_be_shown(text: str) -> None:
    inside, _ = strip_fence(text)
    assert inside in text
    indent_json(text)
    for format in ("code", "json"):
        show(text, format)


def test_a_language_that_pages_draw_is_shown_as_text() -> None:
    assert show("```mermaid\ngraph TD\n```", "code")["text/markdown"] == "```text\ngraph TD\n```"
