"""lauren_ai: streaming answers of large language models, with tools and human approval.

Here is what most programs type; `errors`, `parsers`, `signals`, `cassettes` and `types` have the
rest, `testing` and `web` what tests and web applications need. Importing it imports no provider's
package: each is imported when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from warnings import warn

from lauren_ai import cassettes, errors, parsers, signals, types
from lauren_ai._agents.definition import agent, make_agent, use_tools
from lauren_ai._agents.runner import AgentRunner, AgentRunnerBase
from lauren_ai._agents.stream import RunStream
from lauren_ai._agents.types import AgentContext, AgentResponse, ToolResult
from lauren_ai._approval.call import ApprovalDecision
from lauren_ai._approval.policy import ApprovalPolicy, ConfirmationRequest, Verdict
from lauren_ai._chains.definition import Chain, chain
from lauren_ai._chains.step import Step
from lauren_ai._config import AgentConfig, LLMConfig, Timeouts
from lauren_ai._conversations.memory import ShortTermMemory
from lauren_ai._conversations.sqlite import SQLiteConversationStore
from lauren_ai._conversations.stores import ConversationStore, InMemoryConversationStore
from lauren_ai._exceptions import (
    LaurenAIError,
    OutputParserError,
    ToolExecutionError,
    TransportError,
)
from lauren_ai._module import LLMService
from lauren_ai._prompts import ChatPromptTemplate, FewShotPromptTemplate, PromptTemplate
from lauren_ai._streaming.stream import CompletionStream
from lauren_ai._tools import (
    Tool,
    ToolContext,
    get_tool,
    tool,
)
from lauren_ai._types import (
    Completion,
    CompletionChunk,
    ContentBlock,
    Embedding,
    Message,
    PendingApproval,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
    ToolSchema,
)
from lauren_ai._usage import TokenUsage

__version__ = "0.1.0"
__all__ = [
    "AgentConfig",
    "AgentContext",
    "AgentResponse",
    "AgentRunner",
    "AgentRunnerBase",
    "ApprovalDecision",
    "ApprovalPolicy",
    "Chain",
    "ChatPromptTemplate",
    "Completion",
    "CompletionChunk",
    "CompletionStream",
    "ConfirmationRequest",
    "ContentBlock",
    "ConversationStore",
    "Embedding",
    "FewShotPromptTemplate",
    "InMemoryConversationStore",
    "LLMConfig",
    "LLMService",
    "LaurenAIError",
    "Message",
    "OutputParserError",
    "PendingApproval",
    "PromptTemplate",
    "RunStream",
    "SQLiteConversationStore",
    "ShortTermMemory",
    "Step",
    "Timeouts",
    "TokenUsage",
    "Tool",
    "ToolCall",
    "ToolCallDelta",
    "ToolChoice",
    "ToolContext",
    "ToolExecutionError",
    "ToolResult",
    "ToolSchema",
    "TransportError",
    "Verdict",
    "__version__",
    "agent",
    "chain",
    "get_tool",
    "make_agent",
    "tool",
    "use_tools",
]

#: Names that stood here, by where they stand now. They go away in 0.2.
_MOVED = {
    cassettes: "CassettePlayer CassetteRecorder set_cassette",
    errors: (
        "AgentBudgetExceededError AgentConfigError AgentMaxTurnsError AuthTransportError "
        "CassetteError CassetteMissError DecoratorUsageError EmptyQueueError PromptRenderError "
        "RateLimitTransportError StorageDependencyError StorageError StreamTruncatedError "
        "ToolConfigError ToolConfirmationRejectedError ToolSchemaError TransientTransportError"
    ),
    parsers: (
        "CommaSeparatedListParser JSONOutputParser MarkdownCodeBlockParser OutputParser "
        "PydanticOutputParser RegexParser RetryOutputParser StrOutputParser"
    ),
    signals: (
        "AgentRunComplete AgentTurnComplete EventSink ModelCallComplete ModelCallStarted Signal "
        "SignalBus ToolApprovalResolved ToolCallComplete ToolCallStarted ToolPendingApproval"
    ),
    types: (
        "AgentMeta ApprovalGrant ApprovalGrants ChainRun ChainStream ChatPrompt FrozenCall "
        "InvalidToolCall RetryNotice StepRun StructuredLLM"
    ),
}

if not TYPE_CHECKING:  # or a checker would take every misspelt name

    def __getattr__(name: str) -> object:
        place = next((module for module, names in _MOVED.items() if name in names.split()), None)
        if place is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        warn(
            f"lauren_ai.{name} is {place.__name__}.{name} now; the old name goes away in 0.2.",
            DeprecationWarning,
            stacklevel=2,
        )
        return getattr(place, name)
