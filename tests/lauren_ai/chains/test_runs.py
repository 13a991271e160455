"""A chain streams its first LLM step, or runs step by step with the usage of each."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lauren_ai import (
    ChatPromptTemplate,
    CompletionStream,
    LaurenAIError,
    LLMService,
    Message,
    OutputParserError,
    PromptTemplate,
    Step,
    TokenUsage,
    TransportError,
    chain,
)
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import PromptRenderError
from lauren_ai.parsers import JSONOutputParser, RetryOutputParser, StrOutputParser
from lauren_ai.types import ChainStream
from tests.servers import text
from tests.support.wired import Wired, asked


async def test_the_steps_before_the_llm_run_and_those_after_do_not(
    mock: MockTransport, llm: LLMService
) -> None:
    ran: list[str] = []

    async def fetch(topic: str) -> str:
        await asyncio.sleep(0)
        ran.append("fetch")
        return topic + " 2"

    def after(value: str) -> None:
        ran.append("after")

    mock.queue_stream(['{"a"', ": 1}"])
    pipeline = chain(
        lambda given: ran.append("lambda") or given["topic"].upper(),
        fetch,
        PromptTemplate("About {topic}"),
        llm,
        JSONOutputParser(),
        after,
    )
    stream = await pipeline.stream(topic="cats")
    assert [chunk.delta async for chunk in stream] == ['{"a"', ": 1}", ""]
    assert ran == ["lambda", "fetch"] and asked(mock) == "About CATS 2"
    assert stream.text == stream.completion.content == '{"a": 1}'
    assert stream.completion.usage == TokenUsage(10, 2)


async def test_it_streams_with_and_without_await(mock: MockTransport, llm: LLMService) -> None:
    pipeline = chain(PromptTemplate("{x}"), llm)
    for _ in range(3):
        mock.queue_stream(["a", "b"])
    assert [c.delta async for c in await pipeline.stream(x=1)] == ["a", "b", ""]
    assert [c.delta async for c in pipeline.stream(x=1)] == ["a", "b", ""]
    async with pipeline.stream(x=1) as stream:
        assert [c.delta async for c in stream] == ["a", "b", ""]
    assert [c.stop_reason async for c in stream] == []


def test_it_can_do_what_a_completion_stream_can() -> None:
    ours = {n for n in dir(CompletionStream) if not n.startswith("_")}
    assert ours >= {"aclose", "completion", "text"} and ours <= set(dir(ChainStream))


async def test_errors_of_the_steps_before_come_with_the_await(llm: LLMService) -> None:
    with pytest.raises(PromptRenderError, match="'x'"):
        await chain(PromptTemplate("{x}"), llm).stream()
    with pytest.raises(PromptRenderError, match="'x'"):
        async for _ in chain(PromptTemplate("{x}"), llm).stream():
            pass


def test_a_chain_without_llm_has_nothing_to_stream() -> None:
    with pytest.raises(LaurenAIError, match="no LLM step"):
        chain(PromptTemplate("{x}"), StrOutputParser()).stream(x=1)


@pytest.mark.parametrize("awaited", [True, False])
async def test_leaving_the_loop_closes_the_connection_and_keeps_the_text(
    wired: Wired, awaited: bool
) -> None:
    script = wired.server.script(text(["kept", " lost"]))
    last = len(script.events) - 1
    wired.server.queue(script.hanging(at=last))
    stream = chain(PromptTemplate("{x}"), wired.service).stream(x=1)
    if awaited:
        await stream
    async for chunk in stream:
        if chunk.delta == "kept":
            break
    assert await wired.last_request.client_closed()
    assert stream.text.startswith("kept")


async def test_aclose_from_another_task_closes_the_connection(wired: Wired) -> None:
    wired.server.queue(wired.server.script(text("never")).hanging())
    stream = await chain(PromptTemplate("{x}"), wired.service).stream(x=1)

    async def read() -> list[str | None]:
        return [chunk.stop_reason async for chunk in stream]

    reader = asyncio.create_task(read())
    await asyncio.to_thread(wired.server.wait_request)
    await stream.aclose()
    assert await reader == ["cancelled"]
    assert await wired.last_request.client_closed()


async def test_a_stream_closed_before_its_prompt_was_ready_sends_nothing(
    mock: MockTransport, llm: LLMService
) -> None:
    ready = asyncio.Event()
    ran: list[str] = []

    async def fetch(_: Any) -> str:
        await ready.wait()
        return "late"

    stream = chain(fetch, ran.append, llm).stream()
    reader = asyncio.ensure_future(anext(aiter(stream), None))
    await asyncio.sleep(0)
    await stream.aclose()
    ready.set()
    assert await reader is None and mock.calls == [] and ran == []


async def test_a_stream_that_was_closed_first_runs_no_step(
    mock: MockTransport, llm: LLMService
) -> None:
    ran: list[Any] = []
    stream = chain(ran.append, llm).stream("x")
    await stream.aclose()
    assert [chunk async for chunk in await stream] == []
    assert ran == mock.calls == []
    with pytest.raises(LaurenAIError, match="was closed before it began"):
        _ = stream.completion


async def test_a_run_streams_each_llm_step_and_sums_the_usage(
    mock: MockTransport, llm: LLMService
) -> None:
    mock.queue_stream(["one", " two"])
    mock.queue_stream(["[3,", "4]"])
    pipeline = chain(
        PromptTemplate("{x}"), llm, PromptTemplate("Then {y}"), llm, JSONOutputParser()
    )
    run = pipeline.run(x=1)
    seen: list[tuple[str, list[str], Any]] = []
    async for step in run:
        deltas = [c.delta async for c in step.stream if c.delta] if step.stream else []
        seen.append((step.kind, deltas, await step.finish()))
    assert seen == [
        ("prompt", [], "1"),
        ("llm", ["one", " two"], "one two"),
        ("prompt", [], "Then one two"),
        ("llm", ["[3,", "4]"], "[3,4]"),
        ("parser", [], [3, 4]),
    ]
    assert run.value == [3, 4] and run.failed is None
    assert [step.usage for step in run.steps] == [
        None,
        TokenUsage(10, 2),
        None,
        TokenUsage(10, 2),
        None,
    ]
    assert run.usage == TokenUsage(20, 4)
    assert await run == [3, 4] and len(mock.calls) == 2  # awaiting it again asks nobody


async def test_what_a_watcher_does_not_read_the_run_reads(
    mock: MockTransport, llm: LLMService
) -> None:
    mock.queue_stream(["a", "b"])
    run = (llm | (lambda value: value * 2)).run("x")
    async for _ in run:
        pass
    assert run.value == "abab"


async def test_the_retries_of_a_parser_count_and_know_the_question(
    mock: MockTransport, llm: LLMService
) -> None:
    for answer in ("nope", "[1]"):
        mock.queue_response(answer, usage=TokenUsage(1, 1))
    prompt = ChatPromptTemplate([("system", "S"), ("user", "{q}")])
    run = chain(prompt, llm, RetryOutputParser(JSONOutputParser(), llm, 1)).run(q="?")
    assert await run == [1] and run.usage == TokenUsage(2, 2)
    assert mock.calls[1].messages[0] == Message.user("?") and mock.calls[1].system == "S"


async def test_a_failing_step_names_itself_and_keeps_the_earlier_ones(
    mock: MockTransport, llm: LLMService
) -> None:
    mock.queue_response("no list", usage=TokenUsage(1, 2))
    run = chain(llm, Step(JSONOutputParser(), name="read")).run("x")
    with pytest.raises(OutputParserError, match=r"^Step 2 of 2 \(read\): ") as caught:
        await run
    assert caught.value.text == "no list"
    assert run.failed is run.steps[1] and run.failed.error is caught.value
    assert run.steps[0].value == run.value == "no list" and run.usage == TokenUsage(1, 2)
    with pytest.raises(OutputParserError) as again:
        await run
    assert again.value is caught.value and len(mock.calls) == 1


async def test_a_foreign_error_stays_itself_and_has_the_step_in_a_note(llm: LLMService) -> None:
    def divide(_: Any) -> float:
        return 1 / 0

    with pytest.raises(ZeroDivisionError) as caught:
        await chain(divide, llm).invoke("x")
    assert caught.value.__notes__ == ["Step 1 of 2 (divide) of the chain raised this."]


async def test_a_broken_stream_fails_the_run_with_its_partial_text(
    mock: MockTransport, llm: LLMService
) -> None:
    mock.queue_stream(["so far", TransportError("It broke.")])
    run = (llm | StrOutputParser()).run("x")
    with pytest.raises(TransportError, match=r"Step 1 of 2 \(LLMService\): It broke") as caught:
        await run
    assert caught.value.partial_text == "so far" and len(run.steps) == 1


async def test_an_interrupt_in_step_two_keeps_step_one(wired: Wired) -> None:
    wired.server.reply(text("first"))
    wired.server.queue(wired.server.script(text(["second", " lost"])).hanging())
    pipeline = chain(wired.service, PromptTemplate("Then {x}"), wired.service, StrOutputParser())
    run = pipeline.run("go")

    async def consume() -> None:
        await run

    task = asyncio.create_task(consume())
    await asyncio.to_thread(wired.server.wait_request, 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await wired.last_request.client_closed()
    assert run.steps[0].value == "first" and run.steps[0].usage is not None
    assert [step.finished for step in run.steps] == [True, True, False]
    with pytest.raises(LaurenAIError, match=r"Step 3 of 4 .* was left"):
        await run


async def test_a_step_whose_stream_was_stopped_does_not_feed_the_next(
    mock: MockTransport, llm: LLMService
) -> None:
    mock.queue_stream(["a", "b"])
    ran: list[str] = []
    run = (llm | ran.append).run("x")
    with pytest.raises(LaurenAIError, match="stopped before its answer was whole"):
        async for step in run:
            if step.stream is not None:
                await anext(aiter(step.stream))
                await step.stream.aclose()
                await step.finish()
    assert ran == []


async def test_one_chain_runs_many_times_at_once(wired: Wired) -> None:
    wired.server.default = wired.server.script(text("ok"))
    pipeline = chain(PromptTemplate("{x}"), wired.service, StrOutputParser())
    assert await asyncio.gather(*(pipeline.invoke(x=n) for n in range(8))) == ["ok"] * 8
    questions = [str(r.body["messages"][-1]["content"]) for r in wired.server.requests]
    assert sorted(questions) == sorted(str(n) for n in range(8))


async def test_a_watcher_that_swallows_an_error_gets_no_partial_value(
    mock: MockTransport, llm: LLMService
) -> None:
    mock.queue_stream(["so far", TransportError("It broke.")])
    step = chain(llm, StrOutputParser()).run("go").begin()
    assert step is not None
    assert step.stream is not None
    with pytest.raises(TransportError):
        async for _ in step.stream:
            pass
    with pytest.raises(LaurenAIError, match="It failed before its answer was whole"):
        await step.finish()
