"""Tokens of a response or a run: counted, added, priced. Decoders read a provider's own words."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from lauren_ai._json import read_count
from lauren_ai._pricing import SMALL_PROMPT, Counts, get_cost_usd, get_sum_cost_usd


@dataclass(slots=True)
class TokenUsage:
    """Tokens of one response, or of a whole run. Counts come from the wire.

    `input_tokens` excludes what was read from or written to the provider's cache. `is_estimated`
    where an answer was interrupted before its provider told: then it is a guess, and shown as one.
    """

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    provider_metadata: dict[str, Any] = field(default_factory=dict)
    _: KW_ONLY
    is_estimated: bool = False
    #: Of a sum: the requests with a long prompt, for the price of each depends on its length.
    _large: tuple[Counts, ...] | None = field(default=None, repr=False, compare=False)

    @property
    def total_tokens(self) -> int:
        """Every token that was read or written, cached ones included."""
        return (
            self.input_tokens
            + self.output_tokens
            + self.cache_read_tokens
            + self.cache_write_tokens
        )

    def __add__(self, other: TokenUsage) -> TokenUsage:
        return TokenUsage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            _add_metadata(self, other),
            is_estimated=self.is_estimated or other.is_estimated,
            _large=self._list_large() + other._list_large(),
        )

    def cost_usd(self, model: str) -> float | None:
        """The price in US dollars by the `genai-prices` package; None where it knows no price.

        A sum costs what its requests cost one by one: prices rise with the length of a prompt."""
        if self._large is None:
            return get_cost_usd(model, self.count())
        return get_sum_cost_usd(model, self.count(), self._large)

    def _list_large(self) -> tuple[Counts, ...]:
        if self._large is not None:
            return self._large
        counts = self.count()
        return (counts,) if counts.prompt > SMALL_PROMPT else ()

    def count(self) -> Counts:
        """What has a price, also where no field of ours tells: in Anthropic's words."""
        for_an_hour = min(_read(self, *_FOR_AN_HOUR), self.cache_write_tokens)
        return Counts(
            self.input_tokens,
            self.output_tokens,
            self.cache_read_tokens,
            self.cache_write_tokens - for_an_hour,
            for_an_hour,
            _read(self, *_SEARCHES),
        )


_FOR_AN_HOUR = ("cache_creation", "ephemeral_1h_input_tokens")
_SEARCHES = ("server_tool_use", "web_search_requests")


def _read(usage: TokenUsage, group: str, name: str) -> int:
    values = usage.provider_metadata.get(group)
    return (read_count(values.get(name)) if isinstance(values, dict) else None) or 0


def _add_metadata(first: TokenUsage, second: TokenUsage) -> dict[str, Any]:
    """Of what a provider tells beside the counts, what has a price."""
    sums = {
        (group, name): _read(first, group, name) + _read(second, group, name)
        for group, name in (_FOR_AN_HOUR, _SEARCHES)
    }
    return {group: {name: count} for (group, name), count in sums.items() if count}


def add_usage(first: TokenUsage | None, second: TokenUsage | None) -> TokenUsage | None:
    """The sum; None where neither is known."""
    if first is None or second is None:
        return first or second
    return first + second
