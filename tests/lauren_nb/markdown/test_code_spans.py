"""Code in a typed message, against markdown-it as the judge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lauren_nb._markdown.code_spans import without_code

PIECES = ["`", "``", "```", "~~~", "\n", "\n\n", " ", "a", "b c", "@x", "py", "."]


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        ("a `b` c", "a   c"),
        ("``a ` b`` c", "  c"),
        ("a ` b", "a ` b"),
        ("a\n```py\nb\n```\nc", "a\n c"),
        ("a\n~~~\n```\nb", "a\n "),
        ("```\nb\n````\nc", " c"),
        ("``` a ` b", "``` a ` b"),
    ],
)
def test_blocks_and_spans_of_code_are_taken_out(text: str, prose: str) -> None:
    assert without_code(text) == prose


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_letter_of_a_paragraph_is_taken_for_code_nor_code_for_prose(text: str) -> None:
    """One paragraph: there CommonMark and a scan of the whole text must agree."""
    text = " ".join(text.replace("~", "").split())
    if text.startswith("```"):
        text = "a " + text
    inline = MarkdownIt("commonmark").parseInline(text)[0].children or []
    prose = "".join(token.content for token in inline if token.type == "text")
    assert "".join(without_code(text).split()) == "".join(prose.split())


def test_text_made_to_be_slow_is_scanned_once() -> None:
    """Its runs are all of other lengths: a search for the end of each would never come back."""
    text = "".join("`" * n + "a" for n in range(1, 900))
    assert without_code(text) == text
