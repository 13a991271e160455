"""Transports, one provider a folder: requests out; chunks, usage and stop reasons in.

The values are here too. Importing it imports no provider.
"""

from lauren_ai._types import (
    Completion,
    CompletionChunk,
    ContentBlock,
    Embedding,
    InvalidToolCall,
    Message,
    PendingApproval,
    ToolCall,
    ToolCallDelta,
    ToolChoice,
    ToolSchema,
)
from lauren_ai._usage import TokenUsage

__all__ = [
    "Completion",
    "CompletionChunk",
    "ContentBlock",
    "Embedding",
    "InvalidToolCall",
    "Message",
    "PendingApproval",
    "TokenUsage",
    "ToolCall",
    "ToolCallDelta",
    "ToolChoice",
    "ToolSchema",
]
