"""The transport that tests use: it says what was queued, through the same stream as the others."""

from __future__ import annotations

import dataclasses

import pytest

from lauren_ai import (
    CompletionChunk,
    Embedding,
    LLMConfig,
    LLMService,
    Message,
    TokenUsage,
)
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import EmptyQueueError, RateLimitTransportError, TransientTransportError
from tests.support.wired import GO


@pytest.fixture
def mock() -> MockTransport:
    return MockTransport()


@pytest.fixture
def service(mock: MockTransport) -> LLMService:
    return LLMService(mock, LLMConfig("mock", "m", max_retries=0))


async def test_for_testing_gives_a_configuration_and_its_transport() -> None:
    config, mock = LLMConfig.for_testing()
    mock.queue_response("Hi", usage=TokenUsage(3, 4))
    completion = await LLMService(mock, config).complete(GO, system="s")
    assert (completion.content, completion.usage) == ("Hi", TokenUsage(3, 4))
    assert mock.calls[0].messages == GO
    assert mock.calls[0].system == "s"


async def test_a_queued_stream_arrives_chunk_by_chunk_with_one_end(
    mock: MockTransport, service: LLMService
) -> None:
    mock.queue_stream(["a", CompletionChunk("b"), "c"])
    chunks = [c async for c in service.complete_stream(GO)]
    assert [c.delta for c in chunks] == ["a", "b", "c", ""]
    assert [c.stop_reason for c in chunks] == [None, None, None, "end_turn"]


@pytest.mark.parametrize(
    "chunks",
    [
        [
            "a",
            CompletionChunk(stop_reason="stop_sequence"),
            CompletionChunk(usage=TokenUsage(3, 1)),
        ],
        [
            CompletionChunk("a", usage=TokenUsage(3, 1)),
            CompletionChunk(stop_reason="stop_sequence"),
        ],
        [
            CompletionChunk("a", stop_reason="stop_sequence"),
            CompletionChunk(usage=TokenUsage(3, 1)),
        ],
        [CompletionChunk(stop_reason="stop_sequence", usage=TokenUsage(3, 1)), "a"],
    ],
    ids=["usage-late", "usage-early", "usage-after-text", "text-late"],
)
async def test_stop_reason_and_usage_come_once_and_together_in_whatever_order_they_are_queued(
    mock: MockTransport, service: LLMService, chunks: list[CompletionChunk | str]
) -> None:
    mock.queue_stream(chunks)
    stream = service.complete_stream(GO)
    assert [(c.delta, c.stop_reason, c.usage) async for c in stream] == [
        ("a", None, None),
        ("", "stop_sequence", TokenUsage(3, 1)),
    ]
    assert stream.completion.usage == TokenUsage(3, 1)


async def test_a_usage_that_was_not_queued_with_a_stop_reason_is_none(
    mock: MockTransport, service: LLMService
) -> None:
    mock.queue_stream(["a", CompletionChunk(stop_reason="end_turn")])
    assert (await service.complete(GO)).usage is None


async def test_an_error_in_a_queued_stream_carries_the_text_before_it(
    mock: MockTransport, service: LLMService
) -> None:
    mock.queue_stream(["Hel", "lo", TransientTransportError("gone")])
    with pytest.raises(TransientTransportError) as caught:
        await service.complete(GO)
    assert caught.value.partial_text == "Hello"


async def test_a_queued_error_is_raised_and_retried_as_a_real_one(mock: MockTransport) -> None:
    service = LLMService(mock, LLMConfig("mock", "m", max_retries=1))
    mock.queue_response(RateLimitTransportError("slow", retry_after=0))
    mock.queue_response("Hi")
    assert (await service.complete(GO)).content == "Hi"
    assert len(mock.calls) == 2


async def test_a_queued_tool_use_is_a_whole_call(mock: MockTransport, service: LLMService) -> None:
    mock.queue_tool_use("f", {"x": 1})
    mock.queue_tool_use("f", {}, tool_use_id="mine")
    first, second = await service.complete(GO), await service.complete(GO)
    assert first.stop_reason == "tool_use"
    assert (first.tool_calls[0].name, first.tool_calls[0].input) == ("f", {"x": 1})
    assert second.tool_calls[0].tool_use_id == "mine"


async def test_a_completion_can_be_played_again(mock: MockTransport, service: LLMService) -> None:
    mock.queue_stream(
        [
            CompletionChunk(thinking_delta="Hm", thinking_signature="sig"),
            CompletionChunk(redacted_thinking="ENC"),
            CompletionChunk("Hi"),
        ]
    )
    first = await service.complete(GO)
    mock.queue_response(first)
    second = await service.complete(GO)
    assert second.blocks == first.blocks
    assert second.usage == first.usage


async def test_structured_answers_are_json(mock: MockTransport, service: LLMService) -> None:
    import pydantic

    class Model(pydantic.BaseModel):
        x: int

    @dataclasses.dataclass
    class Plain:
        x: int

    for value in ({"x": 1}, Model(x=1), Plain(1)):
        mock.queue_structured(value)
        assert (await service.complete(GO)).content == '{"x":1}'


async def test_embeddings_and_counts(mock: MockTransport, service: LLMService) -> None:
    mock.queue_embed([[1, 2], [3, 4]])
    assert [e.vector for e in await service.embed(["a", "b"])] == [[1, 2], [3, 4]]
    mock.queue_embed([0.5, 0.25])
    assert [e.vector for e in await service.embed(["a"])] == [[0.5, 0.25]]
    mock.queue_embed([Embedding(0, [1.5], "another-model")])
    assert await service.embed(["a"]) == [Embedding(0, [1.5], "m")]
    assert await service.count_tokens([Message.user("three short words")]) == 3


async def test_an_empty_queue_says_how_to_fill_it(mock: MockTransport, service: LLMService) -> None:
    with pytest.raises(EmptyQueueError, match="queue_response"):
        await service.complete(GO)
    with pytest.raises(EmptyQueueError, match="queue_embed"):
        await service.embed(["a"])


async def test_reset_forgets_the_queue_and_the_calls(
    mock: MockTransport, service: LLMService
) -> None:
    mock.queue_response("old")
    await service.complete(GO)
    mock.queue_response("old")
    mock.reset()
    assert mock.calls == []
    with pytest.raises(EmptyQueueError):
        await service.complete(GO)
