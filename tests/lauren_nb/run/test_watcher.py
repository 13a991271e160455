"""What a run's signals become: the card, the audit, the result; and that a question ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lauren_ai import PendingApproval, make_agent, tool
from lauren_ai._agents.runner import AgentRunnerBase
from lauren_ai._transport._mock import MockTransport
from lauren_nb._approval.approver import Answer, Approver
from lauren_nb._display.turn import Turn
from lauren_nb._options.parse import CellOptions
from lauren_nb._run.watcher import RunWatcher
from lauren_nb._session.session import Session

Ask = Callable[[Approver, PendingApproval], Awaitable[None]]
calls: list[tuple[str, int]] = []


@tool(requires_confirmation=True)
async def delete(table: str, count: int = 1) -> str:
    """Delete rows."""
    calls.append((table, count))
    return f"{count} gone"


@tool
async def look(table: str) -> str:
    """Look at a table."""
    return "3 rows"


class FakePresenter:
    """Keeps the operations; a person is what the test says."""

    def __init__(self, ask: Ask | None = None) -> None:
        self.turn = Turn()
        self.ops: list[tuple[Any, ...]] = []
        self.can_ask = ask is not None
        self.cancelled = 0
        self._ask = ask

    def push(self, *op: Any) -> None:
        self.ops.append(op)
        self.turn.apply(op)

    def listen(self, approver: Approver) -> None:
        self.approver = approver

    async def ask(self, approver: Approver, pending: PendingApproval) -> None:
        assert self._ask is not None
        try:
            await self._ask(approver, pending)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    def finish(self) -> None:
        """Nothing rests."""

    def get_changes(self, call_id: str = "toolu_1") -> list[dict[str, Any]]:
        return [op[2] for op in self.ops if op[:2] == ("tool_status", call_id)]


@pytest.fixture(autouse=True)
def no_calls() -> None:
    calls.clear()


@pytest.fixture
def session() -> Session:
    return Session(InteractiveShell())


async def run(
    session: Session,
    ask: Ask | None,
    options: CellOptions | None = None,
    *,
    name: str = "delete",
    seconds: float = 300,
    **input: Any,
) -> FakePresenter:
    """One run whose model calls a tool, and then answers."""
    mock = MockTransport()
    input = input or {"table": "sales"}
    mock.queue_tool_use(name, input, tool_use_id="toolu_1")
    mock.queue_response("That is it.")
    runner = AgentRunnerBase(mock)
    agent = make_agent(None, [delete, look], approval_timeout_s=seconds)
    presenter = FakePresenter(ask)
    watcher = RunWatcher(
        options or CellOptions(), agent, session=session, presenter=presenter, runner=runner
    )
    stream = runner.run_stream(agent, "go", event_sinks=[watcher], confirm=watcher.policy)
    try:
        async for chunk in stream:
            watcher.show(chunk)
    finally:
        watcher.close()
    return presenter


def answer(action: Any, **fields: Any) -> Ask:
    async def ask(approver: Approver, pending: PendingApproval) -> None:
        approver.decide(pending, Answer(action, **fields), decided_by="click")

    return ask


async def wait_forever(approver: Approver, pending: PendingApproval) -> None:
    await asyncio.Event().wait()


async def test_card_holds_the_frozen_call_and_its_digest(session: Session) -> None:
    asked: list[PendingApproval] = []

    async def ask(approver: Approver, pending: PendingApproval) -> None:
        asked.append(pending)
        approver.decide(pending, Answer("approve"), decided_by="click")

    presenter = await run(session, ask, table="sales", count=3)
    card = presenter.get_changes()[0]
    assert card["status"] == "waiting"
    assert card["approval"]["state"] == "waiting"
    assert card["approval"]["digest"] == asked[0].digest
    assert card["approval"]["text"] == '{\n  "count": 3,\n  "table": "sales"\n}'
    assert card["approval"]["can_always"] is True
    # In the turn's time: a page's clock may differ from the kernel's by hours.
    left = card["approval"]["expires_ms"] - presenter.turn.elapsed_ms
    assert 0 < left <= 300_000
    assert calls == [("sales", 3)]


async def test_call_goes_from_waiting_to_done_with_its_audit(session: Session) -> None:
    presenter = await run(session, answer("approve"))
    waiting, decided, running, done = presenter.get_changes()
    assert waiting["status"] == "waiting"
    assert decided["approval"]["state"] == "approved"
    assert decided["approval"]["decided_by"] == "click"
    assert decided["approval"]["decided_at"]
    assert "edited_text" not in decided["approval"]
    assert running == {"status": "running"}
    assert (done["status"], done["result"]) == ("done", "1 gone")
    assert done["duration_ms"] >= 0


async def test_denied_call_says_so_and_why(session: Session) -> None:
    presenter = await run(session, answer("deny", reason="Ask Ada."))
    _, decided, done = presenter.get_changes()
    assert decided["approval"]["state"] == "denied"
    assert decided["approval"]["reason"] == "Ask Ada."
    assert done["status"] == "denied"
    assert "Ask Ada." in done["result"]
    assert calls == []


async def test_edited_call_shows_what_ran(session: Session) -> None:
    presenter = await run(session, answer("approve", input={"table": "test"}))
    decided = presenter.get_changes()[1]
    assert decided["approval"]["edited_text"] == '{\n  "table": "test"\n}'
    assert calls == [("test", 1)]


async def test_call_that_needs_no_approval_just_runs(session: Session) -> None:
    presenter = await run(session, None, name="look", table="sales")
    assert [c["status"] for c in presenter.get_changes()] == ["running", "done"]


async def test_call_that_does_not_fit_is_an_error_that_nobody_is_asked_about(
    session: Session,
) -> None:
    presenter = await run(session, wait_forever, table="sales", count="many")
    [change] = presenter.get_changes()
    assert change["status"] == "error"
    assert "count" in change["result"]


@pytest.mark.parametrize(
    "approve, ran, decided_by",
    [
        ("all", True, "policy"),
        (("delete",), True, "policy"),
        (("look",), False, "policy"),
        ("none", False, "policy"),
        ("ask", False, "policy"),
    ],
)
async def test_without_a_person_the_policy_decides(
    session: Session, approve: Any, ran: bool, decided_by: str
) -> None:
    presenter = await run(session, None, CellOptions(approve=approve))
    audit = next(c["approval"] for c in presenter.get_changes() if "approval" in c)
    assert (audit["state"] == "approved", audit["decided_by"]) == (ran, decided_by)
    assert bool(calls) == ran
    if not ran:
        assert audit["reason"]


@pytest.mark.parametrize("approve, asked", [("none", 0), ("all", 0), (("look",), 1), ("ask", 1)])
async def test_a_person_is_asked_where_the_policy_leaves_it_open(
    session: Session, approve: Any, asked: int
) -> None:
    questions: list[PendingApproval] = []

    async def ask(approver: Approver, pending: PendingApproval) -> None:
        questions.append(pending)
        approver.decide(pending, Answer("deny"), decided_by="click")

    await run(session, ask, CellOptions(approve=approve))
    assert len(questions) == asked


async def test_grant_of_one_run_holds_in_the_next(session: Session) -> None:
    await run(session, answer("always"))
    presenter = await run(session, wait_forever)
    audit = presenter.get_changes()[0]["approval"]
    assert (audit["state"], audit["decided_by"]) == ("approved", "grant")
    assert len(calls) == 2


async def test_time_limit_denies_and_withdraws_the_question(session: Session) -> None:
    presenter = await run(session, wait_forever, seconds=0.05)
    audit = presenter.get_changes()[1]["approval"]
    assert (audit["state"], audit["decided_by"]) == ("denied", "timeout")
    await asyncio.sleep(0)
    assert presenter.cancelled == 1
    assert calls == []


async def test_question_that_fails_denies_at_once(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask(approver: Approver, pending: PendingApproval) -> None:
        raise OSError("the socket is gone")

    presenter = await asyncio.wait_for(run(session, ask), 10)
    audit = presenter.get_changes()[1]["approval"]
    assert (audit["state"], audit["decided_by"]) == ("denied", "policy")
    assert "the question failed" in audit["reason"]
    assert "the socket is gone" in caplog.text
    assert calls == []


async def test_stopped_run_withdraws_its_question_and_runs_nothing(session: Session) -> None:
    asked = asyncio.Event()
    kept: list[tuple[Approver, PendingApproval]] = []

    async def ask(approver: Approver, pending: PendingApproval) -> None:
        kept.append((approver, pending))
        asked.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(run(session, ask))
    await asyncio.wait_for(asked.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    [(approver, pending)] = kept
    assert not approver.decide(pending, Answer("approve"), decided_by="click")
    assert calls == []
