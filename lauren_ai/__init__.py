"""lauren_ai: streaming answers of large language models, with tools and human approval.

Importing it imports no provider's package: each is imported when first used.
"""

from lauren_ai._chain_run import ChainRun, StepRun
from lauren_ai._chain_stream import ChainStream
from lauren_ai._chains import Chain, Step, chain
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
from lauren_ai._output_parsers import (
    CommaSeparatedListParser,
    JSONOutputParser,
    MarkdownCodeBlockParser,
    OutputParser,
    PydanticOutputParser,
    RegexParser,
    RetryOutputParser,
    StrOutputParser,
)
from lauren_ai._prompts import ChatPrompt, ChatPromptTemplate, FewShotPromptTemplate, PromptTemplate
from lauren_ai._retry import RetryNotice
from lauren_ai._stream import CompletionStream
from lauren_ai._structured import StructuredLLM
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
    "Chain",
    "ChainRun",
    "ChainStream",
    "ChatPrompt",
    "ChatPromptTemplate",
    "CommaSeparatedListParser",
    "Completion",
    "CompletionChunk",
    "CompletionStream",
    "ContentBlock",
    "DecoratorUsageError",
    "Embedding",
    "EmptyQueueError",
    "FewShotPromptTemplate",
    "InvalidToolCall",
    "JSONOutputParser",
    "LLMConfig",
    "LLMService",
    "LaurenAIError",
    "MarkdownCodeBlockParser",
    "Message",
    "OutputParser",
    "OutputParserError",
    "PendingApproval",
    "PromptRenderError",
    "PromptTemplate",
    "PydanticOutputParser",
    "RateLimitTransportError",
    "RegexParser",
    "RetryNotice",
    "RetryOutputParser",
    "Step",
    "StepRun",
    "StorageDependencyError",
    "StorageError",
    "StrOutputParser",
    "StreamTruncatedError",
    "StructuredLLM",
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
    "chain",
]
