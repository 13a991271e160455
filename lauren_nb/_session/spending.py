"""What a run of several requests has used and cost, and whether it may go on.

It asks nobody; prices are the core's, and never guessed.
"""

from __future__ import annotations

from lauren_ai import CompletionStream, LLMConfig, TokenUsage
from lauren_ai._pricing import FREE_PROVIDERS
from lauren_ai._usage import add_usage
from lauren_ai.errors import AgentBudgetExceededError
from lauren_nb._errors import OptionError
from lauren_nb._session.session import Session


class Spending:
    """Made for one run; each request is checked before and added after."""

    def __init__(self, session: Session, limit_usd: float | None) -> None:
        self.usage: TokenUsage | None = None
        self.cost_usd: float | None = 0.0
        self.models: dict[str, None] = {}
        self._session = session
        self._limit_usd = limit_usd
        self._limited_usd = 0.0

    def check(self, config: LLMConfig) -> None:
        """Raises OptionError for a limit on a model without a price, AgentBudgetExceededError
        when the limit is reached."""
        if self._limit_usd is None or config.provider in FREE_PROVIDERS:
            return
        check_price(config, self._limit_usd)
        if self._limited_usd >= self._limit_usd:
            raise AgentBudgetExceededError(
                f"The limit of --max-cost {self._limit_usd:g} is reached, so no further request "
                "was sent. Raise it to go on."
            )

    def limit(self, stream: CompletionStream, config: LLMConfig) -> None:
        """Let a response cost no more than what is left."""
        if self._limit_usd is not None and config.provider not in FREE_PROVIDERS:
            stream.limit_usd = max(0.0, self._limit_usd - self._limited_usd)

    def add(
        self, usage: TokenUsage | None, model: str, config: LLMConfig, *, has_text: bool = True
    ) -> float | None:
        """Count a response of `model`, which `config` asked for, and give its cost in US dollars.

        One without usage costs an unknown amount, but for one that failed before any text came.
        """
        if usage is None and not has_text:
            return None
        self.usage = add_usage(self.usage, usage)
        self.models[model] = None
        cost = get_cost(usage, model, config)
        self._session.note_usage(model, usage, cost, config=config)
        if config.provider in FREE_PROVIDERS:
            return None
        self.cost_usd = None if cost is None or self.cost_usd is None else self.cost_usd + cost
        # A response whose cost cannot be told may have cost anything.
        self._limited_usd += float("inf") if cost is None else cost
        return cost


def check_price(config: LLMConfig, limit_usd: float | None) -> None:
    """Raises OptionError for a limit on a model whose price is not known."""
    if limit_usd is None or config.provider in FREE_PROVIDERS:
        return
    if TokenUsage(0, 0).cost_usd(config.model) is None:
        raise OptionError(
            f"--max-cost cannot be kept: the price of {config.model!r} is not known. "
            "Leave it out, or choose another model."
        )


def get_cost(usage: TokenUsage | None, model: str, config: LLMConfig) -> float | None:
    """US dollars of a response of `model`, which `config` asked for; None where it has no price.

    A model on the user's machine has none, though the table may know one of that name."""
    if usage is None or config.provider in FREE_PROVIDERS:
        return None
    cost = usage.cost_usd(model)
    return usage.cost_usd(config.model) if cost is None else cost
