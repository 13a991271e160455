"""A stream's one end, its early ends and its life cycle, over real connections."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest

from lauren_ai import (
    CompletionChunk,
    CompletionStream,
    LaurenAIError,
    LLMConfig,
    LLMService,
    TransportError,
)
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import StreamTruncatedError
from tests.servers import text, tool_call
from tests.support.wired import GO, Wired, collect


async def test_the_final_chunk_alone_has_stop_reason_and_usage(wired: Wired) -> None:
    wired.server.reply(text("Hello there you"))
    chunks = [chunk async for chunk in wired.stream()]
    *deltas, final = chunks
    assert "".join(c.delta for c in deltas) == "Hello there you"
    assert all(c.stop_reason is None and c.usage is None for c in deltas)
    assert final.stop_reason == "end_turn"
    assert final.usage is not None
    assert (final.usage.input_tokens, final.usage.output_tokens) == (25, 3)


async def test_chunks_come_when_the_provider_sends_them(wired: Wired) -> None:
    import threading

    gate = threading.Event()
    wired.server.queue(wired.server.script(text("one two")).gated(4, gate))
    seen = ""
    async for chunk in wired.stream():
        seen += chunk.delta
        if chunk.delta:
            gate.set()  # the rest is sent only after the first delta was seen
    assert seen == "one two"


@pytest.mark.parametrize(
    "open_stream",
    [
        pytest.param(lambda s: s.complete_stream(GO), id="complete_stream"),
        pytest.param(lambda s: s.complete(GO, stream=True), id="complete(stream=True)"),
    ],
)
async def test_awaiting_a_stream_gives_the_stream(
    wired: Wired, open_stream: Callable[[LLMService], Awaitable[CompletionStream]]
) -> None:
    wired.server.reply(text("Hello there"))
    stream = await open_stream(wired.service)
    assert isinstance(stream, CompletionStream)
    assert "".join([c.delta async for c in stream]) == "Hello there"
    assert stream.completion.content == stream.text == "Hello there"


async def test_the_documents_loop_over_an_unawaited_stream_works(wired: Wired) -> None:
    wired.server.reply(text("Hello"))
    full_text = ""
    async for chunk in wired.service.complete_stream(GO):
        full_text += chunk.delta
    assert full_text == "Hello"


async def test_complete_gives_the_whole_answer(wired: Wired) -> None:
    wired.server.reply(text("Hi"), tool_call("look", {"at": [1, 2]}))
    completion = await wired.service.complete(GO)
    assert completion.content == "Hi"
    assert completion.tool_calls[0].input == {"at": [1, 2]}
    assert completion.stop_reason == "tool_use"
    assert completion.request_id == "req_test"
    assert completion.provider == wired.name
    assert completion.model.endswith("-test")


async def test_nothing_is_sent_before_the_first_chunk_is_asked_for(wired: Wired) -> None:
    stream = await wired.stream()
    await stream.aclose()
    assert wired.server.requests == []
    assert stream.completion.stop_reason == "cancelled"
    assert [c async for c in stream] == []


async def test_a_stream_is_iterated_once(wired: Wired) -> None:
    wired.server.reply(text("a b"))
    stream = wired.stream()
    async for _ in stream:
        with pytest.raises(LaurenAIError, match="iterated already"):
            await anext(aiter(stream))
    assert [c async for c in stream] == []


async def test_completion_before_the_end_says_what_to_do(wired: Wired) -> None:
    with pytest.raises(LaurenAIError, match="async for"):
        _ = wired.stream().completion


async def leave_by_break(stream: CompletionStream) -> None:
    async for chunk in stream:
        if chunk.delta:
            break


async def leave_by_error(stream: CompletionStream) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async for chunk in stream:
            if chunk.delta:
                _ = 1 / 0


async def leave_with_block(stream: CompletionStream) -> None:
    async with stream:
        await leave_by_break(stream)


async def leave_by_aclose(stream: CompletionStream) -> None:
    async for chunk in stream:
        if chunk.delta:
            await stream.aclose()


async def leave_by_break_then_aclose(stream: CompletionStream) -> None:
    """The loop's own clean-up of the dropped generator runs beside this `aclose()`."""
    await leave_by_break(stream)
    await asyncio.gather(stream.aclose(), stream.aclose())


