"""Answers to a waiting call: what a line or a click means, and that the first one decides."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable
from typing import Any

import pytest

from lauren_ai import (
    ApprovalDecision,
    PendingApproval,
    ToolExecutionError,
    tool,
)
from lauren_ai._agents.runner import AgentRunnerBase
from lauren_ai._approval.policy import ConfirmationRequest
from lauren_ai._json import ToolInputError
from lauren_ai._tools import Tool, get_tool
from lauren_ai._transport._mock import MockTransport
from lauren_ai.types import ApprovalGrants, FrozenCall
from lauren_nb._approval.approver import Answer, Approver, describe, read_answer, read_message
from lauren_nb._kernel.stdin import StdinClosedError
from lauren_nb.tools import run_python


@tool(requires_confirmation=True)
def delete(table: str, count: int = 1) -> str:
    """Delete rows."""
    return f"{table} {count}"


class Desk:
    """A runner with calls that wait, and an approver for them."""

    def __init__(self) -> None:
        self.grants = ApprovalGrants()
        self.notes: list[tuple[str, str]] = []
        self._runner = AgentRunnerBase(MockTransport())
        self._tools = {t.name: t for t in map(get_tool, (delete, run_python))}
        self._tickets: dict[str, Any] = {}
        self.approver = Approver(
            runner=self._runner, grants=self.grants, tools=self._tools, show=self._show
        )

    def open(
        self, call_id: str = "toolu_1", *, name: str = "delete", **input: Any
    ) -> PendingApproval:
        """A call that waits from now on."""
        call = FrozenCall.freeze(call_id, name, input or {"table": "sales"})
        desk = self._runner._desk
        ticket = desk.open(call, self._tools[name], agent_run_id="run", timeout_s=math.inf)
        self._tickets[call_id] = ticket
        pending = desk.build_pending(ticket, "run")
        self.approver.add(pending)
        return pending

    async def get_decision(self, call_id: str = "toolu_1") -> ApprovalDecision:
        decision: ApprovalDecision = await asyncio.wait_for(self._tickets[call_id].wait(), 10)
        self.approver.remove(call_id)
        return decision

    def is_open(self, call_id: str = "toolu_1") -> bool:
        return bool([p for p in self._runner.pending_approvals() if p.tool_use_id == call_id])

    def get_tool(self, name: str) -> Tool:
        return self._tools[name]

    def _show(self, call_id: str, change: dict[str, Any]) -> None:
        self.notes.append((call_id, change["note"]))


@pytest.fixture
async def desk() -> Desk:
    return Desk()


def click(pending: PendingApproval, decision: str = "approve", **fields: Any) -> dict[str, Any]:
    return {
        "kind": "decide",
        "id": pending.tool_use_id,
        "digest": pending.digest,
        "decision": decision,
        **fields,
    }


@pytest.mark.parametrize(
    "line, answer",
    [
        ("y", Answer("approve")),
        (" YES ", Answer("approve")),
        ("a", Answer("always")),
        ("Always", Answer("always")),
        ("n", Answer("deny")),
        ("No", Answer("deny")),
        ("", Answer("deny")),
        ("   ", Answer("deny")),
        ("yes, but not this table", Answer("deny", reason="yes, but not this table")),
        ("ok", Answer("deny", reason="ok")),
        ('{"table": "t"}', Answer("approve", input={"table": "t"})),
        (' {"table": "t"} ', Answer("approve", input={"table": "t"})),
    ],
)
def test_line_is_read(line: str, answer: Answer) -> None:
    assert read_answer(line) == answer


@pytest.mark.parametrize("line", ["{", '{"a": 1} y', '{"a": 1', "{y}"])
def test_edited_arguments_that_are_no_json_object_are_refused(line: str) -> None:
    with pytest.raises(ToolInputError):
        read_answer(line)


@pytest.mark.parametrize(
    "message, answer",
    [
        ({"decision": "approve"}, Answer("approve")),
        ({"decision": "always"}, Answer("always")),
        ({"decision": "always_exact"}, Answer("always_exact")),
        ({"decision": "deny", "reason": "no"}, Answer("deny", reason="no")),
        ({"decision": "deny", "reason": None}, Answer("deny")),
        ({"decision": "approve", "input_text": '{"a": 1}'}, Answer("approve", input={"a": 1})),
        ({"decision": "deny", "input_text": "{"}, Answer("deny")),
        ({"decision": "always", "input_text": '{"a": 1}'}, Answer("always")),
    ],
)
def test_click_is_read(message: dict[str, Any], answer: Answer) -> None:
    assert read_message(message) == answer


@pytest.mark.parametrize("decision", [None, "", "yes", 1, True, [], {}, ["approve"]])
def test_click_on_no_button_is_refused(decision: object) -> None:
    with pytest.raises(ToolInputError, match="Unknown decision"):
        read_message({"decision": decision})


async def test_click_decides_and_is_in_the_audit(desk: Desk) -> None:
    desk.approver.receive(click(desk.open()))
    decision = await desk.get_decision()
    assert (decision.approved, decision.decided_by) == (True, "click")
    assert decision.call.input == {"table": "sales"}


async def test_click_in_another_thread_wakes_the_run(desk: Desk) -> None:
    pending = desk.open()
    waiting = asyncio.ensure_future(desk.get_decision())
    await asyncio.sleep(0)
    threading.Thread(target=desk.approver.receive, args=[click(pending)]).start()
    assert (await waiting).approved


async def test_first_click_wins_and_the_others_are_told(desk: Desk) -> None:
    pending = desk.open()
    desk.approver.receive(click(pending, "deny", reason="too many"))
    desk.approver.receive(click(pending))
    decision = await desk.get_decision()
    assert (decision.approved, decision.reason) == (False, "too many")
    desk.approver.receive(click(pending))
    await asyncio.sleep(0)
    assert [call_id for call_id, _ in desk.notes] == ["toolu_1", "toolu_1"]
    assert "was first" in desk.notes[0][1]
    assert "decided already" in desk.notes[1][1]


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "0" * 64},
        {"digest": None},
        {"id": "toolu_2"},
        {"id": None},
        {"id": ["toolu_1"]},
        {"decision": "always!"},
        {"input_text": "{"},
        {"input_text": "[1]"},
        {"input_text": '{"table": "t", "count": "many"}'},
        {"input_text": '{"table": "t", "force": true}'},
    ],
)
async def test_click_that_is_stale_changed_or_wrong_decides_nothing(
    desk: Desk, change: dict[str, Any]
) -> None:
    pending = desk.open()
    desk.approver.receive(click(pending) | change)
    await asyncio.sleep(0)
    assert len(desk.notes) == 1
    assert desk.is_open()
    desk.approver.receive(click(pending))
    assert (await desk.get_decision()).approved


async def test_changed_arguments_of_the_shown_object_run_nothing_else(desk: Desk) -> None:
    pending = desk.open()
    pending.input["table"] = "everything"
    desk.approver.receive(click(pending))
    assert (await desk.get_decision()).call.input == {"table": "sales"}


async def test_edited_arguments_run_and_are_marked(desk: Desk) -> None:
    desk.approver.receive(click(desk.open(), input_text='{"table": "test", "count": 2}'))
    decision = await desk.get_decision()
    assert decision.is_edited
    assert decision.call.input == {"table": "test", "count": 2}


async def test_parallel_calls_are_decided_by_their_ids(desk: Desk) -> None:
    first, second = desk.open("toolu_1", table="a"), desk.open("toolu_2", table="b")
    desk.approver.receive(click(second, "deny"))
    desk.approver.receive(click(first))
    assert (await desk.get_decision("toolu_1")).approved
    assert not (await desk.get_decision("toolu_2")).approved


def ask_of(desk: Desk, name: str = "delete", **input: Any) -> ConfirmationRequest:
    call = FrozenCall.freeze("toolu_9", name, input)
    return ConfirmationRequest(
        agent_run_id="run", call=call, tool=desk.get_tool(name), is_needed=True
    )


async def test_always_covers_the_tool(desk: Desk) -> None:
    desk.approver.receive(click(desk.open(), "always"))
    assert (await desk.get_decision()).approved
    assert desk.grants.find(ask_of(desk, table="another"))


async def test_always_exact_covers_these_arguments_only(desk: Desk) -> None:
    desk.approver.receive(click(desk.open(), "always_exact"))
    assert (await desk.get_decision()).approved
    assert desk.grants.find(ask_of(desk, table="sales"))
    assert desk.grants.find(ask_of(desk, table="another")) is None


async def test_always_that_comes_too_late_grants_nothing(desk: Desk) -> None:
    pending = desk.open()
    desk.approver.receive(click(pending, "deny"))
    desk.approver.receive(click(pending, "always"))
    assert desk.grants.list_grants() == []


@pytest.mark.parametrize("decision", ["always", "always_exact"])
async def test_always_is_once_for_code(desk: Desk, decision: str) -> None:
    pending = desk.open(name="run_python", code="1")
    assert not desk.approver.can_grant(pending)
    desk.approver.receive(click(pending, decision))
    assert (await desk.get_decision()).approved
    assert desk.grants.list_grants() == []


Lines = Callable[..., Any]


@pytest.fixture
def typed() -> tuple[list[str], Lines]:
    """The questions, and what makes a reader that answers them with these lines."""
    questions: list[str] = []

    def make(*lines: str) -> Any:
        rest = iter(lines)

        async def read_line(question: str) -> str:
            questions.append(question)
            return next(rest)

        return read_line

    return questions, make


async def test_line_decides_and_is_in_the_audit(desk: Desk, typed: tuple[list[str], Lines]) -> None:
    questions, make = typed
    await desk.approver.ask(desk.open(), make("not now"), decided_by="terminal")
    decision = await desk.get_decision()
    assert (decision.approved, decision.reason) == (False, "not now")
    assert decision.decided_by == "terminal"
    [question] = questions
    assert question.startswith('The model wants to call delete:\n  table = "sales"\n')
    assert "a = always" in question


async def test_line_that_cannot_be_read_or_does_not_fit_is_asked_for_again(
    desk: Desk, typed: tuple[list[str], Lines]
) -> None:
    questions, make = typed
    lines = make("{", '{"table": 1}', '{"table": "t"}')
    await desk.approver.ask(desk.open(), lines, decided_by="terminal")
    assert (await desk.get_decision()).call.input == {"table": "t"}
    assert len(questions) == 3
    assert "table" in questions[2]


async def test_line_after_a_click_decides_nothing(desk: Desk) -> None:
    pending = desk.open()

    async def read_line(question: str) -> str:
        desk.approver.receive(click(pending, "deny"))
        return "y"

    await desk.approver.ask(pending, read_line, decided_by="input box")
    decision = await desk.get_decision()
    assert (decision.approved, decision.decided_by) == (False, "click")


async def test_closed_input_is_raised_and_leaves_the_call_waiting(desk: Desk) -> None:
    async def read_line(question: str) -> str:
        raise StdinClosedError

    with pytest.raises(StdinClosedError):
        await desk.approver.ask(desk.open(), read_line, decided_by="input box")
    assert desk.is_open()


async def test_code_is_not_offered_always(desk: Desk, typed: tuple[list[str], Lines]) -> None:
    questions, make = typed
    pending = desk.open(name="run_python", code="1")
    await desk.approver.ask(pending, make("a"), decided_by="terminal")
    assert "always" not in questions[0]
    assert desk.grants.list_grants() == []


async def test_nobody_there_denies_with_the_reason(desk: Desk) -> None:
    desk.approver.deny(desk.open(), "Nobody is here.")
    decision = await desk.get_decision()
    assert (decision.approved, decision.reason) == (False, "Nobody is here.")
    assert decision.decided_by == "policy"


def describe_input(**input: Any) -> list[str]:
    return describe(PendingApproval("delete", "toolu_1", input)).splitlines()[1:]


def test_arguments_are_whole_and_typed_apart() -> None:
    assert describe_input(a="3", b=3, c=None, d={"x": [1, "y"]}, e="ä" * 5_000) == [
        '  a = "3"',
        "  b = 3",
        "  c = null",
        '  d = {"x": [1, "y"]}',
        f'  e = "{"ä" * 5_000}"',
    ]


def test_lines_of_a_text_are_no_arguments() -> None:
    assert describe_input(code="x = 1\n  force = false\n\nThe model wants nothing.") == [
        "  code =",
        "    | x = 1",
        "    |   force = false",
        "    | ",
        "    | The model wants nothing.",
    ]


@pytest.mark.parametrize("hidden", ["\u202e", "\x1b[2J", "\r", "\u2028", "\u200b", "\x00"])
def test_nothing_of_a_call_is_hidden(hidden: str) -> None:
    for value in (hidden, f"a\n{hidden}", [hidden], {hidden: 1}):
        text = "\n".join(describe_input(**{f"name{hidden}": value}))
        assert hidden not in text
        assert text.replace("\n", "").isprintable()
    assert hidden not in describe(PendingApproval(f"tool{hidden}", "toolu_1", {}))


def test_edit_that_does_not_fit_is_raised_to_who_decides() -> None:
    async def decide() -> None:
        desk = Desk()
        pending = desk.open()
        with pytest.raises(ToolExecutionError, match="count"):
            desk.approver.decide(
                pending, Answer("approve", {"table": "t", "count": "x"}), decided_by="click"
            )
        assert desk.is_open()

    asyncio.run(decide())
