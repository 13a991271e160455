"""lauren_ai: streaming answers of large language models, with tools and human approval.

Importing it imports no provider's package: each is imported when first used.
"""

from lauren_ai._agents.definition import AgentMeta, agent, make_agent, use_tools
from lauren_ai._agents.runner import AgentRunner, AgentRunnerBase
from lauren_ai._agents.signals import (
    AgentRunComplete,
    AgentTurnComplete,
    EventSink,
    ModelCallComplete,
    ModelCallStarted,
    Signal,
    SignalBus,
    ToolApprovalResolved,
    ToolCallComplete,
    ToolCallStarted,
    ToolPendingApproval,
)
from lauren_ai._agents.stream import RunStream
from lauren_ai._agents.types import AgentContext, AgentResponse, ToolResult
from lauren_ai._approval.call import ApprovalDecision, FrozenCall
from lauren_ai._approval.policy import (
    ApprovalGrant,
    ApprovalGrants,
    ApprovalPolicy,
    ConfirmationRequest,
    Verdict,
)
from lauren_ai._cassettes.current import set_cassette
from lauren_ai._cassettes.player import CassettePlayer
from lauren_ai._cassettes.recorder import CassetteRecorder
from lauren_ai._chains.definition import Chain, chain
from lauren_ai._chains.run import ChainRun, StepRun
from lauren_ai._chains.step import Step
from lauren_ai._chains.stream import ChainStream
from lauren_ai._config import AgentConfig, LLMConfig, Timeouts
from lauren_ai._conversations.memory import ShortTermMemory
from lauren_ai._conversations.sqlite import SQLiteConversationStore
from lauren_ai._conversations.stores import ConversationStore, InMemoryConversationStore
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
from lauren_ai._module import LLMService
from lauren_ai._output_parsers.parsers import (
    CommaSeparatedListParser,
    JSONOutputParser,
    MarkdownCodeBlockParser,
    OutputParser,
    PydanticOutputParser,
    RegexParser,
    StrOutputParser,
)
from lauren_ai._output_parsers.retry import RetryOutputParser
from lauren_ai._output_parsers.structured import StructuredLLM
from lauren_ai._prompts import ChatPrompt, ChatPromptTemplate, FewShotPromptTemplate, PromptTemplate
from lauren_ai._streaming.retry import RetryNotice
from lauren_ai._streaming.stream import CompletionStream
from lauren_ai._tools import Tool, ToolContext, get_tool, tool
from lauren_ai._types import (
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
    "AgentContext",
    "AgentMaxTurnsError",
    "AgentMeta",
    "AgentResponse",
    "AgentRunComplete",
    "AgentRunner",
    "AgentRunnerBase",
    "AgentTurnComplete",
    "ApprovalDecision",
    "ApprovalGrant",
    "ApprovalGrants",
    "ApprovalPolicy",
    "AuthTransportError",
    "CassetteError",
    "CassetteMissError",
    "CassettePlayer",
    "CassetteRecorder",
    "Chain",
    "ChainRun",
    "ChainStream",
    "ChatPrompt",
    "ChatPromptTemplate",
    "CommaSeparatedListParser",
    "Completion",
    "CompletionChunk",
    "CompletionStream",
    "ConfirmationRequest",
    "ContentBlock",
    "ConversationStore",
    "DecoratorUsageError",
    "Embedding",
    "EmptyQueueError",
    "EventSink",
    "FewShotPromptTemplate",
    "FrozenCall",
    "InMemoryConversationStore",
    "InvalidToolCall",
    "JSONOutputParser",
    "LLMConfig",
    "LLMService",
    "LaurenAIError",
    "MarkdownCodeBlockParser",
    "Message",
    "ModelCallComplete",
    "ModelCallStarted",
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
    "RunStream",
    "SQLiteConversationStore",
    "ShortTermMemory",
    "Signal",
    "SignalBus",
    "Step",
    "StepRun",
    "StorageDependencyError",
    "StorageError",
    "StrOutputParser",
    "StreamTruncatedError",
    "StructuredLLM",
    "Timeouts",
    "TokenUsage",
    "Tool",
    "ToolApprovalResolved",
    "ToolCall",
    "ToolCallComplete",
    "ToolCallDelta",
    "ToolCallStarted",
    "ToolChoice",
    "ToolConfigError",
    "ToolConfirmationRejectedError",
    "ToolContext",
    "ToolExecutionError",
    "ToolPendingApproval",
    "ToolResult",
    "ToolSchema",
    "ToolSchemaError",
    "TransientTransportError",
    "TransportError",
    "Verdict",
    "agent",
    "chain",
    "get_tool",
    "make_agent",
    "set_cassette",
    "tool",
    "use_tools",
]
