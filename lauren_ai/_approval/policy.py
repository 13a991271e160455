"""Decides calls in a person's place: rules of one run, and grants of one session.

It waits for nobody: what it leaves open is asked.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Awaitable, Callable, Collection
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from lauren_ai._approval.call import FrozenCall
from lauren_ai._tools import Tool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationRequest:
    """A call that is about to run or to be asked about. `is_needed` is the tool's own answer."""

    agent_run_id: str
    call: FrozenCall
    tool: Tool
    is_needed: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """A policy's answer. `decided_by` and `reason` go into the audit, the reason of a denial to
    the model."""

    action: Literal["approve", "deny", "ask"]
    reason: str = ""
    decided_by: str = "policy"


#: Asked before each call; None leaves it to the tool: it runs, or a person is asked.
ConfirmHook = Callable[[ConfirmationRequest], "Verdict | Awaitable[Verdict | None] | None"]


@dataclass(frozen=True, slots=True, eq=False)
class ApprovalGrant:
    """Made by a person's "Always": for one tool, or for one tool with exactly these arguments.

    `tool` is the very object that was approved: another function of its name has no grant.
    """

    id: int
    tool: Tool
    call: FrozenCall | None

    def covers(self, request: ConfirmationRequest) -> bool:
        if request.tool.origin is not self.tool.origin or request.tool.name != self.tool.name:
            return False
        return self.call is None or self.call.digest == request.call.digest


class ApprovalGrants:
    """Made by a session, ended with it; safe in any thread. Nothing of it is ever stored."""

    def __init__(self) -> None:
        self._grants: dict[int, ApprovalGrant] = {}
        self._lock = threading.Lock()
        self._ids = itertools.count(1)

    def grant(self, tool: Tool, *, call: FrozenCall | None = None) -> ApprovalGrant:
        """Approve this tool from now on; with `call`, only with exactly its arguments."""
        with self._lock:
            made = ApprovalGrant(next(self._ids), tool, call)
            self._grants[made.id] = made
        return made

    def revoke(self, grant_id: int) -> bool:
        """False where no such grant is left."""
        with self._lock:
            return self._grants.pop(grant_id, None) is not None

    def revoke_all(self) -> None:
        with self._lock:
            self._grants.clear()

    def list_grants(self) -> list[ApprovalGrant]:
        """The grants in force, oldest first."""
        with self._lock:
            return list(self._grants.values())

    def find(self, request: ConfirmationRequest) -> ApprovalGrant | None:
        """The grant that covers this call."""
        return next((g for g in self.list_grants() if g.covers(request)), None)


@dataclass(frozen=True, slots=True)
class ApprovalPolicy:
    """A `confirm` hook of rules: `otherwise` is for the calls that need approval and that neither
    a grant nor `approved_tools` covers. Calls that need none are left alone."""

    otherwise: Literal["ask", "approve", "deny"] = "ask"
    _: KW_ONLY
    approved_tools: Collection[str] = ()
    grants: ApprovalGrants | None = None
    reason: str = "No person is there to approve it."

    def __call__(self, request: ConfirmationRequest) -> Verdict | None:
        if not request.is_needed:
            return None
        if request.tool.name in self.approved_tools:
            return Verdict("approve")
        grant = self.grants.find(request) if self.grants is not None else None
        if grant is not None:
            return Verdict("approve", decided_by="grant")
        return Verdict(self.otherwise, self.reason if self.otherwise == "deny" else "")