async def leave_by_cancel_while_reading(stream: CompletionStream) -> None:
    task = await start_reader(stream)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def leave_by_cancel_in_the_body(stream: CompletionStream) -> None:
    reached = asyncio.Event()

    async def consume() -> None:
        async for chunk in stream:
            if chunk.delta:
                reached.set()
                await asyncio.Event().wait()

    task = asyncio.create_task(consume())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def leave_by_aclose_of_another_task_while_reading(stream: CompletionStream) -> None:
    task = await start_reader(stream)
    await stream.aclose()
    chunks = await task
    assert [c.stop_reason for c in chunks if c.stop_reason] == ["cancelled"]
    assert task.cancelling() == 0


async def leave_by_aclose_of_another_task_in_the_body(stream: CompletionStream) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def consume() -> list[CompletionChunk]:
        chunks = []
        async for chunk in stream:
            chunks.append(chunk)
            if chunk.delta and not reached.is_set():
                reached.set()
                await go_on.wait()
        return chunks

    task = asyncio.create_task(consume())
    await reached.wait()
    closing = asyncio.create_task(stream.aclose())
    await asyncio.sleep(0)
    go_on.set()
    await closing
    assert [c.stop_reason for c in await task if c.stop_reason] == ["cancelled"]


async def leave_by_a_time_limit_of_the_caller(stream: CompletionStream) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            async for _ in stream:
                pass


async def start_reader(stream: CompletionStream) -> asyncio.Task[list[CompletionChunk]]:
    """A task that waits for the chunk after the first text."""
    first = asyncio.Event()

    async def consume() -> list[CompletionChunk]:
        chunks = []
        async for chunk in stream:
            chunks.append(chunk)
            if chunk.delta:
                first.set()
        return chunks

    task = asyncio.create_task(consume())
    await first.wait()
    await asyncio.sleep(0.01)
    return task


WAYS_TO_LEAVE = [
    leave_by_break,
    leave_by_error,
    leave_with_block,
    leave_by_aclose,
    leave_by_break_then_aclose,
    leave_by_cancel_while_reading,
    leave_by_cancel_in_the_body,
    leave_by_aclose_of_another_task_while_reading,
    leave_by_aclose_of_another_task_in_the_body,
    leave_by_a_time_limit_of_the_caller,
]


def hanging_after_first_word(wired: Wired) -> None:
    """Text, then silence: the connection closes only if the client closes it."""
    script = wired.server.script(text(["Hello", " there"]))
    first = next(i for i, event in enumerate(script.events) if b"Hello" in event)
    wired.server.queue(script.hanging(at=first + 1))


@pytest.mark.parametrize("leave", WAYS_TO_LEAVE, ids=lambda f: f.__name__)
async def test_leaving_early_closes_the_connection_and_keeps_the_text(
    wired: Wired, leave: Callable[[CompletionStream], Awaitable[None]]
) -> None:
    hanging_after_first_word(wired)
    stream = wired.stream()
    await leave(stream)
    assert await wired.server.requests[0].client_closed()
    assert stream.text == "Hello"
    assert stream.completion.content == "Hello"
    assert stream.completion.stop_reason == "cancelled"
    assert stream.completion.tool_calls == []


async def test_completion_is_there_right_after_a_break(wired: Wired) -> None:
    hanging_after_first_word(wired)
    stream = wired.stream()
    await leave_by_break(stream)
    assert stream.completion.content == "Hello"
    assert stream.completion.stop_reason == "cancelled"
    await stream.aclose()


async def test_aclose_before_the_response_head_closes_the_connection(wired: Wired) -> None:
    wired.server.queue(wired.server.script().hanging())
    stream = wired.stream()
    task = asyncio.create_task(collect(stream))
    await asyncio.to_thread(wired.server.wait_request)
    await stream.aclose()
    await stream.aclose()
    assert await wired.server.requests[0].client_closed()
    assert [c.stop_reason for c in await task] == ["cancelled"]


async def test_aclose_during_the_wait_for_a_retry_ends_it(wired: Wired) -> None:
    wired.server.queue(wired.server.error(429, headers={"retry-after": "50"}))
    service = wired.build(max_retries=3)
    waiting = asyncio.Event()
    stream = service.complete_stream(GO, on_retry=lambda notice: waiting.set())
    task = asyncio.create_task(collect(stream))
    await waiting.wait()
    await stream.aclose()
    assert [c.stop_reason for c in await task] == ["cancelled"]
    assert len(wired.server.requests) == 1
    await service.close()


