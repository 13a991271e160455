"""What an answer without an end may have used, and a limit of cost that ends one."""

from __future__ import annotations

import pytest

from lauren_ai import (
    AgentRunnerBase,
    CompletionChunk,
    LLMConfig,
    LLMService,
    Message,
    TokenUsage,
    TransportError,
)
from lauren_ai._streaming.stream import CompletionStream
from lauren_ai._transport._mock import MockTransport
from tests.servers import text
from tests.support.agents import add, build_agent
from tests.support.wired import GO, Wired

MODEL = "claude-sonnet-4-6"  # $3 and $15 a million
WORDS = "word" * 25  # 25 tokens


async def leave_after(stream: CompletionStream, count: int) -> TokenUsage | None:
    async for _ in stream:
        count -= 1
        if count == 0:
            break
    await stream.aclose()
    return stream.completion.usage


async def test_an_answer_that_was_left_has_an_estimated_usage(wired: Wired) -> None:
    wired.server.reply(text([WORDS] * 40))
    question = [Message.user("q" * 4_000)]
    usage = await leave_after(wired.service.complete_stream(question), 3)
    assert usage is not None and usage.is_estimated
    assert usage.output_tokens >= 75
    if wired.name == "openai":  # Anthropic tells its input at the start
        assert 1_000 <= usage.input_tokens <= 1_010
    wired.server.reply(text("whole"))
    whole = (await wired.service.complete(GO)).usage
    assert whole is not None and not whole.is_estimated
    assert (whole + usage).is_estimated


async def test_a_refused_request_has_no_usage_and_one_that_broke_off_has(wired: Wired) -> None:
    for reply, is_known in (
        (wired.server.error(400, "no"), False),
        (wired.server.script(text([WORDS] * 4)).cut_at_event(3), True),
    ):
        wired.server.queue(reply)
        stream = wired.service.complete_stream(GO)
        with pytest.raises(TransportError):
            async for _ in stream:
                pass
        assert (stream.completion.usage is not None) == is_known


def serve(*texts: str) -> tuple[MockTransport, LLMService]:
    mock = MockTransport()
    for one in texts:
        mock.queue_stream([CompletionChunk(c) for c in one.split("|")])
    return mock, LLMService(mock, LLMConfig("mock", MODEL))


async def test_an_answer_ends_at_its_limit_of_cost() -> None:
    _, service = serve("|".join([WORDS] * 100))  # 2,500 tokens: $0.0375
    stream = service.complete_stream(GO, max_tokens=4_000)
    stream.limit_usd = 0.01
    heard: list[str] = []
    stream.on_notice = heard.append
    chunks = [chunk async for chunk in stream]
    assert chunks[-1].stop_reason == stream.completion.stop_reason == "budget_exceeded"
    usage = stream.completion.usage
    assert usage is chunks[-1].usage and usage is not None and usage.is_estimated
    cost = usage.cost_usd(MODEL)
    assert cost is not None and 0.01 < cost < 0.0105
    assert heard == [
        "This request may cost up to $0.06, with an answer of 4,000 tokens: more than the $0.0100 "
        "that the limit leaves. It is stopped when it does."
    ]


async def test_a_run_ends_with_what_was_written_within_its_limit() -> None:
    mock = MockTransport()
    mock.queue_tool_use("add", {"a": 1, "b": 2})
    mock.queue_stream([CompletionChunk(WORDS) for _ in range(100)])
    service = LLMService(mock, LLMConfig("mock", MODEL))
    agent = build_agent(add, max_cost_usd=0.01)
    response = await AgentRunnerBase(service).run(agent, "go")
    assert response.stop_reason == "budget_exceeded" and response.turns == 2
    assert response.content.startswith(WORDS) and len(response.content) < 75 * len(WORDS)
    assert response.cost_usd is not None and 0.01 < response.cost_usd < 0.0105
    assert response.total_usage is not None and response.total_usage.is_estimated
    assert response.messages[-1].role == "assistant"


async def test_what_is_within_its_limit_is_neither_warned_of_nor_ended() -> None:
    _, service = serve("Hello|!")
    stream = service.complete_stream(GO, max_tokens=10)
    stream.limit_usd = 0.01
    stream.on_notice = lambda said: pytest.fail(said)
    chunks = [chunk async for chunk in stream]
    assert chunks[-1].stop_reason == "end_turn" and stream.completion.usage is not None
    assert not stream.completion.usage.is_estimated
