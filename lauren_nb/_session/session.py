"""What one kernel remembers between cells: defaults, aliases, conversations, grants, usage.

It runs nothing. All of it dies with the kernel.
"""

from __future__ import annotations

import os
import sys
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from lauren_ai import (
    AgentRunnerBase,
    InMemoryConversationStore,
    LLMConfig,
    LLMService,
    TokenUsage,
)
from lauren_ai._pricing import FREE_PROVIDERS
from lauren_ai.types import ApprovalGrants
from lauren_nb._errors import OptionError
from lauren_nb._prompt.content import to_rich_content
from lauren_nb._session.cassettes import get_recorded_model, is_replayed, note_default_model
from lauren_nb._session.failures import FailureLog
from lauren_nb._session.models import choose_config

#: Read by a provider's client when it is made, so that a change of one needs a new client.
_ENVIRONMENT = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OLLAMA_HOST",
)


@dataclass(slots=True, kw_only=True)
class UsageEntry:
    """One run in the ledger of `%lauren usage`. `cost_usd` is None where no price is known.

    `is_free` where the model runs on the user's machine, `is_replayed` where a cassette answered:
    neither costs anything.
    """

    model: str
    usage: TokenUsage
    cost_usd: float | None
    is_free: bool = False
    is_replayed: bool = False


@dataclass(slots=True)
class Session:
    """Made by `load_ipython_extension`, one a shell; ended by `unload_ipython_extension`.

    marimo has no shell: there its panels share one session, and no magic asks for `shell`.
    """

    _shell: InteractiveShell | None = None
    _: KW_ONLY
    defaults: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    store: InMemoryConversationStore = field(default_factory=InMemoryConversationStore)
    grants: ApprovalGrants = field(default_factory=ApprovalGrants)
    ledger: list[UsageEntry] = field(default_factory=list)
    failures: FailureLog = field(default_factory=FailureLog)
    maps: dict[str, object] = field(default_factory=dict)
    services: dict[int, LLMService] = field(default_factory=dict)
    runners: dict[int, AgentRunnerBase] = field(default_factory=dict)

    @property
    def shell(self) -> InteractiveShell:
        """Raises OptionError where no IPython runs."""
        if self._shell is None:
            raise OptionError("This needs IPython, and no IPython runs here.")
        return self._shell

    @property
    def namespace(self) -> dict[str, Any]:
        """The user's variables. marimo keeps those of its cells in `__main__`, as IPython does."""
        return vars(sys.modules["__main__"]) if self._shell is None else self._shell.user_ns

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
            self.runners[key] = AgentRunnerBase(
                service, conversation_store=self.store, to_content=to_rich_content
            )
        return self.runners[key]

    def note_usage(
        self,
        model: str,
        usage: TokenUsage | None,
        cost_usd: float | None,
        *,
        config: LLMConfig | None = None,
    ) -> None:
        """Enter a run of `config` into the ledger; one whose usage never came is not counted."""
        if usage is not None:
            is_free = config is not None and config.provider in FREE_PROVIDERS
            entry = UsageEntry(
                model=model,
                usage=usage,
                cost_usd=cost_usd,
                is_free=is_free,
                is_replayed=is_replayed(config),
            )
            self.ledger.append(entry)


#: Those of the shells that have the extension, which puts them in and takes them out.
sessions: dict[InteractiveShell, Session] = {}


def get_session(shell: InteractiveShell) -> Session:
    """The session of a shell that has the extension."""
    return sessions[shell]


def _get_key(config: LLMConfig) -> int:
    environment = tuple(map(os.environ.get, _ENVIRONMENT))
    cassette = id(config.request_options.get("cassette"))
    return hash((config.provider, config.model, config.base_url, cassette, environment))
