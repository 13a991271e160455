"""The clients that test agents without a provider."""

from __future__ import annotations

import pytest

from lauren_ai import agent, use_tools
from lauren_ai.errors import EmptyQueueError
from lauren_ai.testing import AgentTestClient, MockTransport, TestClient
from tests.support.agents import add, collect, remove


@agent
@use_tools(add, remove)
class Adder:
    """You add."""


def test_a_client_runs_an_agent_without_a_loop() -> None:
    client = TestClient(Adder())
    client.mock.queue_tool_use("add", {"a": 1, "b": 2})
    client.mock.queue_response("It is 3.")
    response = client.run("1 + 2?", metadata={"user": 1})
    assert response.content == "It is 3."
    assert [r.text for r in response.tool_calls_made] == ["3"]
    assert len(client.calls) == 2
    assert client.calls[0].system == "You add."


async def test_a_client_runs_under_a_loop_as_well() -> None:
    client = AgentTestClient(Adder())
    client.mock.queue_response("hi")
    client.mock.queue_response("ho")
    assert (await client.run_async("go")).content == "hi"
    assert client.run("go").content == "ho"
    with pytest.raises(EmptyQueueError):
        client.run("go")


async def test_a_client_streams_and_takes_approvals() -> None:
    mock = MockTransport()
    client = TestClient(Adder(), mock)
    mock.queue_tool_use("remove", {"path": "x"})
    mock.queue_response("gone")
    stream = client.run_stream_async("go")
    async for chunk in stream:
        if chunk.pending_approval is not None:
            assert client.runner.pending_approvals() == [chunk.pending_approval]
            chunk.pending_approval.approve()
    assert stream.response.content == "gone"
    assert client.mock is mock


@pytest.mark.parametrize(
    ("model", "stop_reason"), [(None, "end_turn"), ("claude-sonnet-4-6", "budget_exceeded")]
)
def test_an_agent_with_a_budget_can_be_tested(model: str | None, stop_reason: str) -> None:
    """A mock has no price of its own; that of a model which the agent names counts."""

    @agent(model=model, max_cost_usd=0.000001)
    @use_tools(add)
    class Thrifty:
        """You add."""

    client = TestClient(Thrifty())
    client.mock.queue_tool_use("add", {"a": 1, "b": 2})
    client.mock.queue_response("It is 3.")
    assert client.run("1 + 2?").stop_reason == stop_reason


async def test_reset_forgets_everything() -> None:
    client = TestClient(Adder())
    client.mock.queue_response("one")
    await client.run_async("go", conversation_id="c")
    client.mock.queue_response("left over")
    client.reset()
    assert client.calls == []
    client.mock.queue_response("two")
    await collect(client.run_stream_async("go", conversation_id="c"))
    assert len(client.calls[0].messages) == 1
