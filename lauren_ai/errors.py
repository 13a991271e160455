"""Every error that lauren_ai raises on purpose; `LaurenAIError` is the base of all.

`lauren_ai._exceptions` draws the tree and says what each carries.
"""

from lauren_ai._exceptions import (
    AgentBudgetExceededError,
    AgentConfigError,
    AgentMaxTurnsError,
    AuthTransportError,
    CassetteError,
    CassetteMissError,
    DecoratorUsageError,
    EmptyQueueError,
    LaurenAIError,
    OutputParserError,
    PromptRenderError,
    RateLimitTransportError,
    StorageDependencyError,
    StorageError,
    StreamTruncatedError,
    ToolConfigError,
    ToolConfirmationRejectedError,
    ToolExecutionError,
    ToolSchemaError,
    TransientTransportError,
    TransportError,
)

__all__ = [
    "AgentBudgetExceededError",
    "AgentConfigError",
    "AgentMaxTurnsError",
    "AuthTransportError",
    "CassetteError",
    "CassetteMissError",
    "DecoratorUsageError",
    "EmptyQueueError",
    "LaurenAIError",
    "OutputParserError",
    "PromptRenderError",
    "RateLimitTransportError",
    "StorageDependencyError",
    "StorageError",
    "StreamTruncatedError",
    "ToolConfigError",
    "ToolConfirmationRejectedError",
    "ToolExecutionError",
    "ToolSchemaError",
    "TransientTransportError",
    "TransportError",
]
