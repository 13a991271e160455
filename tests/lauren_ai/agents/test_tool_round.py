"""The calls of a response: their order, their errors, what the model reads of them."""

from __future__ import annotations

import asyncio
import sys

import pytest

from lauren_ai import AgentRunnerBase, ToolExecutionError, tool
from tests.servers import text, tool_call
from tests.support.agents import Recorder, add, build_agent, collect, fail, results_of
from tests.support.history_rules import check_requests
from tests.support.wired import Wired


@pytest.fixture
def runner(wired: Wired) -> AgentRunnerBase:
    return AgentRunnerBase(wired.service)


async def test_the_model_reads_what_went_wrong(wired: Wired, runner: AgentRunnerBase) -> None:
    wired.server.reply(
        tool_call("fail", {}, id="a"),
        tool_call("nothing here!", {}, id="b"),
        tool_call("add", {"a": "x", "b": 1, "c": 2}, id="c"),
        tool_call("add", '{"a": 1, "a": 2}', id="d"),
        tool_call("add", {"a": 1, "b": 1}, id="e"),
    )
    wired.server.reply(text("sorry"))
    sink = Recorder()
    response = await runner.run(build_agent(add, fail), "go", event_sinks=[sink])
    statuses = [r.status for r in response.tool_calls_made]
    assert statuses == ["error", "invalid", "invalid", "invalid", "done"]
    failed, unknown, unfit, malformed, fine = results_of(wired)
    assert failed == "ValueError: no luck"
    assert "no tool called" in unknown
    assert "a: " in unfit
    assert "c: " in unfit
    assert "twice" in malformed
    assert fine == "2"
    assert ("d", "started") not in sink.lifecycle
    check_requests(wired)


async def test_the_policy_raise_fails_the_run(wired: Wired, runner: AgentRunnerBase) -> None:
    wired.server.reply(tool_call("fail", {}))
    wired.server.reply(text("and on"))
    asked = build_agent(fail, tool_error_policy="raise")
    with pytest.raises(ToolExecutionError, match="no luck") as caught:
        await runner.run(asked, "go", conversation_id="c")
    assert isinstance(caught.value.__cause__, ValueError)
    await runner.run(asked, "go on", conversation_id="c")
    assert "no luck" in results_of(wired)[0]
    check_requests(wired)


async def test_the_policy_skip_hides_the_error(wired: Wired, runner: AgentRunnerBase) -> None:
    wired.server.reply(tool_call("fail", {}))
    wired.server.reply(text("ok"))
    await runner.run(build_agent(fail, tool_error_policy="skip"), "go")
    assert results_of(wired) == ["(no result)"]


async def test_a_tool_that_takes_too_long_is_stopped(wired: Wired, runner: AgentRunnerBase) -> None:
    stopped = asyncio.Event()

    @tool(timeout_s=0.01)
    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    wired.server.reply(tool_call("hang", {}))
    wired.server.reply(text("ok"))
    await runner.run(build_agent(hang), "go")
    assert stopped.is_set()
    assert "did not end within 0.01 s" in results_of(wired)[0]


async def test_a_tools_own_cancellation_is_its_error(wired: Wired, runner: AgentRunnerBase) -> None:
    @tool
    async def give_up() -> None:
        raise asyncio.CancelledError

    wired.server.reply(tool_call("give_up", {}))
    wired.server.reply(text("ok"))
    response = await runner.run(build_agent(give_up), "go")
    assert (response.content, response.tool_calls_made[0].status) == ("ok", "error")


@pytest.mark.parametrize("count", [1, 2])
async def test_a_tool_that_exits_ends_neither_the_run_nor_the_loop(
    wired: Wired, runner: AgentRunnerBase, count: int
) -> None:
    """Code that a tool calls ends with sys.exit(), as argparse and click do."""

    @tool
    async def leave() -> None:
        sys.exit(3)

    wired.server.reply(*[tool_call("leave", {}, id=f"id_{n}") for n in range(count)])
    wired.server.reply(text("ok"))
    response = await runner.run(build_agent(leave, parallel_tool_calls=True), "go")
    assert response.content == "ok"
    assert results_of(wired) == ["SystemExit: 3"] * count


@pytest.mark.parametrize("parallel", [False, True])
async def test_results_keep_the_models_order(
    wired: Wired, runner: AgentRunnerBase, parallel: bool
) -> None:
    running: list[str] = []
    most = 0
    last_began = asyncio.Event()

    @tool
    async def work(name: str) -> str:
        nonlocal most
        running.append(name)
        most = max(most, len(running))
        if name == "c":
            last_began.set()
        elif parallel:
            await last_began.wait()  # so the last one ends first
        await asyncio.sleep(0)
        running.remove(name)
        return name

    wired.server.reply(*[tool_call("work", {"name": n}, id=f"id_{n}") for n in "abc"])
    wired.server.reply(text("ok"))
    await runner.run(build_agent(work, parallel_tool_calls=parallel), "go")
    assert results_of(wired) == ["a", "b", "c"]
    assert most == (3 if parallel else 1)
    body = wired.server.requests[0].body
    if wired.name == "openai":
        assert body["parallel_tool_calls"] is parallel
    else:
        assert body["tool_choice"].get("disable_parallel_tool_use", False) is not parallel


async def test_repeated_call_ids_are_told_apart(wired: Wired, runner: AgentRunnerBase) -> None:
    """llama.cpp, Gemini and others number the calls of each response from 0."""
    for n in range(3):
        wired.server.reply(tool_call("add", {"a": n, "b": 0}, id="call_0"))
    wired.server.reply(text("ok"))
    stream = runner.run_stream(build_agent(add), "go")
    chunks = await collect(stream)
    deltas = {c.tool_call_delta.tool_use_id for c in chunks if c.tool_call_delta}
    made = [r.tool_use_id for r in stream.response.tool_calls_made]
    assert made == ["call_0", "call_0_2", "call_0_3"]
    assert deltas == set(made)
    check_requests(wired)
