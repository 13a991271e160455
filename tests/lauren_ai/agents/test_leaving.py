"""Every way to leave a run early, and what it leaves behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from lauren_ai import (
    AgentContext,
    AgentResponse,
    AgentRunnerBase,
    RunStream,
    agent,
    tool,
    use_tools,
)
from lauren_ai.signals import AgentRunComplete
from tests.servers import text, tool_call
from tests.support.agents import (
    Recorder,
    add,
    build_agent,
    remove,
    until_pending,
)
from tests.support.history_rules import check_requests
from tests.support.wired import Wired

#: Index of the first text event of a script, by provider.
FIRST_DELTA = {"anthropic": 3, "openai": 1}


@pytest.fixture
def runner(wired: Wired) -> AgentRunnerBase:
    return AgentRunnerBase(wired.service)


def other_tasks() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}  # type: ignore[arg-type]


async def until_no_tasks(before: set[asyncio.Task[Any]]) -> None:
    async with asyncio.timeout(5):
        while other_tasks() - before:
            await asyncio.sleep(0)


class Noting:
    """An agent that notes how its run ended."""

    def __init__(self) -> None:
        self.ends: list[str] = []

    def on_finish(self, response: AgentResponse, ctx: AgentContext) -> None:
        self.ends.append(response.stop_reason)


async def leave_by_break(stream: RunStream) -> None:
    async for chunk in stream:
        if chunk.delta:
            break


async def leave_by_raise(stream: RunStream) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async for chunk in stream:
            if chunk.delta:
                raise ZeroDivisionError


async def leave_by_context(stream: RunStream) -> None:
    async with stream:
        async for chunk in stream:
            if chunk.delta:
                break


async def leave_by_aclose_inside(stream: RunStream) -> None:
    stops = []
    async for chunk in stream:
        if chunk.delta:
            await stream.aclose()
        if chunk.stop_reason:
            stops.append(chunk.stop_reason)
    assert stops == ["cancelled"]


async def leave_by_cancel(stream: RunStream) -> None:
    at_text = asyncio.Event()
    task = asyncio.create_task(read_all(stream, at_text))
    await at_text.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def leave_by_aclose_elsewhere(stream: RunStream) -> None:
    at_text = asyncio.Event()
    task = asyncio.create_task(read_all(stream, at_text))
    await at_text.wait()
    await stream.aclose()
    assert await task == ["cancelled"]  # a reader in another task gets its final chunk


async def read_all(stream: RunStream, at_text: asyncio.Event) -> list[str]:
    stops = []
    async for chunk in stream:
        if chunk.delta:
            at_text.set()
        if chunk.stop_reason:
            stops.append(chunk.stop_reason)
    return stops


LEAVING = [
    leave_by_break,
    leave_by_raise,
    leave_by_cancel,
    leave_by_aclose_elsewhere,
    leave_by_aclose_inside,
    leave_by_context,
]
Leave = Callable[[RunStream], Awaitable[None]]


@pytest.mark.parametrize("leave", LEAVING)
@pytest.mark.parametrize("turn", [1, 2])
async def test_leaving_in_an_answer_closes_the_connection_and_keeps_a_usable_history(
    wired: Wired, runner: AgentRunnerBase, leave: Leave, turn: int
) -> None:
    before = other_tasks()
    if turn == 2:
        wired.server.reply(tool_call("add", {"a": 1, "b": 1}))
    script = wired.server.script(text("one two three"))
    wired.server.queue(script.hanging(at=FIRST_DELTA[wired.name] + 1))
    wired.server.reply(text("again"))
    noting = use_tools(add)(agent(Noting))()
    sink = Recorder()
    stream = runner.run_stream(noting, "go", conversation_id="c", event_sinks=[sink])
    await leave(stream)
    assert await wired.server.requests[turn - 1].client_closed()
    await until_no_tasks(before)
    assert stream.response.stop_reason == "cancelled"
    assert stream.text == "one"
    assert noting.ends == ["cancelled"]
    assert len(sink.of(AgentRunComplete)) == 1
    await runner.run(build_agent(), "go on", conversation_id="c")
    assert "one" in str(wired.last_request.body["messages"])
    check_requests(wired)


async def stop(stream: RunStream, task: asyncio.Task[list[str]], how: str) -> None:
    """End a run that another task reads."""
    for _ in range(5):
        await asyncio.sleep(0)
    if how == "cancel":
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        await stream.aclose()
        assert await task == ["cancelled"]
    assert stream.response.stop_reason == "cancelled"


@pytest.mark.parametrize("how", ["cancel", "aclose"])
@pytest.mark.parametrize("when", ["tool", "approval", "first byte"])
async def test_a_run_that_waits_can_be_stopped(
    wired: Wired, runner: AgentRunnerBase, how: str, when: str
) -> None:
    before = other_tasks()
    began, ended = asyncio.Event(), asyncio.Event()

    @tool
    async def hang() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    if when == "first byte":
        wired.server.queue(wired.server.script(text("x")).hanging())
    else:
        name, arguments = ("hang", {}) if when == "tool" else ("remove", {"path": "x"})
        wired.server.reply(text("Wait."), tool_call(name, arguments))
    wired.server.reply(text("again"))
    asked = build_agent(hang, remove)
    stream = runner.run_stream(asked, "go", conversation_id="c")
    task = asyncio.create_task(read_all(stream, asyncio.Event()))
    if when == "tool":
        await began.wait()
    elif when == "approval":
        while not runner.pending_approvals():
            await asyncio.sleep(0)
    else:
        await asyncio.to_thread(wired.server.wait_request)
    await stop(stream, task, how)
    assert ended.is_set() == (when == "tool")
    assert runner.pending_approvals() == []
    await until_no_tasks(before)
    assert (await runner.run(asked, "go on", conversation_id="c")).content == "again"
    check_requests(wired)


@pytest.mark.parametrize("how", ["cancel", "aclose"])
async def test_a_run_in_the_queue_can_be_stopped(
    wired: Wired, runner: AgentRunnerBase, how: str
) -> None:
    before = other_tasks()
    first_script = wired.server.script(text("one two"))
    wired.server.queue(first_script.hanging(at=FIRST_DELTA[wired.name] + 1))
    wired.server.reply(text("again"))
    first = runner.run_stream(build_agent(), "first", conversation_id="c")
    chunks = aiter(first)
    await anext(chunks)
    second = runner.run_stream(build_agent(), "second", conversation_id="c")
    await stop(second, asyncio.create_task(read_all(second, asyncio.Event())), how)
    await first.aclose()
    del chunks
    await until_no_tasks(before)
    await runner.run(build_agent(), "go on", conversation_id="c")
    assert "second" not in str(wired.last_request.body)
    check_requests(wired)


async def test_a_call_cut_off_in_its_arguments_has_its_end_told(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    wired.server.queue(
        wired.server.script(text("Hm"), tool_call("add", {"a": 1, "b": 1})).hanging(at=6)
    )
    sink = Recorder()
    async for chunk in (stream := runner.run_stream(build_agent(add), "go", event_sinks=[sink])):
        if chunk.tool_call_delta is not None:
            await stream.aclose()
    assert sink.lifecycle == [("call_add", "invalid")]


async def test_a_pending_approval_holds_neither_thread_nor_connection(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    wired.server.reply(tool_call("remove", {"path": "x"}))
    chunks = aiter(runner.run_stream(build_agent(remove), "go"))
    await until_pending(chunks)
    threads = threading.active_count()
    waiting = asyncio.ensure_future(anext(chunks))
    for _ in range(5):
        await asyncio.sleep(0)
    assert wired.last_request.finished.is_set()
    assert threading.active_count() <= threads
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_an_approval_after_leaving_the_loop_is_refused_at_once(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    before = other_tasks()
    wired.server.reply(tool_call("remove", {"path": "x"}))
    stream = runner.run_stream(build_agent(remove), "go")
    async for chunk in stream:
        if (pending := chunk.pending_approval) is not None:
            break
    assert not pending.approve()
    assert not runner.approve_tool(stream.agent_run_id, "call_remove")
    assert runner.pending_approvals() == []
    await asyncio.sleep(0)  # the loop hears of the dropped generator
    await until_no_tasks(before)
    (result,) = stream.response.tool_calls_made
    assert (result.status, result.decision.decided_by) == ("cancelled", "cancelled")


async def test_a_second_interrupt_does_not_lose_the_history(wired: Wired) -> None:
    saving, let_go = asyncio.Event(), asyncio.Event()

    class SlowStore:
        saved: Any = ()

        async def load(self, conversation_id: str) -> Any:
            return self.saved

        async def save(self, conversation_id: str, messages: Any) -> None:
            saving.set()
            await let_go.wait()
            self.saved = messages

        async def delete(self, conversation_id: str) -> None:
            raise AssertionError

    store = SlowStore()
    runner = AgentRunnerBase(wired.service, conversation_store=store)
    wired.server.queue(wired.server.script(text("one two")).hanging(at=FIRST_DELTA[wired.name] + 1))
    before = other_tasks()
    stream = runner.run_stream(build_agent(), "go", conversation_id="c")
    reached = asyncio.Event()
    task = asyncio.create_task(read_all(stream, reached))
    await reached.wait()
    task.cancel()
    await saving.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    let_go.set()
    await until_no_tasks(before)
    assert [m.text() for m in store.saved] == ["go", "one"]


async def test_many_runs_that_leave_early_leave_nothing_behind(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    before = other_tasks()
    wired.server.default = wired.server.script(text("a b c")).hanging(
        at=FIRST_DELTA[wired.name] + 1
    )

    made: list[weakref.ref[RunStream]] = []

    async def one(n: int) -> None:
        stream = runner.run_stream(build_agent(), "go", conversation_id=f"c{n}")
        made.append(weakref.ref(stream))
        await LEAVING[n % len(LEAVING)](stream)

    for start in range(0, 60, 20):
        await asyncio.gather(*[one(n) for n in range(start, start + 20)])
    await until_no_tasks(before)
    gc.collect()
    assert [ref for ref in made if ref() is not None] == []
    for request in wired.server.requests:
        assert await request.client_closed()
