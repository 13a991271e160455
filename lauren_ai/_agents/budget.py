"""What a run has cost, and whether it may go on. Prices are never guessed."""

from __future__ import annotations

from lauren_ai._exceptions import AgentConfigError
from lauren_ai._pricing import FREE_PROVIDERS
from lauren_ai._streaming.stream import CompletionStream
from lauren_ai._types import Completion
from lauren_ai._usage import TokenUsage


class Budget:
    """Made for one run. Without a limit it looks up no price. A test's mock costs nothing, unless
    the agent names a model that has a price."""

    def __init__(self, max_cost_usd: float | None, provider: str) -> None:
        self._limit = None if provider in FREE_PROVIDERS else max_cost_usd
        self._is_mock = provider == "mock"
        self._spent = 0.0
        self._is_unknown = False

    def check(self, model: str) -> None:
        """Raises AgentConfigError for a limit on a model whose price is not known."""
        if self._limit is None or self._is_mock:
            return
        if TokenUsage(0, 0).cost_usd(model) is None:
            raise AgentConfigError(
                f"max_cost_usd cannot be kept: the price of {model!r} is not known. "
                "Leave it out and limit max_turns and max_tokens_per_turn, or choose another model."
            )

    def limit(self, stream: CompletionStream) -> None:
        """Let a response cost no more than what is left."""
        if self._limit is not None:
            stream.limit_usd = max(0.0, self._limit - self._spent)

    def add(self, completion: Completion, model: str) -> None:
        """Count a response. One without usage costs an unknown amount."""
        if self._limit is None:
            return
        cost = None
        if completion.usage is not None:
            cost = completion.usage.cost_usd(completion.model)
            cost = completion.usage.cost_usd(model) if cost is None else cost
        if cost is not None:
            self._spent += cost
        elif not self._is_mock:
            self._is_unknown = True

    @property
    def is_spent(self) -> bool:
        """Whether the limit is reached, or it cannot be told."""
        return self._limit is not None and (self._is_unknown or self._spent >= self._limit)
