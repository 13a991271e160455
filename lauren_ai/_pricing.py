"""Prices of tokens, from the `genai-prices` package's own offline table. It never guesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lauren_ai._transport._types import TokenUsage


def get_cost_usd(usage: TokenUsage, model: str) -> float | None:
    """US dollars for `usage` of `model`; None where the table has no such model."""
    from genai_prices import Usage, calc_price

    counts = Usage(
        # Their input counts the cached tokens too, ours leaves them out.
        input_tokens=usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.output_tokens,
    )
    try:
        return float(calc_price(counts, model_ref=model).total_price)
    except LookupError:
        return None
