"""Configuration of a service and of an agent: frozen values, checked when made.

It opens no connection and imports no provider.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from lauren_ai._exceptions import AgentConfigError
from lauren_ai._secrets.redaction import redact_url
from lauren_ai._servers import SERVERS

if TYPE_CHECKING:
    import ssl

    from lauren_ai._profiles import Profile
    from lauren_ai._transport._mock import MockTransport

PROVIDERS = tuple(SERVERS)
#: Gives a key when one is needed: a token that ends within the hour, say.
KeyProvider = Callable[[], str | Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Separate limits of a streamed response, in seconds; None is no limit.

    `first_token` bounds the wait for the first content, and `idle` for each next one. Models think
    for minutes in silence, so before the first content whatever comes, a ping too, begins the wait
    anew. After it only content does: a line that pings for ever brings no answer.
    """

    connect: float | None = 10.0
    first_token: float | None = 600.0
    idle: float | None = 600.0
    total: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class LLMConfig:
    """Which model answers, and how it is reached. Made once, shared freely: it never changes.

    `max_tokens` bounds an answer with its thinking; None is the model's own limit. `timeout`
    (seconds) bounds the wait for the first content and for each next one;
    `request_options["timeouts"]` may hold a `Timeouts` for finer limits. `profile` says what
    `model` takes, where its name does not: `get_profile(…).with_(…)` makes one. `api_key` may be
    called for a key that ends and is renewed (a token of Entra's). `verify` names certificates to
    trust: a PEM file, a folder, an SSLContext; False trusts any server.
    """

    provider: str
    model: str
    _: KW_ONLY
    api_key: str | KeyProvider | None = None
    base_url: str | None = None
    default_headers: Mapping[str, str] = field(default_factory=dict)
    request_options: Mapping[str, Any] = field(default_factory=dict)
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    timeout: float = 600.0
    max_retries: int = 3
    profile: Profile | None = None
    verify: bool | str | ssl.SSLContext = True

    def __repr__(self) -> str:
        # Neither the key nor what may hold one: headers, request options, the URL's password.
        url = redact_url(self.base_url) if self.base_url else None
        return f"LLMConfig(provider={self.provider!r}, model={self.model!r}, base_url={url!r})"

    def __post_init__(self) -> None:
        if self.provider not in PROVIDERS:
            raise AgentConfigError(
                f"Unknown provider {self.provider!r}. Use one of: {', '.join(PROVIDERS)}."
            )
        if not self.model:
            raise AgentConfigError(f"No model named for provider {self.provider!r}.")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise AgentConfigError(f"max_tokens must be at least 1, not {self.max_tokens}.")
        if self.max_retries < 0:
            raise AgentConfigError(f"max_retries must be at least 0, not {self.max_retries}.")
        if not self.timeout > 0:
            raise AgentConfigError(f"timeout must be over 0 seconds, not {self.timeout}.")
        if self.api_key is None:
            return
        if not isinstance(self.api_key, str):
            if not callable(self.api_key) or SERVERS[self.provider].speaks == "messages":
                raise AgentConfigError(
                    f"The api_key for {self.provider} is a {type(self.api_key).__name__}. Give the "
                    "key's text, or a function of no arguments that returns one (not for "
                    "Anthropic's API)."
                )
            return
        # A line break at the end, from a file, is the usual mistake. It is no reason for an error:
        # a verbose traceback would show the key, which is an argument of this frame's callers.
        object.__setattr__(self, "api_key", self.api_key.strip())
        if not is_header_safe(self.api_key):
            raise AgentConfigError(
                f"The api_key for {self.provider} holds a space, a line break or another character "
                "that no key has. Copy it again."
            )

    @classmethod
    def for_anthropic(
        cls, model: str, *, api_key: str | None = None, base_url: str | None = None, **options: Any
    ) -> LLMConfig:
        """Anthropic's Messages API. Without `api_key`, the SDK reads ANTHROPIC_API_KEY."""
        return cls("anthropic", model, api_key=api_key, base_url=base_url, **options)

    @classmethod
    def for_openai(
        cls, model: str, *, base_url: str | None = None, api_key: str | None = None, **options: Any
    ) -> LLMConfig:
        """OpenAI, or any server that speaks its chat completions at `base_url` (…/v1)."""
        return cls("openai", model, api_key=api_key, base_url=base_url, **options)

    @classmethod
    def for_ollama(cls, model: str, *, base_url: str | None = None, **options: Any) -> LLMConfig:
        """A running Ollama; its address is `base_url`, else OLLAMA_HOST, else port 11434 here."""
        return cls("ollama", model, base_url=base_url, **options)

    @classmethod
    def for_local(cls, model: str = "smollm2", **options: Any) -> LLMConfig:
        """The embedded model, or the path of any GGUF file; it runs inside this process."""
        return cls("local", model, **options)

    @classmethod
    def for_testing(cls, **options: Any) -> tuple[LLMConfig, MockTransport]:
        """A configuration and the MockTransport that answers for it from a queue."""
        from lauren_ai._transport._mock import MockTransport

        return cls("mock", "mock-model", **options), MockTransport()

    def get_timeouts(self, request_options: Mapping[str, Any] | None = None) -> Timeouts:
        """The limits of a stream under this configuration, or under a request's own options."""
        for options in (request_options or {}, self.request_options):
            timeouts = options.get("timeouts")
            if isinstance(timeouts, Timeouts):
                return timeouts
        connect = min(10.0, self.timeout)
        return Timeouts(connect=connect, first_token=self.timeout, idle=self.timeout)


