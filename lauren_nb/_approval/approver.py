"""Carries a person's decision from the page, or from an input box, to the call that waits for it.

The rules of a decision (once, exactly what was shown, fail closed) are `lauren_ai._approval`'s;
this only shows the question, hears an answer and hands it over.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from lauren_ai import (
    AgentRunnerBase,
    PendingApproval,
    Tool,
    ToolExecutionError,
)
from lauren_ai._json import ToolInputError, parse_tool_input
from lauren_ai.types import ApprovalGrants, FrozenCall
from lauren_nb._hazards import visible
from lauren_nb._protocol import ToolChange

Action = Literal["approve", "deny", "always", "always_exact"]
#: Asks one question on a line, and gives the answer; raises StdinClosedError where nobody can.
ReadLine = Callable[[str], Awaitable[str]]

#: Set on a tool's function: no "Always" covers it.
ALWAYS_ASKS = "__lauren_nb_always_asks__"
_PROMPT = "y = run it, {}n = deny, a reason to deny with, or edited arguments {{…}}: "


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person said to a pending call. `input` is set where they edited the arguments."""

    action: Action
    input: dict[str, Any] | None = None
    reason: str = ""


def read_answer(line: str) -> Answer:
    """An answer typed on a line: y, a, n, edited JSON arguments, or a reason to deny.

    Raises ToolInputError for edited arguments that are not one JSON object. An empty line denies:
    a key that slips runs nothing.
    """
    text = line.strip()
    if text.startswith("{"):
        return Answer("approve", input=parse_tool_input(text))
    match text.lower():
        case "y" | "yes":
            return Answer("approve")
        case "a" | "always":
            return Answer("always")
        case "" | "n" | "no":
            return Answer("deny")
    return Answer("deny", reason=text)


def read_message(message: dict[str, Any]) -> Answer:
    """An answer clicked in the page. Raises ToolInputError as `read_answer`, and for an action
    that does not exist."""
    action = message.get("decision")
    if action not in ("approve", "deny", "always", "always_exact"):
        raise ToolInputError(f"Unknown decision {action!r}.")
    text = message.get("input_text")
    edited = parse_tool_input(text) if isinstance(text, str) and action == "approve" else None
    return Answer(action, edited, str(message.get("reason") or ""))


class Approver:
    """Made for one run. `add` is called on its loop, `decide` in any thread.

    `tools` are the run's, by name, for the grants of "Always"; `show(id, change)` changes the
    card of a call and is called on the loop.
    """

    def __init__(
        self,
        *,
        runner: AgentRunnerBase,
        grants: ApprovalGrants,
        tools: dict[str, Tool],
        show: Callable[[str, ToolChange], None],
    ) -> None:
        self._runner = runner
        self._grants = grants
        self._tools = tools
        self._show = show
        self._loop = asyncio.get_running_loop()
        self._pending: dict[str, PendingApproval] = {}

    def add(self, pending: PendingApproval) -> None:
        """A call waits from now on."""
        self._pending[pending.tool_use_id] = pending

    def remove(self, tool_use_id: str) -> None:
        """It is decided, whoever did it."""
        self._pending.pop(tool_use_id, None)

    def receive(self, message: dict[str, Any]) -> None:
        """A click, on whatever thread it came. A stale, doubled or changed one decides nothing."""
        call_id = str(message.get("id"))
        pending = self._pending.get(call_id)
        if pending is None or message.get("digest") != pending.digest:
            self._tell(call_id, "This call was decided already, or is not the one shown.")
            return
        try:
            won = self.decide(pending, read_message(message), decided_by="click")
        except (ToolInputError, ToolExecutionError) as error:
            self._tell(call_id, str(error))
            return
        if not won:
            self._tell(call_id, "Somebody else, or the time limit, was first.")

    def decide(self, pending: PendingApproval, answer: Answer, *, decided_by: str) -> bool:
        """Hand the answer over; False when another was first.

        Raises ToolExecutionError for edited arguments that do not fit the tool; the call then
        still waits.
        """
        run_id, call_id = pending.agent_run_id, pending.tool_use_id
        if answer.action == "deny":
            return self._runner.reject_tool(
                run_id, call_id, reason=answer.reason, decided_by=decided_by
            )
        tool = self._tools[pending.tool_name]
        always = answer.action in ("always", "always_exact") and self.can_grant(pending)
        won = self._runner.approve_tool(
            run_id, call_id, input=answer.input, decided_by=decided_by, digest=pending.digest
        )
        if won and always:
            exact = None
            if answer.action == "always_exact":
                exact = FrozenCall.freeze(call_id, pending.tool_name, pending.input)
            self._grants.grant(tool, call=exact)
        return won

    def can_grant(self, pending: PendingApproval) -> bool:
        """Whether "Always" may be said of it: code that a model writes is asked about each time."""
        return getattr(self._tools[pending.tool_name].origin, ALWAYS_ASKS, False) is False

    def deny(self, pending: PendingApproval, reason: str) -> None:
        """Fail closed: nobody can be asked."""
        self.decide(pending, Answer("deny", reason=reason), decided_by="policy")

    async def ask(self, pending: PendingApproval, read_line: ReadLine, *, decided_by: str) -> None:
        """Ask on a line until the call is decided, here or elsewhere. Raises StdinClosedError."""
        question = describe(pending)
        prompt = _PROMPT.format("a = always, " if self.can_grant(pending) else "")
        while pending.tool_use_id in self._pending:
            line = await read_line(f"{question}\n{prompt}")
            try:
                self.decide(pending, read_answer(line), decided_by=decided_by)
                return
            except (ToolInputError, ToolExecutionError) as error:
                question = str(error)

    def _tell(self, call_id: str, note: str) -> None:
        change: ToolChange = {"note": note}
        self._loop.call_soon_threadsafe(self._show, call_id, change)


def describe(pending: PendingApproval) -> str:
    """The call on lines of text, every argument whole, nothing hidden.

    Lines of a text begin with a bar: none of them can be taken for another argument.
    """
    lines = [f"The model wants to call {visible(pending.tool_name)}:"]
    for name, value in pending.input.items():
        if isinstance(value, str) and "\n" in value:
            lines.append(f"  {visible(name)} =")
            lines += [f"    | {visible(line)}" for line in value.split("\n")]
        else:
            lines.append(f"  {visible(name)} = {visible(json.dumps(value, ensure_ascii=False))}")
    return "\n".join(lines)
