"""Prices of tokens, from the `genai-prices` package's own offline table. It never guesses."""

from __future__ import annotations

#: They run on the user's own machine.
FREE_PROVIDERS = frozenset({"local", "ollama"})


def get_cost_usd(
    model: str,
    *,
    input_tokens: int,
    output_tokens: int,
    cache_read_tokens: int,
    cache_write_tokens: int,
) -> float | None:
    """US dollars for these tokens of `model`; None where the table has no such model.

    `input_tokens` excludes what was read from or written to the provider's cache.
    """
    from genai_prices import Usage, calc_price

    counts = Usage(
        # Their input counts the cached tokens too, ours leaves them out.
        input_tokens=input_tokens + cache_read_tokens + cache_write_tokens,
        cache_read_tokens=cache_read_tokens,
        cache_write_tokens=cache_write_tokens,
        output_tokens=output_tokens,
    )
    try:
        return float(calc_price(counts, model_ref=model).total_price)
    except LookupError:
        return None
