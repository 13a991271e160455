"""Approval's nine rules, on the desk and in whole runs, from threads and loops."""

from __future__ import annotations

import asyncio
import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import pytest
from pydantic_core import to_json

from lauren_ai import (
    AgentRunnerBase,
    CompletionChunk,
    LaurenAIError,
    PendingApproval,
    ToolCall,
    ToolCallDelta,
    ToolExecutionError,
    tool,
)
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import ToolConfirmationRejectedError
from lauren_ai.signals import ToolApprovalResolved
from tests.servers import text, tool_call
from tests.support.agents import (
    Recorder,
    add,
    build_agent,
    collect,
    remove,
    until_pending,
)
from tests.support.history_rules import check_requests
from tests.support.wired import Wired


@pytest.fixture
def mock() -> MockTransport:
    return MockTransport()


@pytest.fixture
def runner(mock: MockTransport) -> AgentRunnerBase:
    return AgentRunnerBase(mock)


def results_of(mock: MockTransport) -> list[Any]:
    """The results in the last request: (id, text)."""
    blocks = mock.calls[-1].messages[-1].content
    assert isinstance(blocks, list)
    return [(b.tool_use_id, b.content) for b in blocks]


def queue_calls(mock: MockTransport, *paths: str) -> None:
    """One response that removes these paths, each in a call of its own, then an answer."""
    deltas = [
        CompletionChunk(tool_call_delta=ToolCallDelta(f"id_{p}", "remove", f'{{"path": "{p}"}}'))
        for p in paths
    ]
    mock.queue_stream([*deltas, CompletionChunk(stop_reason="tool_use")])
    mock.queue_response("done")


async def test_an_approval_comes_as_a_chunk_and_the_call_runs(
    wired: Wired,
) -> None:
    runner = AgentRunnerBase(wired.service)
    wired.server.reply(text("Sure."), tool_call("remove", {"path": "x"}, id="c1"))
    wired.server.reply(text("Gone."))
    sink = Recorder()
    stream = runner.run_stream(build_agent(remove), "go", event_sinks=[sink], run_id="r1")
    async for chunk in stream:
        if chunk.pending_approval is not None:
            pending = chunk.pending_approval
            assert (chunk.delta, chunk.stop_reason) == ("", None)
            assert (pending.tool_name, pending.tool_use_id) == ("remove", "c1")
            assert (pending.input, pending.agent_run_id) == ({"path": "x"}, "r1")
            assert pending.expires_at is not None
            assert pending.approve()
    assert stream.response.content == "Gone."
    assert "removed x" in str(wired.last_request.body)
    assert sink.lifecycle == [
        ("c1", "pending"),
        ("c1", "approved"),
        ("c1", "started"),
        ("c1", "done"),
    ]
    check_requests(wired)


async def test_a_denial_reaches_the_model_with_its_reason_once(wired: Wired) -> None:
    runner = AgentRunnerBase(wired.service)
    wired.server.reply(tool_call("remove", {"path": "x"}, id="c1"))
    wired.server.reply(text("I see."))
    reason = "Not on a Friday — „never“ \\ \u202e!"
    async for chunk in runner.run_stream(build_agent(remove), "go", run_id="r"):
        if chunk.pending_approval is not None:
            assert runner.reject_tool("r", "c1", reason=reason)
    assert repr(wired.last_request.body["messages"]).count(repr(reason)[1:-1]) == 1
    check_requests(wired)


async def test_the_first_answer_wins(mock: MockTransport, runner: AgentRunnerBase) -> None:
    queue_calls(mock, "x")
    chunks = aiter(runner.run_stream(build_agent(remove), "go", run_id="r"))
    (pending,) = await until_pending(chunks)
    assert not runner.approve_tool("r", "other")
    assert not runner.approve_tool("other", "id_x")
    assert runner.reject_tool("r", "id_x", reason="no")
    assert not runner.approve_tool("r", "id_x")
    assert not pending.approve()
    assert not pending.deny()
    assert [c async for c in chunks][-1].stop_reason == "end_turn"
    assert "no" in results_of(mock)[0][1]


async def test_an_edit_is_checked_run_recorded_and_told(
    mock: MockTransport, runner: AgentRunnerBase
) -> None:
    queue_calls(mock, "x")
    sink = Recorder()
    stream = runner.run_stream(build_agent(remove), "go", event_sinks=[sink])
    chunks = aiter(stream)
    (pending,) = await until_pending(chunks)
    wrongs: list[Any] = [
        {},
        {"path": 5},
        {"path": "y", "more": 1},
        {"path": float("nan")},
        ["y"],
        "y",
    ]
    for wrong in wrongs:
        with pytest.raises(ToolExecutionError):
            pending.approve(wrong)
    edited = {"path": "y", "force": True}
    assert pending.approve(edited)
    edited["path"] = "changed later"
    async for _ in chunks:
        pass
    (made,) = stream.response.tool_calls_made
    assert made.input == {"path": "y", "force": True}
    assert made.original_input == {"path": "x"}
    assert "removed y by force" in made.text
    ((_, told),) = results_of(mock)
    assert '{"force":true,"path":"y"}' in told
    (resolved,) = sink.of(ToolApprovalResolved)
    assert resolved.decision.is_edited


