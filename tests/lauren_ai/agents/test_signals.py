"""Who is told what, in which order."""

from __future__ import annotations

import asyncio

import pytest

from lauren_ai import AgentRunnerBase
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import AgentConfigError
from lauren_ai.signals import (
    AgentRunComplete,
    AgentTurnComplete,
    ModelCallComplete,
    ModelCallStarted,
    Signal,
    SignalBus,
    ToolCallComplete,
    ToolCallStarted,
)
from tests.support.agents import Recorder, add, build_agent


@pytest.fixture
def mock() -> MockTransport:
    mock = MockTransport()
    mock.queue_tool_use("add", {"a": 1, "b": 2}, tool_use_id="c1")
    mock.queue_response("3")
    return mock


async def test_a_runs_signals_come_in_order_to_bus_and_sinks(mock: MockTransport) -> None:
    bus, of_runner, of_run = SignalBus(), Recorder(), Recorder()
    heard: list[Signal] = []
    bus.on_any(heard.append)
    runner = AgentRunnerBase(mock, signals=bus, event_sinks=[of_runner])
    asked = build_agent(add, name="adder")
    response = await runner.run(asked, "go", run_id="r", event_sinks=[of_run])
    assert [type(e) for e in heard] == [
        ModelCallStarted,
        ModelCallComplete,
        ToolCallStarted,
        ToolCallComplete,
        AgentTurnComplete,
        ModelCallStarted,
        ModelCallComplete,
        AgentTurnComplete,
        AgentRunComplete,
    ]
    assert heard == of_runner.events == of_run.events
    assert all((e.agent_run_id, e.agent_name) == ("r", "adder") for e in heard)
    (started,), (complete,) = of_run.of(ToolCallStarted), of_run.of(ToolCallComplete)
    assert (started.tool_use_id, started.input) == ("c1", {"a": 1, "b": 2})
    assert (complete.result.text, complete.result.status) == ("3", "done")
    assert [e.turn for e in of_run.of(ModelCallStarted)] == [1, 2]
    assert of_run.of(AgentRunComplete)[0].response is response
    assert of_run.of(AgentRunComplete)[0].error is None


async def test_handlers_hear_their_type_until_they_are_off(mock: MockTransport) -> None:
    bus = SignalBus()
    heard: list[str] = []

    @bus.on(ToolCallStarted)
    async def later(event: ToolCallStarted) -> None:
        await asyncio.sleep(0)
        heard.append("later")

    def at_once(event: AgentRunComplete) -> None:
        heard.append("once")

    bus.on(ToolCallStarted, at_once)
    bus.off(at_once)
    bus.off(at_once)
    await AgentRunnerBase(mock, signals=bus).run(build_agent(add), "go")
    assert heard == ["later"]


@pytest.mark.parametrize("error", [RuntimeError("oh no"), asyncio.CancelledError("oh no")])
async def test_a_handler_that_raises_is_logged_and_disturbs_no_other(
    mock: MockTransport, caplog: pytest.LogCaptureFixture, error: BaseException
) -> None:
    """A sink that awaits what was cancelled elsewhere has not cancelled the run."""
    bus, heard = SignalBus(), []

    async def broken(event: Signal) -> None:
        raise error

    bus.on_any(broken)
    bus.on_any(heard.append)
    response = await AgentRunnerBase(mock, signals=bus).run(build_agent(add), "go")
    assert (response.content, len(heard)) == ("3", 9)
    assert "oh no" in caplog.text


async def test_what_is_no_sink_is_refused_before_a_request(mock: MockTransport) -> None:
    runner = AgentRunnerBase(mock)
    with pytest.raises(AgentConfigError, match="on_signal"):
        runner.run_stream(build_agent(), "go", event_sinks=[print])  # type: ignore[list-item]
    assert mock.calls == []


async def test_a_cancelled_run_does_not_wait_for_an_observer(mock: MockTransport) -> None:
    reached = asyncio.Event()

    class Slow:
        async def on_signal(self, event: Signal) -> None:
            if isinstance(event, ToolCallStarted):
                reached.set()
                await asyncio.Event().wait()

    run = AgentRunnerBase(mock).run(build_agent(add), "go", event_sinks=[Slow()])
    task = asyncio.ensure_future(run)
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_failed_run_tells_its_error() -> None:
    sink = Recorder()
    runner = AgentRunnerBase(MockTransport())
    with pytest.raises(Exception, match="queue") as caught:
        await runner.run(build_agent(), "go", event_sinks=[sink])
    (end,) = sink.of(AgentRunComplete)
    assert end.error is caught.value
    assert end.response.stop_reason == "error"
    assert sink.of(ModelCallComplete)[0].completion.stop_reason == "error"
