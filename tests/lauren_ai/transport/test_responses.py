"""OpenAI's Responses over a real connection, and through agents, stores and other models."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lauren_ai import (
    AgentRunnerBase,
    ContentBlock,
    LLMConfig,
    LLMService,
    Message,
    SQLiteConversationStore,
    ToolSchema,
    TransportError,
    agent,
    tool,
    use_tools,
)
from lauren_ai._http.response import WireResponse
from lauren_ai._profiles import get_profile
from lauren_ai.errors import AuthTransportError, RateLimitTransportError
from tests.servers import FakeOpenAI, Request, Script
from tests.servers import text as chat_text
from tests.support.responses_bodies import body, call, end, message, reasoning
from tests.support.wired import GO, KEY

MODEL = "gpt-6-sol"


class FakeResponses(FakeOpenAI):
    """`POST /v1/responses` plays the queue, and holds each request to the API's rules."""

    def is_scripted(self, path: str) -> bool:
        return path == "/v1/responses"

    def answer(self, *written: Any, **ending: Any) -> None:
        self.queue(Script(tuple(body(*written, **ending)), headers={"x-request-id": "req_1"}))

    def other(self, request: Request) -> Script:
        if request.path == "/v1/responses/input_tokens":
            counted = {"object": "response.input_tokens", "input_tokens": 17}
            return Script((json.dumps(counted).encode(),), content_type="application/json")
        if request.path == "/v1/chat/completions":
            return FakeOpenAI().script(chat_text("by chat"))
        return super().other(request)

    @property
    def inputs(self) -> list[list[dict[str, Any]]]:
        return [request.body["input"] for request in self.requests]


def check_pairs(items: list[dict[str, Any]]) -> None:
    """What the API refuses of a history: calls without results, results without calls, thoughts
    without what they led to."""
    calls = [i["call_id"] for i in items if i.get("type") == "function_call"]
    results = [i["call_id"] for i in items if i.get("type") == "function_call_output"]
    assert sorted(calls) == sorted(results)
    for item, following in zip(items, [*items[1:], {}], strict=True):
        if item.get("type") == "reasoning":
            assert item["encrypted_content"]
            assert following.get("type") in ("reasoning", "message", "function_call")


@pytest.fixture
def server() -> Iterator[FakeResponses]:
    with FakeResponses() as made:
        yield made


def build_config(server: FakeResponses, **options: Any) -> LLMConfig:
    profile = get_profile("openai", MODEL)
    options = {"max_retries": 0, "timeout": 10, "profile": profile, **options}
    return LLMConfig.for_openai(MODEL, api_key=KEY, base_url=server.base_url, **options)


@pytest.fixture
async def service(server: FakeResponses) -> AsyncIterator[LLMService]:
    made = LLMService.from_config(build_config(server))
    yield made
    await made.close()


@tool
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


@agent(model=MODEL, system="Be exact.", thinking=True)
@use_tools(add)
class Adder: ...


async def test_an_answer_streams_from_the_responses_endpoint(
    server: FakeResponses, service: LLMService
) -> None:
    server.answer(reasoning("I think."), message("Hello", " there"))
    stream = service.complete_stream(GO, thinking=True, system="Be brief.")
    chunks = [chunk async for chunk in stream]
    assert [c.thinking_delta for c in chunks if c.thinking_delta] == ["I t", "hink."]
    assert [c.delta for c in chunks if c.delta] == ["Hello", " there"]
    assert chunks[-1].stop_reason == "end_turn"
    assert stream.completion.request_id == "req_1"
    [request] = server.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.body["reasoning"] == {"effort": "medium", "summary": "auto"}
    assert request.body["instructions"] == "Be brief."
    assert request.body["store"] is False


async def test_an_agents_thoughts_and_calls_go_back_in_order_also_after_a_restart(
    server: FakeResponses, tmp_path: Path
) -> None:
    first = [reasoning("I add.", id="rs_1"), call("add", '{"a": 1, "b": 2}', id="fc_1")]
    second = [reasoning(id="rs_2", encrypted="gB=="), call("add", '{"a":3,"b":3}', id="fc_2")]
    third = [reasoning(id="rs_3", encrypted="gC=="), message("6", id="msg_1")]
    second[1][0]["call_id"] = "call_2"
    for written in (first, second, third, [message("Bye.", id="msg_2")]):
        server.answer(*written)
    for question in ("1 + 2 + 3?", "Thanks."):  # a runner, a service and a store of its own each
        service = LLMService.from_config(build_config(server))
        store = SQLiteConversationStore(tmp_path / "chats.db")
        runner = AgentRunnerBase(service, conversation_store=store)
        response = await runner.run(Adder(), question, conversation_id="c")
        await service.close()
    assert response.content == "Bye."
    for items in server.inputs:
        check_pairs(items)
    made = [item for item, _ in (*first, *second, *third)]
    last = server.inputs[-1]
    assert [i for i in last if i.get("type") not in (None, "function_call_output")] == made
    assert [i["output"] for i in last if i.get("type") == "function_call_output"] == ["3", "6"]
    assert [r.body["instructions"] for r in server.requests] == ["Be exact."] * 4