async def test_a_cancellation_that_meets_aclose_is_not_lost(wired: Wired) -> None:
    hanging_after_first_word(wired)
    stream = wired.stream()
    task = await start_reader(stream)
    closing = asyncio.create_task(stream.aclose())
    task.cancel()
    await closing
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await wired.server.requests[0].client_closed()


async def test_leaving_in_the_batch_of_the_final_chunk_keeps_the_whole_answer() -> None:
    config, mock = LLMConfig.for_testing()
    mock.queue_response("Hello")
    stream = LLMService(mock, config).complete_stream(GO)
    async for chunk in stream:
        if chunk.stop_reason:
            await stream.aclose()
    assert stream.completion.stop_reason == "end_turn"


class SlowToClose(MockTransport):
    """Its connection takes a while to close."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = 0

    async def stream(
        self, request: CompletionRequest, snapshot: Accumulator
    ) -> AsyncGenerator[list[CompletionChunk], None]:
        try:
            snapshot.add(CompletionChunk("Hello"))
            yield [CompletionChunk("Hello")]
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            self.closed += 1


async def test_closing_twice_at_the_same_time_waits_for_one_close() -> None:
    """Python refuses to close a generator that is closing: after a break, the loop does as well."""
    problems: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, what: problems.append(what))
    transport = SlowToClose()
    stream = LLMService(transport, LLMConfig("mock", "m")).complete_stream(GO)
    await leave_by_break(stream)
    await asyncio.gather(stream.aclose(), stream.aclose())
    assert transport.closed == 1
    await asyncio.sleep(0.01)
    assert problems == []


async def test_wait_for_around_each_chunk_works(wired: Wired) -> None:
    """Before 3.12 `wait_for` runs each step in a task of its own."""
    wired.server.reply(text("a b c"))
    iterator = aiter(wired.stream())
    chunks = []
    while (chunk := await asyncio.wait_for(anext(iterator, None), 5)) is not None:
        chunks.append(chunk)
    assert "".join(c.delta for c in chunks) == "a b c"


@pytest.mark.parametrize("end", ["clean", "close", "reset"])
async def test_a_cut_answer_is_an_error_that_carries_the_text(wired: Wired, end: str) -> None:
    script = wired.server.script(text(["Hello", " there"]))
    cut = next(i for i, event in enumerate(script.events) if b"Hello" in event) + 1
    wired.server.queue(script.cut_at_event(cut, end=end))  # type: ignore[arg-type]
    stream = wired.stream()
    seen = []
    with pytest.raises(StreamTruncatedError) as caught:
        async for chunk in stream:
            seen.append(chunk)
    assert "".join(c.delta for c in seen) == caught.value.partial_text == stream.text == "Hello"
    assert all(c.stop_reason is None for c in seen)
    assert caught.value.request_id == "req_test"
    assert stream.completion.stop_reason == "error"


async def test_a_connection_that_breaks_after_the_end_changes_nothing(wired: Wired) -> None:
    """The answer was whole; reading on, to use the connection again, met the reset."""
    script = wired.server.script(text("Hello"))
    wired.server.queue(script.cut_at_event(len(script.events), end="reset"))
    chunks = await collect(wired.stream())
    assert [c.stop_reason for c in chunks if c.stop_reason] == ["end_turn"]


async def test_a_server_that_never_ends_its_body_does_not_hold_the_stream(wired: Wired) -> None:
    script = wired.server.script(text("Hello"))
    wired.server.queue(script.cut_at_event(len(script.events), end="hang"))
    stream = wired.stream()
    assert (await collect(stream))[-1].stop_reason == "end_turn"
    assert stream.completion.content == "Hello"


async def test_a_truncated_answer_passes_where_the_caller_allows_it(wired: Wired) -> None:
    script = wired.server.script(text("Hello"))
    wired.server.queue(*[script.cut_at_event(len(script.events) - 3)] * 2)
    completion = await wired.service.complete(GO, request_options={"allow_truncated": True})
    assert (completion.content, completion.stop_reason) == ("Hello", "end_turn")
    with pytest.raises(StreamTruncatedError):
        await wired.service.complete(GO)


async def test_allowing_truncation_still_runs_no_half_tool_call(wired: Wired) -> None:
    script = wired.server.script(tool_call("rm", '{"path": "/"}', fragments=['{"path": "/"}', ""]))
    cut = next(i for i, event in enumerate(script.events) if b"path" in event) + 1
    wired.server.queue(script.cut_at_event(cut))
    with pytest.raises(TransportError):
        await wired.service.complete(GO, request_options={"allow_truncated": True})
