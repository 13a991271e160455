"""Prices of tokens, from the `genai-prices` package's own offline table. It never guesses."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

#: They run on the user's own machine.
FREE_PROVIDERS = frozenset({"local", "ollama"})
#: No vendor's price rises for a prompt of so few tokens: such requests are priced together.
SMALL_PROMPT = 32_000


class Counts(NamedTuple):
    """What has a price, no token in two counts. `cache_write_1h`: kept an hour for twice the price
    of an input token; others are kept five minutes."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    web_searches: int = 0

    @property
    def prompt(self) -> int:
        """The tokens by which a price rises."""
        return self.input + self.cache_read + self.cache_write + self.cache_write_1h

    def less(self, others: Iterable[Counts]) -> Counts:
        """What is left without the others."""
        taken = map(sum, zip(*others, strict=True))
        return Counts(*(max(0, a - b) for a, b in zip(self, taken, strict=True)))


def get_cost_usd(model: str, counts: Counts) -> float | None:
    """US dollars for one request of `model`; None where the table has no such model."""
    try:
        return float(_price(model, counts))
    except LookupError:
        return None


def get_sum_cost_usd(model: str, total: Counts, large: tuple[Counts, ...]) -> float | None:
    """US dollars for many requests. `large` are those with a long prompt, whose price may have
    risen; the rest of `total` is of requests with a SMALL_PROMPT each."""
    try:
        cost = sum((_price(model, counts) for counts in large), Decimal(0))
        return float(cost + _price_small(model, total.less(large) if large else total))
    except LookupError:
        return None


def _price_small(model: str, total: Counts) -> Decimal:
    """In parts that are as small as the requests were."""
    count = -(-total.prompt // SMALL_PROMPT)
    if count <= 1:
        return _price(model, total)
    part = Counts(*(value // count for value in total))
    rest = Counts(*(value % count for value in total))
    return _price(model, part) * count + _price_small(model, rest)


def _price(model: str, counts: Counts) -> Decimal:
    from genai_prices import Usage, calc_price

    usage = Usage(
        # Their input counts the cached tokens too, and their writes those of an hour.
        input_tokens=counts.prompt,
        cache_read_tokens=counts.cache_read,
        cache_write_tokens=counts.cache_write + counts.cache_write_1h,
        cache_write_1h_tokens=counts.cache_write_1h,
        output_tokens=counts.output,
        web_searches=counts.web_searches,
    )
    return calc_price(usage, model_ref=model).total_price