async def test_a_call_that_was_cut_off_leaves_a_history_that_is_taken(
    server: FakeResponses, service: LLMService
) -> None:
    cut = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    server.answer(reasoning(), message("I add."), reasoning(id="rs_2"), call("add", "{}"), **cut)
    server.answer(message("Once more."))
    runner = AgentRunnerBase(service)
    first = await runner.run(Adder(), "1 + 2?", conversation_id="c")
    assert first.stop_reason == "max_tokens"
    await runner.run(Adder(), "Go on.", conversation_id="c")
    check_pairs(server.inputs[-1])
    assert [i.get("id") for i in server.inputs[-1]] == [None, "rs_1", "msg_1", None]


async def test_tokens_are_counted_by_the_provider(
    server: FakeResponses, service: LLMService
) -> None:
    assert await service.count_tokens(GO, system="Be brief.") == 17
    assert server.requests[-1].body == {
        "model": MODEL,
        "instructions": "Be brief.",
        "input": [{"role": "user", "content": "go"}],
    }


async def test_a_refusal_of_the_provider_is_told_in_its_words(
    server: FakeResponses, service: LLMService
) -> None:
    server.queue(server.error(400, "Unsupported parameter: 'x'."), server.error(401, "Bad key"))
    with pytest.raises(TransportError, match="Unsupported parameter: 'x'"):
        await service.complete(GO)
    with pytest.raises(AuthTransportError, match="OPENAI_API_KEY"):
        await service.complete(GO)


async def test_a_failure_in_mid_stream_keeps_the_text(
    server: FakeResponses, service: LLMService
) -> None:
    error = {"code": "rate_limit_exceeded", "message": "Slow down."}
    events = body(message("So far"))
    server.queue(Script((*events[:-1], end(status="failed", error=error))))
    with pytest.raises(RateLimitTransportError, match=r"Slow down") as failure:
        await service.complete(GO)
    assert failure.value.partial_text == "So far"
    assert failure.value.provider == "openai"


async def test_what_cannot_be_sent_is_an_error_and_no_request(
    server: FakeResponses, service: LLMService
) -> None:
    block = ContentBlock("audio", source={"type": "base64"})
    with pytest.raises(TransportError, match="takes no block of type 'audio'") as failure:
        await service.complete([Message.user([block])])
    assert failure.value.provider == "openai"
    with pytest.raises(TransportError, match="stop sequences"):
        await service.complete(GO, stop_sequences=["END"])
    assert server.requests == []


async def test_another_model_of_the_same_service_is_asked_as_it_wants_to_be(
    server: FakeResponses, service: LLMService
) -> None:
    """The profile is that of the configuration's model alone."""
    assert (await service.complete(GO, model="llama-3")).content == "by chat"
    with pytest.raises(TransportError, match="no endpoint that counts"):
        await service.count_tokens(GO, model="llama-3")


class Spy:
    """Stands where a cassette does, and keeps what would go over the wire."""

    def __init__(self, *events: bytes) -> None:
        self.events = events
        self.asked: list[Any] = []

    def open(self, request: Any, opener: Any, secrets: Any) -> Any:
        self.asked.append(request)

        @asynccontextmanager
        async def opened() -> AsyncIterator[WireResponse]:
            async def chunks() -> AsyncIterator[bytes]:
                for event in self.events:
                    yield event

            yield WireResponse(200, {}, chunks())

        return opened()


@pytest.mark.parametrize(
    ("base_url", "environment", "model", "path"),
    [
        (None, None, "gpt-6.1-terra", "/responses"),
        (None, None, "gpt-4.1", "/responses"),
        ("https://api.openai.com/v1", None, "gpt-7-of-next-year", "/responses"),
        ("http://127.0.0.1:9/v1", None, "gpt-6.1-terra", "/chat/completions"),
        (None, "http://127.0.0.1:9/v1", "gpt-6.1-terra", "/chat/completions"),
        ("https://api.deepseek.com", None, "deepseek-v4-pro", "/chat/completions"),
    ],
)
async def test_openais_own_models_at_its_own_address_are_asked_at_responses(
    monkeypatch: pytest.MonkeyPatch,
    base_url: str | None,
    environment: str | None,
    model: str,
    path: str,
) -> None:
    if environment:
        monkeypatch.setenv("OPENAI_BASE_URL", environment)
    script = body(message("ok")) if path == "/responses" else FakeOpenAI().script(chat_text("ok"))
    spy = Spy(*(script if isinstance(script, list) else script.events))
    config = LLMConfig.for_openai(model, api_key=KEY, base_url=base_url)
    service = LLMService.from_config(config, cassette=spy)  # type: ignore[arg-type]
    tools = [ToolSchema("f", "does f", {"type": "object", "properties": {}})]
    assert (await service.complete(GO, tools=tools)).content == "ok"
    assert [request.path for request in spy.asked] == [path]
