"""What one kernel remembers between cells: defaults, aliases, conversations, grants, usage.

It runs nothing. All of it dies with the kernel.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from IPython.core.interactiveshell import InteractiveShell

from lauren_ai import (
    ApprovalGrants,
    InMemoryConversationStore,
    LLMConfig,
    LLMService,
    TokenUsage,
)
from lauren_ai._runner import AgentRunnerBase
from lauren_nb._cassettes import get_recorded_model, note_default_model
from lauren_nb._models import choose_config

#: Read by a provider's client when it is made, so that a change of one needs a new client.
_ENVIRONMENT = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OLLAMA_HOST",
)


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
    store: InMemoryConversationStore = field(default_factory=InMemoryConversationStore)
    grants: ApprovalGrants = field(default_factory=ApprovalGrants)
    ledger: list[UsageEntry] = field(default_factory=list)
    maps: dict[str, object] = field(default_factory=dict)
    services: dict[int, LLMService] = field(default_factory=dict)
    runners: dict[int, AgentRunnerBase] = field(default_factory=dict)

    def choose(self, name: str | None) -> LLMConfig:
        """The configuration for `-m name`. Raises OptionError."""
        default = self.defaults.get("model") or get_recorded_model()
        config = choose_config(name, default=default, aliases=self.aliases)
        if name is None:
            note_default_model(config)
        return config

    def get_service(self, config: LLMConfig) -> LLMService:
        """The service of this configuration, made once so that its connections are reused.

        A key that is set after a failure counts at once. Only a hash of it is kept here.
        """
        key = _get_key(config)
        if key not in self.services:
            self.services[key] = LLMService.from_config(config)
        return self.services[key]

    def get_runner(self, config: LLMConfig) -> AgentRunnerBase:
        """The runner over `get_service(config)`."""
        key = _get_key(config)
        if key not in self.runners:
            service = self.get_service(config)
            self.runners[key] = AgentRunnerBase(service, conversation_store=self.store)
        return self.runners[key]

    def note_usage(self, model: str, usage: TokenUsage | None, cost_usd: float | None) -> None:
        """Enter a run into the ledger; one whose usage never came is not counted."""
        if usage is not None:
            self.ledger.append(UsageEntry(model, usage, cost_usd))


def _get_key(config: LLMConfig) -> int:
    environment = tuple(map(os.environ.get, _ENVIRONMENT))
    cassette = id(config.request_options.get("cassette"))
    return hash((config.provider, config.model, config.base_url, cassette, environment))
