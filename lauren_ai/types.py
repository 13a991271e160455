"""Types of what lauren_ai makes, for annotations: nobody makes one by its name."""

from lauren_ai._agents.definition import (
    AgentMeta,
)
from lauren_ai._agents.spec import RunOptions
from lauren_ai._approval.call import (
    FrozenCall,
)
from lauren_ai._approval.policy import (
    ApprovalGrant,
    ApprovalGrants,
)
from lauren_ai._chains.run import (
    ChainRun,
    StepRun,
)
from lauren_ai._chains.stream import (
    ChainStream,
)
from lauren_ai._output_parsers.structured import (
    StructuredLLM,
)
from lauren_ai._prompts import (
    ChatPrompt,
)
from lauren_ai._streaming.request import RequestOptions
from lauren_ai._streaming.retry import (
    RetryNotice,
)
from lauren_ai._types import (
    InvalidToolCall,
)

__all__ = [
    "AgentMeta",
    "ApprovalGrant",
    "ApprovalGrants",
    "ChainRun",
    "ChainStream",
    "ChatPrompt",
    "FrozenCall",
    "InvalidToolCall",
    "RequestOptions",
    "RetryNotice",
    "RunOptions",
    "StepRun",
    "StructuredLLM",
]
