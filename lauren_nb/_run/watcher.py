"""Turns what a run of the core does into operations of a turn, and its questions into answers.

It starts and stops nothing; `cell.py` does.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from lauren_ai import (
    AgentRunnerBase,
    ApprovalPolicy,
    LLMConfig,
    PendingApproval,
    ToolExecutionError,
    ToolResult,
)
from lauren_ai._agents import ToolStatus as ResultStatus
from lauren_ai.signals import (
    ModelCallComplete,
    Signal,
    ToolApprovalResolved,
    ToolCallComplete,
    ToolCallStarted,
    ToolPendingApproval,
)
from lauren_nb._approval.approver import Action, Answer, Approver
from lauren_nb._approval.describe import describe_decision, describe_question
from lauren_nb._approval.recorded import NOBODY, RecordedPolicy, RunDecisions
from lauren_nb._display.presenters import Presenter
from lauren_nb._options.parse import CellOptions
from lauren_nb._protocol import Approval, ToolChange, ToolStatus
from lauren_nb._run.agents import list_tools
from lauren_nb._run.chunks import ChunkWriter
from lauren_nb._session.session import Session

logger = logging.getLogger("lauren_nb")

_SHOWN_STATUS: dict[ResultStatus, ToolStatus] = {
    "done": "done",
    "error": "error",
    "invalid": "error",
    "denied": "denied",
    "cancelled": "cancelled",
    "not_run": "cancelled",
}


class RunWatcher(ChunkWriter):
    """Made for one run; an event sink of it. `close` withdraws the questions that are left."""

    def __init__(
        self,
        options: CellOptions,
        agent: object,
        *,
        session: Session,
        presenter: Presenter,
        runner: AgentRunnerBase,
        config: LLMConfig | None = None,
    ) -> None:
        super().__init__(presenter)
        self._decisions = RunDecisions.of(config)
        self._questions: dict[str, asyncio.Task[None]] = {}
        self._approver = Approver(
            runner=runner,
            grants=session.grants,
            tools=list_tools(agent),
            show=lambda call_id, change: self._push("tool_status", call_id, change),
        )
        presenter.listen(self._approver)
        policy = build_policy(options, session=session, presenter=presenter)
        player = self._decisions.player
        self.policy = policy if player is None else RecordedPolicy(policy, player)

    async def on_signal(self, event: Signal) -> None:
        """Show what became of a tool call; called by the run, in its task."""
        match event:
            case ModelCallComplete():
                self.end_response()
            case ToolPendingApproval():
                self._ask(event.pending)
            case ToolApprovalResolved():
                self._withdraw(event.tool_use_id)
                approval = describe_decision(event.decision)
                approval["decided_at"] = self._decisions.get_time(event.tool_use_id, event.decision)
                self._push("tool_status", event.tool_use_id, {"approval": approval})
                self._decisions.note(event.tool_use_id, event.decision)
            case ToolCallStarted():
                self._push("tool_status", event.tool_use_id, {"status": "running"})
            case ToolCallComplete():
                change = describe_result(event.result)
                if self._decisions.player is not None:  # the one time that no recording has
                    change["duration_ms"] = None
                self._push("tool_status", event.tool_use_id, change)

    def close(self) -> None:
        """The run is over: no question is asked any more."""
        for call_id in list(self._questions):
            self._withdraw(call_id)

    def _ask(self, pending: PendingApproval) -> None:
        call_id = pending.tool_use_id
        self._approver.add(pending)
        change: ToolChange = {"status": "waiting", "approval": self._describe(pending)}
        self._push("tool_status", call_id, change)
        self._questions[call_id] = asyncio.ensure_future(self._get_answer(pending))

    def _describe(self, pending: PendingApproval) -> Approval:
        question = describe_question(pending, now_ms=self._presenter.turn.elapsed_ms)
        return {**question, "can_always": self._approver.can_grant(pending)}

    async def _get_answer(self, pending: PendingApproval) -> None:
        if self._answer_as_recorded(pending):
            return
        try:
            await self._presenter.ask(self._approver, pending)
        except Exception:  # fail closed, at once: nobody would ever answer
            logger.exception("No person could be asked about %r.", pending.tool_name)
            self._approver.deny(pending, "No person could be asked: the question failed.")

    def _answer_as_recorded(self, pending: PendingApproval) -> bool:
        """Decide as the replayed cassette has it; False where it has nothing that fits."""
        recorded = self._decisions.find(pending)
        if recorded is None:
            return False
        action: Action = "approve" if recorded.approved else "deny"
        answer = Answer(action, recorded.input, recorded.reason)
        with suppress(ToolExecutionError):  # edited for a tool that has changed since
            return self._approver.decide(pending, answer, decided_by="cassette")
        return False

    def _withdraw(self, call_id: str) -> None:
        self._approver.remove(call_id)
        question = self._questions.pop(call_id, None)
        if question is not None and question is not asyncio.current_task():
            question.cancel()


def build_policy(options: CellOptions, *, session: Session, presenter: Presenter) -> ApprovalPolicy:
    """What `--approve` means here: where nobody can be asked, whatever would be asked is denied."""
    asked = "ask" if presenter.can_ask else "deny"
    approved: tuple[str, ...] = ()
    match options.approve:
        case "all":
            asked = "approve"
        case "none":
            asked = "deny"
        case tuple() as approved:
            pass
    reason = "Denied by --approve none." if options.approve == "none" else NOBODY
    return ApprovalPolicy(asked, approved_tools=approved, grants=session.grants, reason=reason)  # type: ignore[arg-type]


def describe_result(result: ToolResult) -> ToolChange:
    """How a call ended, and what the model read of it."""
    return {
        "status": _SHOWN_STATUS[result.status],
        "result": result.text,
        "duration_ms": result.duration_ms,
    }
