"""lauren_ai: streaming answers of large language models, with tools and human approval.

Importing it imports no provider's package: each is imported when first used.
"""

from lauren_ai._config import AgentConfig, LLMConfig, Timeouts
from lauren_ai._exceptions import (
    AgentBudgetExceededError,
    AgentConfigError,
    AgentMaxTurnsError,
    AuthTransportError,
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
from lauren_ai._module import LLMService
from lauren_ai._retry import RetryNotice
from lauren_ai._stream import CompletionStream
from lauren_ai._transport._types import (
    Completion,
    CompletionChunk,
    ContentBlock,
    Embedding,
    InvalidToolCall,
    Message,
    PendingApproval,
    TokenUsage,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
    ToolSchema,
)

__all__ = [
    "AgentBudgetExceededError",
    "AgentConfig",
    "AgentConfigError",
    "AgentMaxTurnsError",
    "AuthTransportError",
    "Completion",
    "CompletionChunk",
    "CompletionStream",
    "ContentBlock",
    "DecoratorUsageError",
    "Embedding",
    "EmptyQueueError",
    "InvalidToolCall",
    "LLMConfig",
    "LLMService",
    "LaurenAIError",
    "Message",
    "OutputParserError",
    "PendingApproval",
    "PromptRenderError",
    "RateLimitTransportError",
    "RetryNotice",
    "StorageDependencyError",
    "StorageError",
    "StreamTruncatedError",
    "Timeouts",
    "TokenUsage",
    "ToolCall",
    "ToolCallDelta",
    "ToolChoice",
    "ToolConfigError",
    "ToolConfirmationRejectedError",
    "ToolExecutionError",
    "ToolSchema",
    "ToolSchemaError",
    "TransientTransportError",
    "TransportError",
]