def is_header_safe(key: str) -> bool:
    """Whether a key can be sent."""
    return key.isascii() and key.isprintable() and " " not in key


ToolErrorPolicy = Literal["return_error", "raise", "skip"]

_LEAST = {
    "max_turns": 1,
    "max_tokens_per_turn": 1,
    "memory_window_tokens": 0,
    "max_cost_usd": 0,
    "approval_timeout_s": 0,
    "transport_max_retries": 0,
}
_MAY_BE_NONE = (
    "max_tokens_per_turn",
    "memory_window_tokens",
    "max_cost_usd",
    "approval_timeout_s",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentConfig:
    """How an agent runs. Costs are US dollars, times are seconds; None for one is no limit.

    `max_tokens_per_turn` None is the service's limit, or the model's own; `memory_window_tokens`
    None is what the model's context leaves for earlier turns.
    `thinking_budget_tokens` None is as much as the model likes. `cache` is how long the provider
    shall keep what a run repeats every turn; what is read from there costs about a tenth. `extra`
    is merged into each request's JSON, deep; None in it leaves a field out. `timeout` bounds a
    request's wait for content; None is the service's own.
    """

    system_prompt: str | None = None
    max_turns: int = 10
    max_tokens_per_turn: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    memory_window_tokens: int | None = None
    max_cost_usd: float | None = None
    parallel_tool_calls: bool = False
    tool_error_policy: ToolErrorPolicy = "return_error"
    thinking: bool = False
    thinking_budget_tokens: int | None = None
    reasoning_effort: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    timeout: float | None = None
    tool_timeout_s: float | None = None
    approval_timeout_s: float | None = 300.0
    transport_max_retries: int = 0
    cache: Literal["5m", "1h", False] = "5m"

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if value is None and name in _MAY_BE_NONE:
                continue
            if value is None or not value >= least:
                raise AgentConfigError(f"{name} must be at least {least}, not {value}.")
        for name in ("tool_timeout_s", "timeout"):
            seconds = getattr(self, name)
            if seconds is not None and not seconds > 0:
                raise AgentConfigError(f"{name} must be over 0, not {seconds}.")
        if not isinstance(self.extra, Mapping):
            raise AgentConfigError("extra must be a dict of a request's JSON fields.")
        if self.cache not in ("5m", "1h", False):
            raise AgentConfigError(f"Unknown cache {self.cache!r}. Use '5m', '1h' or False.")
        if self.tool_error_policy not in get_args(ToolErrorPolicy):
            raise AgentConfigError(
                f"Unknown tool_error_policy {self.tool_error_policy!r}. "
                f"Use one of: {', '.join(get_args(ToolErrorPolicy))}."
            )
