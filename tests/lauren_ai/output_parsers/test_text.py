"""Code blocks and JSON are found in whatever a model writes around them, and in no time."""

from __future__ import annotations

from typing import Any

import pytest

from lauren_ai._output_parsers.text import iter_code_blocks, read_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}\n\nNote: I used {braces} and [brackets].', {"a": 1}),
        ('Fill in {name}: {"name": "Ada :}"} :]', {"name": "Ada :}"}),
        ("Here: [1, 2]. Hope that helps :]", [1, 2]),
        ('A 5" screen {wide}, then "{"b": 2}"', {"b": 2}),
        ("```JSON\n[1]\n```\nas in [2]", [1]),
        ('```json\r\n{"a": 1}\r\n```\r\nSee [1].', {"a": 1}),
    ],
)
def test_json_is_found_among_prose_with_brackets(text: str, value: Any) -> None:
    assert read_json(text) == value


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1} or {"a": 2}',  # which one, nobody can tell
        'See [1]: {"a": 1}',
        'I mean {x}: {"a": {"b": 1}',  # cut off: the inner object is not the answer
        '{"a": {"b": 1},}',
        "See [1]: {'a': 1}",
    ],
)
def test_a_part_of_the_answer_never_passes_for_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1. So:\n\n   ```py\n   if x:\n       y\n\n  z\n   ```\n", "if x:\n    y\n\nz"),
        ("```py\r\nx = 1\r\ny = 2\r\n```\r\n", "x = 1\ny = 2"),
        ("\t```py\n\tx\n\t```", "x"),
    ],
)
def test_code_is_without_the_indentation_of_its_fence_and_carriage_returns(
    text: str, code: str
) -> None:
    assert list(iter_code_blocks(text)) == [("py", code)]


@pytest.mark.parametrize(
    "text",
    [
        "~" * 1_000_000 + "`",
        "~~~" + " " * 1_000_000 + "`",
        "`" * 1_000_000,
        '{"' + '\\"' * 1_000_000,
        "{x}" * 300_000 + "[",
    ],
    ids=["tildes", "blanks", "ticks", "quotes", "braces"],
)
def test_a_hostile_text_is_read_once(text: str) -> None:
    """Backtracking took minutes for a tenth of it, and held up the whole kernel."""
    assert list(iter_code_blocks(text)) == []
    with pytest.raises(ValueError, match=r"."):
        read_json(text)
