"""The errors of lauren_ai: what happened, the value, what to do next.

It owns the error tree and nothing else; transports map third-party errors into it, once.

    LaurenAIError
    ├── AgentConfigError
    ├── AgentMaxTurnsError
    ├── AgentBudgetExceededError
    ├── DecoratorUsageError
    ├── ToolSchemaError
    ├── ToolConfigError
    ├── ToolExecutionError
    ├── ToolConfirmationRejectedError
    ├── StorageError
    │   └── StorageDependencyError
    ├── OutputParserError
    ├── PromptRenderError
    ├── EmptyQueueError
    └── TransportError
        ├── AuthTransportError
        ├── CassetteError
        │   └── CassetteMissError
        ├── StreamTruncatedError
        └── TransientTransportError
            └── RateLimitTransportError
"""

from __future__ import annotations


class LaurenAIError(Exception):
    """Base of every error that this package raises on purpose."""


class AgentConfigError(LaurenAIError):
    """A configuration that cannot work: an unknown provider, a value out of range."""


class AgentMaxTurnsError(LaurenAIError):
    """An agent used all its turns without an answer."""


class AgentBudgetExceededError(LaurenAIError):
    """A run reached its `max_cost_usd`."""


class DecoratorUsageError(LaurenAIError):
    """A decorator on something that it does not decorate."""


class ToolSchemaError(LaurenAIError):
    """A function whose signature gives no JSON schema."""


class ToolConfigError(LaurenAIError):
    """Tools that cannot be used together: a name twice, an unknown policy."""


class ToolExecutionError(LaurenAIError):
    """A tool raised, or its arguments did not fit its schema."""


class ToolConfirmationRejectedError(LaurenAIError):
    """A person, or a policy in their place, denied a tool call."""


class StorageError(LaurenAIError):
    """A conversation could not be loaded, saved or deleted."""


class StorageDependencyError(StorageError):
    """A store needs a package that is not installed."""


class OutputParserError(LaurenAIError):
    """A model's text is not what the parser reads. `text` is that text, whole."""

    def __init__(self, message: str, *, text: str = "") -> None:
        super().__init__(message)
        self.text = text


class PromptRenderError(LaurenAIError):
    """A template lacks a variable. `variable` is its name."""

    def __init__(self, message: str, *, variable: str = "") -> None:
        super().__init__(message)
        self.variable = variable


class EmptyQueueError(LaurenAIError):
    """A MockTransport was asked for a response that no test queued."""


class TransportError(LaurenAIError):
    """A provider, or the way to it, failed.

    Attributes:
        provider: the provider's name, as in `LLMConfig.provider`.
        status: the HTTP status code, None where no response came.
        request_id: the provider's own id of the request, for a support ticket.
        retry_after: seconds to wait before another try, where the provider said so.
        partial_text: the answer's text up to the failure.
        retryable: whether the same request may well succeed later.
    """

    retryable = False
    #: Set on an error that a cassette replayed: nobody need wait before the next try.
    is_replayed = False
    #: Set where our own time limit ended a request: the provider works on, and bills it, so that
    #: only a person asks again.
    is_out_of_time = False

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        status: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        partial_text: str = "",
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.partial_text = partial_text


class AuthTransportError(TransportError):
    """No key, or a key that the provider refuses (401, 403)."""


class CassetteError(TransportError):
    """A cassette that cannot be read or written."""


class CassetteMissError(CassetteError):
    """A cassette has no answer to a request. The message's first line says so; `diff` is how the
    nearest recorded request differs, "" where there is none."""

    def __init__(self, message: str, *, provider: str = "", diff: str = "") -> None:
        super().__init__(f"{message}\n{diff}" if diff else message, provider=provider)
        self.diff = diff


class StreamTruncatedError(TransportError):
    """The response ended before the provider said that it was complete."""

    retryable = True


class TransientTransportError(TransportError):
    """A failure that passes: no connection, a time limit, 408, 409, 5xx, overloaded."""

    retryable = True


class RateLimitTransportError(TransientTransportError):
    """Too many requests (429)."""
