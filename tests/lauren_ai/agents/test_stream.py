"""A run's chunks in time, its one end, and every way to leave it early."""

from __future__ import annotations

import asyncio
import threading

import pytest

from lauren_ai import (
    AgentRunnerBase,
    CompletionChunk,
    LaurenAIError,
    TokenUsage,
)
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import StreamTruncatedError
from tests.servers import text, thinking, tool_call
from tests.support.agents import (
    Recorder,
    add,
    build_agent,
    collect,
    greet,
)
from tests.support.history_rules import check_requests
from tests.support.wired import Wired

#: Index of the first text event of a script, by provider.
FIRST_DELTA = {"anthropic": 3, "openai": 1}


@pytest.fixture
def runner(wired: Wired) -> AgentRunnerBase:
    return AgentRunnerBase(wired.service)


async def test_every_delta_is_there_before_the_server_sends_the_next(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    gates: list[threading.Event] = []
    for blocks in ([text("a b c"), tool_call("greet", {"name": "x"})], [text("d e f")]):
        script = wired.server.script(*blocks)
        for i in range(1, 3):  # the second and the third word wait until the one before was seen
            gates.append(threading.Event())
            script = script.gated(FIRST_DELTA[wired.name] + i, gates[-1])
        wired.server.queue(script)
    waiting = iter(gates)
    seen: list[str] = []
    async with asyncio.timeout(20):
        async for chunk in runner.run_stream(build_agent(greet), "go"):
            if chunk.delta:
                seen.append(chunk.delta.strip())
                if seen[-1] not in "cf":
                    next(waiting).set()
    assert seen == ["a", "b", "c", "d", "e", "f"]


async def test_tool_deltas_come_while_the_model_writes_them(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    fragments = ['{"name":', '"Ada"', "}"]
    wired.server.reply(text("Hi"), tool_call("greet", {"name": "Ada"}, fragments=fragments))
    wired.server.reply(text("Bye"))
    chunks = await collect(runner.run_stream(build_agent(greet), "go"))
    calls = [c for c in chunks if c.tool_call_delta is not None]
    assert all(c.delta == "" for c in calls)
    deltas = [c.tool_call_delta for c in calls if c.tool_call_delta]
    assert "".join(d.input_delta for d in deltas) == '{"name":"Ada"}'
    assert [d.name for d in deltas if d.name] == ["greet"]
    texts = [c.delta for c in chunks if c.delta]
    assert texts == ["Hi", "Bye"]
    assert chunks.index(calls[0]) > 0


async def test_thinking_comes_as_thinking(wired: Wired, runner: AgentRunnerBase) -> None:
    wired.server.reply(thinking("Hm, so."), text("Yes."))
    chunks = await collect(runner.run_stream(build_agent(thinking=True), "go"))
    found = [c.thinking_delta or c.reasoning_content_delta or "" for c in chunks]
    assert "".join(found) == "Hm, so."


@pytest.mark.parametrize("awaited", [True, False])
async def test_one_final_chunk_has_the_usage_of_the_whole_run(
    wired: Wired, runner: AgentRunnerBase, awaited: bool
) -> None:
    wired.server.reply(text("one"), tool_call("add", {"a": 1, "b": 1}))
    wired.server.reply(text("two"))
    stream = runner.run_stream(build_agent(add), "go", metadata={"k": 1})
    if awaited:
        assert await stream is stream
    *deltas, final = await collect(stream)
    assert all(c.stop_reason is None and c.usage is None for c in deltas)
    assert final.stop_reason == "end_turn"
    assert final.usage is not None
    assert final.usage.input_tokens == 50
    assert final.usage == stream.response.total_usage
    assert (stream.text, stream.response.content) == ("onetwo", "two")
    assert stream.response.metadata == {"k": 1}


async def test_text_that_comes_with_the_end_of_a_turn_is_passed_on() -> None:
    mock, usage = MockTransport(), TokenUsage(1, 1)
    mock.queue_stream([CompletionChunk("all", stop_reason="end_turn", usage=usage)])
    chunks = await collect(AgentRunnerBase(mock).run_stream(build_agent(), "go"))
    assert chunks == [
        CompletionChunk("all"),
        CompletionChunk(stop_reason="end_turn", usage=usage),
    ]


async def test_nothing_is_sent_before_the_first_chunk_is_asked_for(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    stream = runner.run_stream(build_agent(), "go")
    with pytest.raises(LaurenAIError, match="not ended"):
        stream.response  # noqa: B018
    await stream.aclose()
    assert stream.response.stop_reason == "cancelled"
    assert [c async for c in stream] == []
    assert wired.server.requests == []


async def test_a_stream_is_iterated_once(wired: Wired, runner: AgentRunnerBase) -> None:
    wired.server.reply(text("a b"))
    stream = runner.run_stream(build_agent(), "go")
    async for chunk in stream:
        if chunk.delta:
            with pytest.raises(LaurenAIError, match="already"):
                await anext(aiter(stream))
    assert stream.text == "a b"


async def test_a_truncated_answer_is_an_error_with_the_partial_text(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    wired.server.reply(tool_call("add", {"a": 1, "b": 1}))
    script = wired.server.script(text("one two three"))
    wired.server.queue(script.cut_at_event(FIRST_DELTA[wired.name] + 2))
    wired.server.reply(text("again"))
    stream = runner.run_stream(build_agent(add), "go", conversation_id="c")
    with pytest.raises(StreamTruncatedError) as caught:
        await collect(stream)
    assert caught.value.partial_text == stream.text == "one two"
    assert (stream.response.stop_reason, stream.response.content) == ("error", "one two")
    await runner.run(build_agent(add), "go on", conversation_id="c")
    check_requests(wired)


async def test_a_call_that_was_cut_off_does_not_run_and_is_not_kept(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    is_anthropic = wired.name == "anthropic"
    stop = {"stop_reason": "max_tokens"} if is_anthropic else {"finish_reason": "length"}
    wired.server.reply(text("So"), tool_call("add", {"a": 1, "b": 1}), **stop)
    wired.server.reply(text("again"))
    sink = Recorder()
    response = await runner.run(build_agent(add), "go", conversation_id="c", event_sinks=[sink])
    assert response.stop_reason == "max_tokens"
    assert sink.lifecycle == [("call_add", "invalid")]
    await runner.run(build_agent(add), "go on", conversation_id="c")
    check_requests(wired)


async def test_a_failing_observer_disturbs_nothing(
    wired: Wired, runner: AgentRunnerBase, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        async def on_signal(self, event: object) -> None:
            raise RuntimeError("observer")

    wired.server.reply(text("ok"))
    assert (await runner.run(build_agent(), "go", event_sinks=[Broken()])).content == "ok"
    assert "observer" in caplog.text
