from __future__ import annotations

import pytest

from lauren_nb._format import footer_line, format_cost, format_elapsed, format_tokens


@pytest.mark.parametrize(
    ("usd", "text"),
    [(0, "$0"), (0.00001, "<$0.0001"), (0.0021, "$0.0021"), (0.5, "$0.50"), (12.344, "$12.34")],
)
def test_costs_keep_the_digits_that_mean_something(usd: float, text: str) -> None:
    assert format_cost(usd) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [(0, "0.0 s"), (4_210, "4.2 s"), (42_000, "42 s"), (185_000, "3 min 5 s")],
)
def test_elapsed_times_read_as_people_say_them(ms: int, text: str) -> None:
    assert format_elapsed(ms) == text


def test_tokens_are_grouped() -> None:
    assert format_tokens(1234567) == "1,234,567"


def test_a_footer_names_what_is_known_and_leaves_out_the_rest() -> None:
    footer = {
        "model": "claude-x",
        "input_tokens": 9,
        "cache_read_tokens": 3,
        "cache_write_tokens": None,
        "output_tokens": 1340,
        "cost_usd": 0.0021,
        "elapsed_ms": 4200,
        "stop_reason": "end_turn",
    }
    assert footer_line(footer) == "claude-x · 12 in (3 cached) · 1,340 out · $0.0021 · 4.2 s"
    assert footer_line({"model": None, "cost_usd": None}) == ""
    assert footer_line({"model": "m", "stop_reason": "max_tokens"}) == "m · cut at the token limit"
    assert footer_line({"stop_reason": "new_reason"}) == "new_reason"
