"""Numbers at rest read as in the page: js/test/text/format.test.ts holds it to the same cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lauren_nb._display.format import footer_line, format_cost, format_elapsed, format_tokens

CASES = json.loads((Path(__file__).parent.parent.parent / "formats.json").read_text("utf-8"))


@pytest.mark.parametrize(("usd", "text"), CASES["costs"])
def test_costs_keep_the_digits_that_mean_something(usd: float, text: str) -> None:
    assert format_cost(usd) == text


@pytest.mark.parametrize(("ms", "text"), CASES["elapsed_ms"])
def test_elapsed_times_read_as_people_say_them(ms: int, text: str) -> None:
    assert format_elapsed(ms) == text


@pytest.mark.parametrize(("footer", "text"), CASES["footers"])
def test_a_footer_names_what_is_known_and_leaves_out_the_rest(
    footer: dict[str, Any], text: str
) -> None:
    assert footer_line(footer) == text


def test_tokens_are_grouped() -> None:
    assert format_tokens(1234567) == "1,234,567"
