"""What a run of an agent is made of and leaves behind: plain values. It runs nothing."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

from lauren_ai._approval.call import ApprovalDecision
from lauren_ai._exceptions import AgentBudgetExceededError, AgentMaxTurnsError, LaurenAIError
from lauren_ai._types import ContentBlock, Message
from lauren_ai._usage import TokenUsage

ToolStatus = Literal["done", "error", "denied", "invalid", "cancelled", "not_run"]


@dataclass(slots=True, kw_only=True)
class ToolResult:
    """What became of one call, and what the model reads of it.

    `input` is what ran or was to run; `original_input` the model's own where a person edited it.
    `decision` is None where nobody had to decide. `duration_ms` is None where nothing ran.
    """

    tool_use_id: str
    name: str
    content: str | list[ContentBlock]
    status: ToolStatus
    input: dict[str, Any] = field(default_factory=dict)
    original_input: dict[str, Any] | None = None
    decision: ApprovalDecision | None = None
    duration_ms: float | None = None

    @property
    def is_error(self) -> bool:
        return self.status != "done"

    @property
    def text(self) -> str:
        """The text of the content; images are left out."""
        if isinstance(self.content, str):
            return self.content
        return "".join(block.text or "" for block in self.content if block.type == "text")


@dataclass(slots=True)
class AgentResponse:
    """A run's outcome. `content` is the text of its last turn, partial where it was cut short.

    `total_usage` is None where the provider never sent any; `messages` is what the run added to
    its conversation.
    """

    content: str
    turns: int
    total_usage: TokenUsage | None
    tool_calls_made: list[ToolResult]
    stop_reason: str
    metadata: dict[str, Any] = field(default_factory=dict)
    reasoning_traces: list[str] = field(default_factory=list)
    _: KW_ONLY
    agent_run_id: str = ""
    model: str = ""
    messages: list[Message] = field(default_factory=list)

    @property
    def cost_usd(self) -> float | None:
        """US dollars of the whole run; None where usage or price is not known."""
        return None if self.total_usage is None else self.total_usage.cost_usd(self.model)

    def raise_for_stop_reason(self) -> AgentResponse:
        """Itself, where the model ended its answer. Raises AgentMaxTurnsError,
        AgentBudgetExceededError, or LaurenAIError for a run that was cancelled or failed."""
        why = f"The run {self.agent_run_id} ended with {self.stop_reason!r}"
        if self.stop_reason == "max_turns":
            raise AgentMaxTurnsError(f"{why} after {self.turns} turns. Raise max_turns.")
        if self.stop_reason == "budget_exceeded":
            raise AgentBudgetExceededError(f"{why}. Raise max_cost_usd.")
        if self.stop_reason in ("cancelled", "error"):
            raise LaurenAIError(f"{why}, so its answer is not complete.")
        return self


@dataclass(slots=True, kw_only=True)
class AgentContext:
    """What an agent's hooks see of their run. `metadata` may be changed; tools see the change."""

    agent_run_id: str
    agent: object
    agent_name: str
    model: str
    conversation_id: str | None
    metadata: dict[str, Any]
    turn: int = 0
    usage: TokenUsage | None = None