async def test_an_edit_to_the_same_is_no_edit(mock: MockTransport, runner: AgentRunnerBase) -> None:
    queue_calls(mock, "x")
    stream = runner.run_stream(build_agent(remove), "go")
    async for chunk in stream:
        if chunk.pending_approval is not None:
            assert chunk.pending_approval.approve({"path": "x"})
    assert stream.response.tool_calls_made[0].original_input is None
    assert results_of(mock) == [("id_x", "removed x")]


async def test_a_chunk_with_an_approval_can_be_copied_and_sent(
    mock: MockTransport, runner: AgentRunnerBase
) -> None:
    """`asdict(chunk)` is how a chunk goes to a browser or a log."""
    queue_calls(mock, "x")
    stream = runner.run_stream(build_agent(remove), "go", run_id="r")
    async for chunk in stream:
        if chunk.pending_approval is not None:
            values = asdict(chunk)["pending_approval"]
            assert PendingApproval(**values) == chunk.pending_approval
            assert b'"path":"x"' in to_json(chunk)
            for copied in (copy.deepcopy(chunk), pickle.loads(pickle.dumps(chunk))):
                assert copied == chunk
                with pytest.raises(LaurenAIError, match="approve_tool"):
                    copied.pending_approval.approve()
            assert chunk.pending_approval.approve()
    assert results_of(mock) == [("id_x", "removed x")]


async def test_arguments_changed_after_they_were_shown_run_nothing(
    mock: MockTransport, runner: AgentRunnerBase
) -> None:
    queue_calls(mock, "x")
    chunks = aiter(runner.run_stream(build_agent(remove), "go", run_id="r"))
    (pending,) = await until_pending(chunks)
    digest = pending.digest
    pending.input["path"] = "/"
    with pytest.raises(ToolConfirmationRejectedError, match="changed"):
        pending.approve()
    assert not runner.approve_tool("r", "id_x", digest="0" * 64)
    (shown,) = runner.pending_approvals("r")
    assert (shown.input, shown.digest) == ({"path": "x"}, digest)
    assert runner.approve_tool("r", "id_x", digest=digest)
    async for _ in chunks:
        pass
    assert results_of(mock) == [("id_x", "removed x")]


@pytest.mark.parametrize("parallel", [False, True])
async def test_parallel_calls_are_decided_by_id_in_any_order(
    mock: MockTransport, runner: AgentRunnerBase, parallel: bool
) -> None:
    queue_calls(mock, "a", "b", "c")
    sink = Recorder()
    asked = build_agent(remove, parallel_tool_calls=parallel)
    chunks = aiter(runner.run_stream(asked, "go", event_sinks=[sink], run_id="r"))
    pending = await until_pending(chunks, 3)
    assert [p.tool_use_id for p in pending] == ["id_a", "id_b", "id_c"]
    rest = asyncio.ensure_future(_read(chunks))
    runner.approve_tool("r", "id_c")
    runner.reject_tool("r", "id_b", reason="keep it")
    while ("id_b", "denied") not in sink.lifecycle:  # heard although the first still waits
        await asyncio.sleep(0)
    assert [p.tool_use_id for p in runner.pending_approvals()] == ["id_a"]
    assert (("id_c", "started") in sink.lifecycle) == parallel
    runner.approve_tool("r", "id_a")
    await rest
    (first, second, third) = results_of(mock)
    assert first == ("id_a", "removed a")
    assert second[0] == "id_b"
    assert "keep it" in second[1]
    assert third == ("id_c", "removed c")


async def _read(chunks: Any) -> None:
    async for _ in chunks:
        pass


async def test_nobodys_answer_is_a_denial(mock: MockTransport, runner: AgentRunnerBase) -> None:
    queue_calls(mock, "x")
    sink = Recorder()
    asked = build_agent(remove, approval_timeout_s=0.01)
    stream = runner.run_stream(asked, "go", event_sinks=[sink], run_id="r")
    chunks = await collect(stream)
    (resolved,) = sink.of(ToolApprovalResolved)
    assert (resolved.decision.approved, resolved.decision.decided_by) == (False, "timeout")
    assert "0.01 s" in results_of(mock)[0][1]
    late = next(c.pending_approval for c in chunks if c.pending_approval)
    assert not late.approve()


async def test_a_late_answer_is_refused_also_where_the_loop_was_busy_when_time_ran_out(
    mock: MockTransport, runner: AgentRunnerBase
) -> None:
    queue_calls(mock, "x")
    stream = runner.run_stream(build_agent(remove, approval_timeout_s=0), "go")
    async for chunk in stream:
        if chunk.pending_approval is not None:  # the loop's timer had no turn yet
            assert not chunk.pending_approval.approve()
    (made,) = stream.response.tool_calls_made
    assert (made.status, made.decision and made.decision.decided_by) == ("denied", "timeout")


