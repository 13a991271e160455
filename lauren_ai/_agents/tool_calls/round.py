"""The calls of one turn: checked, approved, run, each with one result in the model's order.

It knows nothing of models and histories; `run.py` goes from turn to turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from lauren_ai._agents.signals import (
    ToolApprovalResolved,
    ToolCallComplete,
    ToolCallStarted,
    ToolPendingApproval,
)
from lauren_ai._agents.tool_calls.call import ToolEnvironment, find_fault, judge, run_call
from lauren_ai._agents.tool_calls.result import build_denial, build_result
from lauren_ai._agents.types import ToolResult, ToolStatus
from lauren_ai._approval.call import ApprovalDecision, FrozenCall
from lauren_ai._approval.desk import ApprovalTicket
from lauren_ai._exceptions import ToolExecutionError
from lauren_ai._tools import Tool
from lauren_ai._types import Completion, InvalidToolCall, PendingApproval, ToolCall


@dataclass(slots=True, eq=False, kw_only=True)
class _Planned:
    """One call on its way. It is over when `result` is set."""

    call: FrozenCall
    tool: Tool | None = None
    is_asked: bool = False
    ticket: ApprovalTicket | None = None
    decision: ApprovalDecision | None = None
    result: ToolResult | None = None
    is_announced: bool = False


class ToolRound:
    """Made for one response with calls: `prepare` once, then `execute` or `skip`; `cancel` at any
    time. After each of the last three, `results` has one result for every call."""

    def __init__(self, environment: ToolEnvironment, completion: Completion) -> None:
        self._env = environment
        self._run_id = environment.context.agent_run_id
        tools = environment.tools
        self._planned = [_plan(call, tools) for call in _in_order(completion)]

    async def prepare(self) -> list[PendingApproval]:
        """Check each call and open the approvals that it needs. Raises ToolExecutionError where
        the agent's `tool_error_policy` is "raise"."""
        for planned in self._planned:
            if planned.result is None:
                await self._check(planned)
            if planned.result is not None:
                await self._announce(planned)
        for planned in self._planned:  # no sooner: a slow policy takes no time from a person
            if planned.is_asked and planned.tool is not None:
                planned.ticket = self._env.desk.open(
                    planned.call,
                    planned.tool,
                    agent_run_id=self._run_id,
                    timeout_s=self._env.config.approval_timeout_s,
                )
        return [
            await self._announce_pending(planned, planned.ticket)
            for planned in self._planned
            if planned.ticket is not None
        ]

    async def execute(self) -> None:
        """Wait for the decisions and run what may run: one call after another in the model's
        order, or all at once with `parallel_tool_calls`. Cancelling it cancels what runs."""
        waiting = [planned for planned in self._planned if planned.result is None]
        if len(waiting) == 1:  # in the run's own task, so that no other is needed
            await self._settle(waiting[0], None, asyncio.Event())
        elif waiting:
            await self._settle_all(waiting)

    async def skip(self, reason: str) -> None:
        """Run none of the calls, and tell the model why."""
        await self._end_rest("not_run", f"This call was not run: {reason}.")

    async def cancel(self) -> None:
        """Give what did not end its result. What already began may have had its effect."""
        for planned in self._planned:
            if planned.ticket is not None and planned.decision is None:
                planned.ticket.decide(False, decided_by="cancelled")
                await self._take(planned, await planned.ticket.wait())
        await self._end_rest("cancelled", "The run was stopped before this call ended.")

    @property
    def results(self) -> list[ToolResult]:
        """One a call, in the model's order, of the calls that are over."""
        return [planned.result for planned in self._planned if planned.result is not None]

    def withdraw(self) -> None:
        """Refuse whatever still waits for a person, at once; `cancel` tells of it."""
        for planned in self._planned:
            if planned.ticket is not None:
                planned.ticket.decide(False, decided_by="cancelled")
                self._env.desk.close(self._run_id, planned.call.tool_use_id)

    async def _end_rest(self, status: ToolStatus, text: str) -> None:
        for planned in self._planned:
            if planned.result is None:
                planned.result = build_result(
                    planned.call, text, status=status, decision=planned.decision
                )
            await self._announce(planned)

    async def _check(self, planned: _Planned) -> None:
        call = planned.call
        try:
            fault = find_fault(self._env, call)
        except ToolExecutionError as exc:
            await self._fail(planned, exc, status="invalid")
            raise
        if fault is not None:
            planned.result = build_result(call, fault, status="invalid")
            return
        tool = planned.tool = self._env.tools[call.name]
        verdict = await judge(self._env, call, tool)
        if verdict is None:
            return
        if verdict.action == "ask":
            planned.is_asked = True
            return
        approved, now = verdict.action == "approve", datetime.now(UTC)
        await self._take(
            planned,
            ApprovalDecision(
                approved=approved,
                call=call,
                decided_by=verdict.decided_by,
                decided_at=now,
                reason=verdict.reason,
            ),
        )

    async def _settle_all(self, waiting: list[_Planned]) -> None:
        ended = [asyncio.Event() for _ in waiting]
        before: list[asyncio.Event | None] = [None, *ended[:-1]]
        if self._env.config.parallel_tool_calls:
            before = [None] * len(waiting)
        tasks = [
            asyncio.ensure_future(self._settle(planned, after, done))
            for planned, after, done in zip(waiting, before, ended, strict=True)
        ]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    async def _settle(
        self, planned: _Planned, after: asyncio.Event | None, done: asyncio.Event
    ) -> None:
        """One call to its end: its decision as soon as it comes, its run in its turn."""
        if planned.ticket is not None:
            await self._take(planned, await planned.ticket.wait())
        await self._announce(planned)  # a refusal need not wait for the calls before
        if after is not None:
            await after.wait()
        if planned.result is None:
            await self._run(planned)
            await self._announce(planned)
        done.set()

    async def _take(self, planned: _Planned, decision: ApprovalDecision) -> None:
        planned.decision = decision
        call = planned.call
        self._env.desk.close(self._run_id, call.tool_use_id)
        if not decision.approved:
            planned.result = build_denial(call, decision)
        await self._env.emitter.emit(
            ToolApprovalResolved(
                *self._about, tool_use_id=call.tool_use_id, tool_name=call.name, decision=decision
            )
        )

    async def _run(self, planned: _Planned) -> None:
        tool, decision = planned.tool, planned.decision
        assert tool is not None
        call = planned.call if decision is None else decision.call
        await self._env.emitter.emit(
            ToolCallStarted(
                *self._about, tool_use_id=call.tool_use_id, tool_name=call.name, input=call.input
            )
        )
        try:
            planned.result = await run_call(self._env, tool, planned.call, decision)
        except ToolExecutionError as exc:
            await self._fail(planned, exc, status="error")
            raise

    async def _fail(
        self, planned: _Planned, error: ToolExecutionError, *, status: ToolStatus
    ) -> None:
        """The run fails with this call; its history still says what the call came to."""
        planned.result = build_result(
            planned.call, str(error), status=status, decision=planned.decision
        )
        await self._announce(planned)

    async def _announce_pending(self, planned: _Planned, ticket: ApprovalTicket) -> PendingApproval:
        call = planned.call
        shown = self._env.desk.build_pending(ticket, self._run_id)
        await self._env.emitter.emit(
            ToolPendingApproval(
                *self._about, tool_use_id=call.tool_use_id, tool_name=call.name, pending=shown
            )
        )
        return shown

    async def _announce(self, planned: _Planned) -> None:
        call, result = planned.call, planned.result
        if result is None or planned.is_announced:
            return
        planned.is_announced = True
        await self._env.emitter.emit(
            ToolCallComplete(
                *self._about, tool_use_id=call.tool_use_id, tool_name=call.name, result=result
            )
        )

    @property
    def _about(self) -> tuple[str, str]:
        return self._run_id, self._env.context.agent_name


def _in_order(completion: Completion) -> Iterator[ToolCall | InvalidToolCall]:
    """The calls as the model wrote them, good and bad ones mixed."""
    calls: dict[str, ToolCall | InvalidToolCall]
    calls = {call.tool_use_id: call for call in completion.tool_calls}
    calls |= {call.tool_use_id: call for call in completion.invalid_tool_calls}
    for block in completion.blocks:
        if block.type == "tool_use":
            yield calls[block.tool_use_id or ""]


def _plan(call: ToolCall | InvalidToolCall, tools: Mapping[str, Tool]) -> _Planned:
    if isinstance(call, ToolCall):
        tool = tools.get(call.name)
        input = call.input if tool is None else tool.open_texts(call.input)
        return _Planned(call=FrozenCall.freeze(call.tool_use_id, call.name, input))
    frozen = FrozenCall.freeze(call.tool_use_id, call.name, {})
    error = f"{call.error} The call was not run; write it again."
    return _Planned(call=frozen, result=build_result(frozen, error, status="invalid"))
