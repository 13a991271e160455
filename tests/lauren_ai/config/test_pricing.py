"""What an answer cost: from a table, or None. Never a guess."""

from __future__ import annotations

import pytest

from lauren_ai import TokenUsage


def test_the_price_of_a_known_model_counts_cached_tokens_at_their_own_rate() -> None:
    model = "claude-3-5-haiku-latest"
    plain = TokenUsage(1_000_000, 0).cost_usd(model)
    assert plain == pytest.approx(0.80)
    assert TokenUsage(0, 1_000_000).cost_usd(model) == pytest.approx(4.0)
    cached = TokenUsage(0, 0, cache_read_tokens=1_000_000).cost_usd(model)
    written = TokenUsage(0, 0, cache_write_tokens=1_000_000).cost_usd(model)
    assert cached is not None
    assert written is not None
    assert cached < plain < written


def test_the_price_of_an_unknown_model_is_none() -> None:
    assert TokenUsage(1000, 1000).cost_usd("no-such-model-anywhere") is None
    assert TokenUsage(1000, 1000).cost_usd("") is None


def test_usages_add_up_field_by_field() -> None:
    total = TokenUsage(1, 2, 3, 4, 5, {"a": 1}) + TokenUsage(10, 20, 30, 40, 50)
    assert total == TokenUsage(11, 22, 33, 44, 55)
    assert total.total_tokens == 11 + 22 + 33 + 44