@pytest.mark.parametrize("seconds", [None, float("inf"), 1e12])
async def test_a_limit_without_end_sets_no_time(
    mock: MockTransport, runner: AgentRunnerBase, seconds: float | None
) -> None:
    queue_calls(mock, "x")
    asked = build_agent(remove, approval_timeout_s=seconds)
    chunks = aiter(runner.run_stream(asked, "go"))
    (pending,) = await until_pending(chunks)
    assert pending.expires_at is None
    pending.deny()
    await _read(chunks)


async def test_a_cancelled_run_withdraws_what_it_asked(
    mock: MockTransport, runner: AgentRunnerBase
) -> None:
    queue_calls(mock, "a", "b")
    sink = Recorder()
    stream = runner.run_stream(build_agent(remove), "go", event_sinks=[sink], conversation_id="c")
    pending = await until_pending(aiter(stream), 2)
    await stream.aclose()
    assert runner.pending_approvals() == []
    assert not any(p.approve() for p in pending)
    assert [(r.status, r.decision.decided_by) for r in stream.response.tool_calls_made] == [
        ("cancelled", "cancelled")
    ] * 2
    assert [step for _, step in sink.lifecycle] == ["pending"] * 2 + ["refused"] * 2 + [
        "cancelled"
    ] * 2


async def test_run_waits_for_approvals_as_well(
    mock: MockTransport, runner: AgentRunnerBase
) -> None:
    queue_calls(mock, "x")
    task = asyncio.create_task(runner.run(build_agent(remove), "go"))
    while not (waiting := runner.pending_approvals()):
        await asyncio.sleep(0)
    assert waiting[0].approve()
    assert (await task).content == "done"


async def test_an_answer_from_a_thread_wakes_the_run(
    mock: MockTransport, runner: AgentRunnerBase
) -> None:
    queue_calls(mock, "x")
    chunks = aiter(runner.run_stream(build_agent(remove), "go", run_id="r"))
    await until_pending(chunks)
    rest = asyncio.ensure_future(_read(chunks))
    await asyncio.sleep(0)
    asyncio.get_running_loop().set_debug(True)  # it then refuses what only its own thread may do
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(runner.approve_tool, "r", "id_x").result()
    async with asyncio.timeout(10):
        await rest
    assert results_of(mock) == [("id_x", "removed x")]


async def test_a_click_while_the_run_is_being_stopped_is_refused(
    mock: MockTransport, runner: AgentRunnerBase
) -> None:
    queue_calls(mock, "x")
    stream = runner.run_stream(build_agent(remove), "go", run_id="r")
    (pending,) = await until_pending(aiter(stream))
    closing = asyncio.ensure_future(stream.aclose())
    await asyncio.sleep(0)  # it has begun, and nothing more
    assert not pending.approve()
    await closing


async def test_a_confirmation_policy_decides_which_calls_ask(
    mock: MockTransport, runner: AgentRunnerBase
) -> None:
    seen: list[ToolCall] = []

    async def risky(call: ToolCall) -> bool:
        seen.append(call)
        return call.input["path"].startswith("/")

    @tool(name="remove", confirmation_policy=risky)
    async def careful(path: str) -> str:
        return f"removed {path}"

    queue_calls(mock, "a")
    asked = build_agent(careful)
    chunks = await collect(runner.run_stream(asked, "go"))
    assert not any(c.pending_approval for c in chunks)
    assert seen == [ToolCall("id_a", "remove", {"path": "a"})]
    queue_calls(mock, "/b")
    (pending,) = await until_pending(aiter(runner.run_stream(asked, "go")))
    assert pending.input == {"path": "/b"}


@pytest.mark.parametrize("error", [RuntimeError("oh"), asyncio.CancelledError("oh")])
async def test_a_policy_that_fails_denies(
    mock: MockTransport,
    runner: AgentRunnerBase,
    caplog: pytest.LogCaptureFixture,
    error: BaseException,
) -> None:
    async def broken(call: ToolCall) -> bool:
        raise error

    @tool(name="remove", confirmation_policy=broken)
    async def careful(path: str) -> str:
        raise AssertionError("ran")

    queue_calls(mock, "a")
    await runner.run(build_agent(careful), "go")
    assert "denied" in results_of(mock)[0][1]
    assert "oh" in caplog.text


async def test_tools_without_confirmation_are_never_asked_about(
    mock: MockTransport, runner: AgentRunnerBase
) -> None:
    mock.queue_tool_use("add", {"a": 1, "b": 1})
    mock.queue_response("2")
    sink = Recorder()
    await runner.run(build_agent(add, remove), "go", event_sinks=[sink])
    assert [step for _, step in sink.lifecycle] == ["started", "done"]


async def test_a_run_id_that_waits_cannot_be_taken_over(
    mock: MockTransport, runner: AgentRunnerBase
) -> None:
    queue_calls(mock, "x")
    chunks = aiter(runner.run_stream(build_agent(remove), "go", run_id="r"))
    (pending,) = await until_pending(chunks)
    mock.reset()
    queue_calls(mock, "x")
    with pytest.raises(LaurenAIError, match="'r'"):
        await runner.run(build_agent(remove), "go", run_id="r")
    assert pending.approve()
    mock.queue_response("done")
    await _read(chunks)
