"""What one kernel remembers between cells: defaults, aliases, services, conversations, usage.

It runs nothing. All of it dies with the kernel.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from IPython.core.interactiveshell import InteractiveShell

from lauren_ai import LLMConfig, LLMService, Message, TokenUsage
from lauren_nb._models import choose_config


@dataclass(slots=True)
class UsageEntry:
    """One run in the ledger of `%lauren usage`. `cost_usd` is None where no price is known."""

    model: str
    usage: TokenUsage
    cost_usd: float | None


@dataclass(slots=True)
class Session:
    """Made by `load_ipython_extension`, one a shell; ended by `unload_ipython_extension`."""

    shell: InteractiveShell
    defaults: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    conversations: dict[str, list[Message]] = field(default_factory=dict)
    ledger: list[UsageEntry] = field(default_factory=list)
    services: dict[tuple[str, str, str | None], LLMService] = field(default_factory=dict)

    def choose(self, name: str | None) -> LLMConfig:
        """The configuration for `-m name`. Raises OptionError."""
        return choose_config(name, default=self.defaults.get("model"), aliases=self.aliases)

    def get_service(self, config: LLMConfig) -> LLMService:
        """The service of this configuration, made once so that its connections are reused."""
        key = (config.provider, config.model, config.base_url)
        if key not in self.services:
            self.services[key] = LLMService.from_config(config)
        return self.services[key]

    def note_usage(self, model: str, usage: TokenUsage | None) -> float | None:
        """Enter a run into the ledger; its cost in US dollars, None where it is not known."""
        if usage is None:
            return None
        cost = usage.cost_usd(model)
        self.ledger.append(UsageEntry(model, usage, cost))
        return cost
