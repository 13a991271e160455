"""What an agent hears of the end of its run, whatever ended it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from lauren_ai import (
    AgentContext,
    AgentResponse,
    AgentRunnerBase,
    ContentBlock,
    InMemoryConversationStore,
    Message,
    ToolResult,
    agent,
    use_tools,
)
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import StorageError
from lauren_ai.signals import AgentRunComplete
from tests.support.agents import Recorder, add, build_agent, collect


@agent
class Noting:
    """You are a test."""

    def __init__(self, *, fails: bool = False) -> None:
        self.ends: list[str] = []
        self._fails = fails

    def on_finish(self, response: AgentResponse, ctx: AgentContext) -> None:
        self.ends.append(response.stop_reason)
        if self._fails:
            raise ZeroDivisionError


class BrokenStore(InMemoryConversationStore):
    """Cannot load, or cannot save."""

    def __init__(self, broken: str) -> None:
        super().__init__()
        self._broken = broken

    async def load(self, conversation_id: str) -> list[Message]:
        if self._broken == "load":
            raise StorageError("no disk")
        return await super().load(conversation_id)

    async def save(self, conversation_id: str, messages: Sequence[Message]) -> None:
        raise StorageError("no disk")


@pytest.mark.parametrize(("broken", "content"), [("load", ""), ("save", "hello")])
async def test_a_history_that_cannot_be_kept_is_told_like_any_failure(
    broken: str, content: str
) -> None:
    mock, sink, noting = MockTransport(), Recorder(), Noting()
    mock.queue_response("hello")
    runner = AgentRunnerBase(mock, conversation_store=BrokenStore(broken), event_sinks=[sink])
    stream = runner.run_stream(noting, "go", conversation_id="c")
    with pytest.raises(StorageError, match="no disk") as caught:
        await collect(stream)
    assert noting.ends == ["error"]
    (end,) = sink.of(AgentRunComplete)
    assert (end.response, end.error) == (stream.response, caught.value)
    assert (stream.response.stop_reason, stream.response.content) == ("error", content)
    assert stream.response.messages == []


async def test_a_run_that_is_stopped_in_the_queue_is_told_as_well() -> None:
    mock, sink, noting = MockTransport(), Recorder(), Noting()
    mock.queue_response("hello")
    runner = AgentRunnerBase(mock)
    chunks = aiter(runner.run_stream(build_agent(), "first", conversation_id="c"))
    await anext(chunks)
    second = runner.run(noting, "second", conversation_id="c", event_sinks=[sink])
    task = asyncio.ensure_future(second)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert noting.ends == ["cancelled"]
    assert len(sink.of(AgentRunComplete)) == 1
    assert [chunk.stop_reason async for chunk in chunks] == ["end_turn"]


async def test_a_run_that_nobody_began_has_no_end_to_tell() -> None:
    sink, noting = Recorder(), Noting()
    await AgentRunnerBase(MockTransport()).run_stream(noting, "go", event_sinks=[sink]).aclose()
    assert (noting.ends, sink.events) == ([], [])


async def test_a_hook_that_fails_at_the_end_loses_neither_history_nor_response() -> None:
    mock, sink = MockTransport(), Recorder()
    mock.queue_response("hello")
    store = InMemoryConversationStore()
    runner = AgentRunnerBase(mock, conversation_store=store, event_sinks=[sink])
    stream = runner.run_stream(Noting(fails=True), "go", conversation_id="c")
    with pytest.raises(ZeroDivisionError):
        await collect(stream)
    await stream.aclose()  # after the end it does nothing, and does not fail once more
    assert (stream.response.content, stream.response.stop_reason) == ("hello", "end_turn")
    assert len(sink.of(AgentRunComplete)) == 1
    assert [m.text() for m in await store.load("c")] == ["go", "hello"]


IMAGE = ContentBlock.image_block(b"x")


@pytest.mark.parametrize("way", ["changed in place", "returned"])
@pytest.mark.parametrize(
    ("written", "content"),
    [
        ({"sum": 3}, '{"sum":3}'),
        (None, "null"),
        (["See: ", IMAGE], [ContentBlock.text_block("See: "), IMAGE]),
    ],
)
async def test_whatever_a_hook_writes_into_a_result_is_text_or_blocks(
    way: str, written: Any, content: Any
) -> None:
    """Anything else was saved, and no later run of the conversation could build its request."""

    @agent
    class Rewriting:
        """You are a test."""

        def on_tool_result(self, result: ToolResult, ctx: AgentContext) -> ToolResult | None:
            result.content = written
            return result if way == "returned" else None

    mock = MockTransport()
    mock.queue_tool_use("add", {"a": 1, "b": 2})
    mock.queue_response("3")
    await AgentRunnerBase(mock).run(use_tools(add)(Rewriting)(), "go")
    (block,) = mock.calls[1].messages[-1].content
    assert isinstance(block, ContentBlock)
    assert block.content == content
