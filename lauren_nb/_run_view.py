"""Turns what a run of the core does into operations of a turn, and its questions into answers.

It starts and stops nothing; `_run` does.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from lauren_ai import CompletionChunk, LLMConfig, PendingApproval, RetryNotice, TokenUsage
from lauren_ai._agent_types import ApprovalDecision, ToolResult
from lauren_ai._approval_policy import ApprovalPolicy
from lauren_ai._runner import AgentRunnerBase
from lauren_ai._signals import (
    Signal,
    ToolApprovalResolved,
    ToolCallComplete,
    ToolCallStarted,
    ToolPendingApproval,
)
from lauren_nb._agents import list_tools
from lauren_nb._approvals import Approver
from lauren_nb._options import CellOptions
from lauren_nb._presenters import Presenter
from lauren_nb._session import Session

PROGRESS_STEP = 1 << 20
_SHOWN_STATUS = {"invalid": "error", "not_run": "cancelled"}


class RunWatcher:
    """Made for one run; an event sink of it. `close` withdraws the questions that are left."""

    def __init__(
        self,
        options: CellOptions,
        agent: object,
        *,
        session: Session,
        presenter: Presenter,
        runner: AgentRunnerBase,
    ) -> None:
        self._push = presenter.push
        self._presenter = presenter
        self._thinking = False
        self._first_chunk_ms: int | None = None
        self._questions: dict[str, asyncio.Task[None]] = {}
        self._approver = Approver(
            runner=runner,
            grants=session.grants,
            tools=list_tools(agent),
            show=lambda call_id, change: self._push("tool_status", call_id, change),
        )
        presenter.listen(self._approver)
        self.policy = build_policy(options, session=session, presenter=presenter)

    def show(self, chunk: CompletionChunk) -> None:
        """Show what one chunk brought."""
        if self._first_chunk_ms is None:
            self._first_chunk_ms = self._presenter.turn.elapsed_ms
            self._push("status", "streaming")
        thinking = chunk.thinking_delta or chunk.reasoning_content_delta
        call = chunk.tool_call_delta
        if thinking:
            self._thinking = True
            self._push("thinking", thinking)
        elif self._thinking and (chunk.delta or call or chunk.stop_reason):
            self._thinking = False
            self._push("thinking_end", self._presenter.turn.get_thinking_ms())
        if chunk.delta:
            self._push("text", chunk.delta)
        if call is not None:
            if call.name is not None:
                self._push("tool", call.tool_use_id, call.name)
            if call.input_delta:
                self._push("args", call.tool_use_id, call.input_delta)

    async def on_signal(self, event: Signal) -> None:
        """Show what became of a tool call; called by the run, in its task."""
        match event:
            case ToolPendingApproval():
                self._ask(event.pending)
            case ToolApprovalResolved():
                self._withdraw(event.tool_use_id)
                change = {"approval": describe_decision(event.decision)}
                self._push("tool_status", event.tool_use_id, change)
            case ToolCallStarted():
                self._push("tool_status", event.tool_use_id, {"status": "running"})
            case ToolCallComplete():
                self._push("tool_status", event.tool_use_id, describe_result(event.result))

    def close(self) -> None:
        """The run is over: no question is asked any more."""
        for call_id in list(self._questions):
            self._withdraw(call_id)

    def note_retry(self, notice: RetryNotice) -> None:
        """Tell the person why they wait."""
        reason = str(notice.error).split(". ")[0]
        self._push(
            "notice",
            f"{reason}. Trying again in {notice.delay:.1f} s "
            f"(attempt {notice.attempt} of {notice.attempts}).",
        )

    def watch_fetch(self, config: LLMConfig) -> None:
        """Show the one-time fetch of an embedded model's weights as a progress bar."""
        if config.provider != "local":
            return
        from lauren_ai._transport._local import fetch_progress

        loop = asyncio.get_running_loop()
        shown = -PROGRESS_STEP

        def report(done: int, total: int | None) -> None:  # called in a thread
            nonlocal shown
            if done - shown >= PROGRESS_STEP or done == total:
                shown = done
                label = f"Fetching {config.model}, once for this machine"
                loop.call_soon_threadsafe(self._push, "progress", label, done, total)

        fetch_progress.set(report)

    def get_writing_ms(self) -> int:
        """Milliseconds since the first chunk: the wait before it is not the model's pace."""
        return self._presenter.turn.elapsed_ms - (self._first_chunk_ms or 0)

    def _ask(self, pending: PendingApproval) -> None:
        call_id = pending.tool_use_id
        self._approver.add(pending)
        change: dict[str, Any] = {"status": "waiting", "approval": describe_question(pending)}
        change["approval"]["can_always"] = self._approver.can_grant(pending)
        self._push("tool_status", call_id, change)
        question = self._presenter.ask(self._approver, pending)
        self._questions[call_id] = asyncio.ensure_future(question)

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
    reason = "Denied by --approve none." if options.approve == "none" else _NOBODY
    return ApprovalPolicy(asked, approved, session.grants, reason)  # type: ignore[arg-type]


_NOBODY = "No person was there to approve this call."


def describe_question(pending: PendingApproval) -> dict[str, Any]:
    """The card: exactly the frozen call, with the digest that a decision must name."""
    return {
        "state": "waiting",
        "digest": pending.digest,
        "text": json.dumps(pending.input, indent=2, ensure_ascii=False, sort_keys=True),
        "expires_at": pending.expires_at.isoformat() if pending.expires_at else None,
    }


def describe_decision(decision: ApprovalDecision) -> dict[str, Any]:
    """The audit: who decided what and when, and what ran where a person changed it."""
    change = {
        "state": "approved" if decision.approved else "denied",
        "decided_by": decision.decided_by,
        "decided_at": decision.decided_at.isoformat(timespec="seconds"),
        "reason": decision.reason,
    }
    if decision.is_edited:
        call = decision.call.input
        change["edited_text"] = json.dumps(call, indent=2, ensure_ascii=False, sort_keys=True)
    return change


def describe_result(result: ToolResult) -> dict[str, Any]:
    """How a call ended, and what the model read of it."""
    status = _SHOWN_STATUS.get(result.status, result.status)
    return {"status": status, "result": result.text, "duration_ms": result.duration_ms}


def describe_usage(usage: TokenUsage | None, writing_ms: int) -> dict[str, Any]:
    """Usage as the footer has it. Pace is None where the time is too short to mean anything."""
    if usage is None:
        return {}
    pace = usage.output_tokens * 1000 / writing_ms if writing_ms >= 100 else None
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "tokens_per_s": round(pace, 1) if pace is not None else None,
    }
