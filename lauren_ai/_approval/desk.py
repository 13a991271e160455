"""Calls that wait for a person: each is decided once, from any thread, or not at all.

It runs no tool; the runner asks it before one runs, and runs what the decision holds.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from lauren_ai._approval.call import ApprovalDecision, FrozenCall
from lauren_ai._exceptions import LaurenAIError, ToolConfirmationRejectedError
from lauren_ai._types import PendingApproval

if TYPE_CHECKING:
    from lauren_ai._tools import Tool

#: A year. Dates and timers cannot take every number of seconds.
LONGEST_S = 365 * 86_400.0


class ApprovalTicket:
    """Made by the desk on the run's loop; the run alone waits for it. The first decision counts."""

    __slots__ = (
        "_decision",
        "_future",
        "_limit_s",
        "_lock",
        "_loop",
        "_timer",
        "call",
        "expires_at",
        "tool",
    )

    def __init__(self, call: FrozenCall, tool: Tool) -> None:
        self.call = call
        self.tool = tool
        self.expires_at: datetime | None = None
        self._decision: ApprovalDecision | None = None
        self._lock = threading.Lock()
        self._loop = asyncio.get_running_loop()
        self._future: asyncio.Future[None] = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None
        self._limit_s = 0.0

    def expire_after(self, seconds: float | None) -> None:
        """Deny by itself after this time, whether or not anybody waits. None, or longer than
        `LONGEST_S`, is no limit."""
        if seconds is not None and seconds <= LONGEST_S:
            self._limit_s = seconds
            self.expires_at = datetime.now(UTC) + timedelta(seconds=seconds)
            self._timer = self._loop.call_later(seconds, self._expire)

    def check_time(self) -> bool:
        """False when the time is over: then it is denied, also where a busy loop has not come to
        it yet. Safe in any thread."""
        if self.expires_at is None or datetime.now(UTC) < self.expires_at:
            return True
        self._expire()
        return False

    def _expire(self) -> None:
        reason = f"Nobody answered within {self._limit_s:g} s."
        self.decide(False, decided_by="timeout", reason=reason)

    def decide(
        self,
        approved: bool,
        *,
        decided_by: str,
        reason: str = "",
        edited: FrozenCall | None = None,
    ) -> bool:
        """Compare and set: False when somebody was first. Safe in any thread; it never waits."""
        is_edited = edited is not None and edited.digest != self.call.digest
        call = edited if edited is not None and is_edited else self.call
        now = datetime.now(UTC)
        decision = ApprovalDecision(
            approved=approved,
            call=call,
            decided_by=decided_by,
            decided_at=now,
            reason=reason,
            is_edited=is_edited,
        )
        with self._lock:
            if self._decision is not None:
                return False
            self._decision = decision
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._wake)
        return True

    async def wait(self) -> ApprovalDecision:
        """The decision, which may have come before the first wait. Holds no thread."""
        if self._decision is None:
            await self._future
        assert self._decision is not None
        return self._decision

    def _wake(self) -> None:
        if self._timer is not None:  # a timer may be cancelled on its own loop only
            self._timer.cancel()
            self._timer = None
        if not self._future.done():
            self._future.set_result(None)


class ApprovalDesk:
    """Made by a runner, for all its runs. Every method but `open` may be called in any thread."""

    def __init__(self) -> None:
        self._tickets: dict[tuple[str, str], ApprovalTicket] = {}
        self._lock = threading.Lock()

    def open(
        self, call: FrozenCall, tool: Tool, *, agent_run_id: str, timeout_s: float | None
    ) -> ApprovalTicket:
        """A ticket that can be decided at once, before anybody waits for it. Raises LaurenAIError
        where another run has its id."""
        ticket = ApprovalTicket(call, tool)
        with self._lock:
            if self._tickets.setdefault((agent_run_id, call.tool_use_id), ticket) is not ticket:
                raise LaurenAIError(
                    f"Another run with the id {agent_run_id!r} waits for an approval of the same "
                    "name. Give each run an id of its own, or none."
                )
        ticket.expire_after(timeout_s)
        return ticket

    def build_pending(self, ticket: ApprovalTicket, agent_run_id: str) -> PendingApproval:
        """What a person is shown: copies, so that no change of them reaches the call."""
        call = ticket.call
        return PendingApproval(
            call.name,
            call.tool_use_id,
            call.input,
            agent_run_id,
            ticket.expires_at,
            digest=call.digest,
        ).answered_by(self._decide_pending)

    def list_pending(self, agent_run_id: str | None = None) -> list[PendingApproval]:
        """What still waits, oldest first; of one run, or of all."""
        with self._lock:
            waiting = list(self._tickets.items())
        return [
            self.build_pending(ticket, run_id)
            for (run_id, _), ticket in waiting
            if agent_run_id in (None, run_id)
        ]

    def decide(
        self,
        agent_run_id: str,
        tool_use_id: str,
        *,
        approved: bool,
        input: dict[str, Any] | None = None,
        reason: str = "",
        decided_by: str = "user",
        digest: str | None = None,
    ) -> bool:
        """False for an unknown id, a digest that is not the call's, a second and a late answer.

        Raises ToolExecutionError for edited arguments that do not fit; the call then still waits.
        """
        with self._lock:
            ticket = self._tickets.get((agent_run_id, tool_use_id))
        if ticket is None or digest not in (None, ticket.call.digest):
            return False
        edited = None
        if approved and input is not None:
            edited = FrozenCall.freeze(tool_use_id, ticket.call.name, input)
            ticket.tool.validate(edited.input)
        won = ticket.check_time() and ticket.decide(
            approved, decided_by=decided_by, reason=reason, edited=edited
        )
        self.close(agent_run_id, tool_use_id)
        return won

    def close(self, agent_run_id: str, tool_use_id: str) -> None:
        """Forget a ticket that is decided."""
        with self._lock:
            self._tickets.pop((agent_run_id, tool_use_id), None)

    def _decide_pending(
        self,
        pending: PendingApproval,
        approved: bool,
        input: dict[str, Any] | None,
        reason: str,
    ) -> bool:
        run_id, call_id = pending.agent_run_id, pending.tool_use_id
        if approved and input is None:
            shown = FrozenCall.freeze(call_id, pending.tool_name, pending.input)
            if shown.digest != pending.digest:
                raise ToolConfirmationRejectedError(
                    f"The arguments of {pending.tool_name!r} were changed after they were shown, "
                    "so nothing was approved. Pass edited arguments: approve(input)."
                )
        return self.decide(
            run_id,
            call_id,
            approved=approved,
            input=input,
            reason=reason,
            digest=pending.digest,
        )
