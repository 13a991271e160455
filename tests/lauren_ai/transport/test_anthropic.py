"""Anthropic's Messages API over a real connection: what goes out, what comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import pytest

from lauren_ai import (
    ContentBlock,
    LLMConfig,
    LLMService,
    Message,
    ToolChoice,
    ToolSchema,
    TransportError,
)
from lauren_ai._transport.anthropic.transport import AnthropicTransport
from tests.lauren_ai.conftest import GO, KEY, build_config
from tests.servers import FakeAnthropic, Raw, raw, redacted_thinking, sse, text, thinking, tool_call

SEARCH = {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {}}
RESULT = {"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": [{"url": "u"}]}
CITATION = {"type": "web_search_result_location", "cited_text": "é", "url": "u", "n": 1.5}


@pytest.fixture
async def service(anthropic_server: FakeAnthropic) -> AsyncIterator[LLMService]:
    config = build_config("anthropic", anthropic_server.base_url, max_retries=0)
    service = LLMService.from_config(config)
    yield service
    await service.close()


async def send(server: FakeAnthropic, service: LLMService, messages: Any, **options: Any) -> Any:
    """The body of the request that these options make."""
    server.reply(text("ok"))
    await service.complete(messages, **options)
    return server.requests[-1].body


async def test_what_only_the_provider_understands_goes_back_byte_for_byte(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    cited = Raw(
        {"type": "text", "text": "", "citations": []},
        (
            {"type": "text_delta", "text": "It is "},
            {"type": "citations_delta", "citation": CITATION},
            {"type": "text_delta", "text": "so."},
        ),
    )
    query = ({"type": "input_json_delta", "partial_json": '{"query": "q\\u00e9", "n": 1.0}'},)
    anthropic_server.reply(
        thinking("Let me see", signature=["sig", "na", "ture=="]),
        redacted_thinking("ZW5j"),
        Raw(SEARCH, query),
        Raw(RESULT),
        cited,
        tool_call("f", {"x": [1, {"y": None}]}, id="toolu_1"),
    )
    completion = await service.complete(GO)
    body = await send(anthropic_server, service, [*GO, completion.message()])
    assert body["messages"][1] == {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "Let me see", "signature": "signature=="},
            {"type": "redacted_thinking", "data": "ZW5j"},
            {**SEARCH, "input": {"query": "qé", "n": 1.0}},
            RESULT,
            {"type": "text", "text": "It is so.", "citations": [CITATION]},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"x": [1, {"y": None}]}},
        ],
    }
    assert completion.content == "It is so."
    assert [b.type for b in completion.thinking_blocks] == ["thinking", "redacted_thinking"]


async def test_a_thinking_block_that_was_cut_off_does_not_go_back(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    """A part of a signature makes the provider refuse the whole next request."""
    script = anthropic_server.script(thinking("Hm", signature=["sig", "nature"]), text("Hi"))
    cut = next(i for i, event in enumerate(script.events) if b'"nature"' in event)
    anthropic_server.queue(script.cut_at_event(cut))
    stream = service.complete_stream(GO)
    with pytest.raises(TransportError):
        async for _ in stream:
            pass
    history = [*GO, stream.completion.message()]
    body = await send(anthropic_server, service, history)
    assert body["messages"] == [{"role": "user", "content": "go"}]


async def test_system_messages_images_and_tool_results_go_out_in_its_format(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    image = ContentBlock.image_block(b"\x89PNG", media_type="image/png")
    linked = ContentBlock.image_block("", url="https://example.org/a.png")
    result = ContentBlock.tool_result_block(
        "toolu_1", [ContentBlock.text_block("see"), image], is_error=True
    )
    messages = [
        Message("system", "Be kind."),
        Message.from_multimodal("user", ["look", image, linked]),
        Message.assistant([ContentBlock.tool_use_block("toolu_1", "f", {})]),
        Message("tool", [result]),
    ]
    body = await send(anthropic_server, service, messages, system="Be brief.")
    assert body["system"] == "Be brief.\n\nBe kind."
    source = {"type": "base64", "media_type": "image/png", "data": "iVBORw=="}
    assert body["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "look"},
                {"type": "image", "source": source},
                {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}},
            ],
        },
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "toolu_1",
                    "content": [
                        {"type": "text", "text": "see"},
                        {"type": "image", "source": source},
                    ],
                    "is_error": True,
                }
            ],
        },
    ]


async def test_every_option_reaches_the_provider(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    schema = {"type": "object", "properties": {}}
    body = await send(
        anthropic_server,
        service,
        GO,
        tools=[ToolSchema("f", "does f", schema)],
        tool_choice=ToolChoice("tool", "f"),
        parallel_tool_calls=False,
        model="other",
        max_tokens=100,
        temperature=0.0,
        top_p=0.5,
        stop_sequences=["END"],
        reasoning_effort="low",
        thinking=True,
        thinking_budget_tokens=2000,
        request_options={"headers": {"x-extra": "1"}, "extra_body": {"metadata": {"a": 1}}},
    )
    assert body == {
        "model": "other",
        "max_tokens": 2100,
        "messages": [{"role": "user", "content": "go"}],
        "stream": True,
        "tools": [{"name": "f", "description": "does f", "input_schema": schema}],
        "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
        "temperature": 0.0,
        "top_p": 0.5,
        "stop_sequences": ["END"],
        "output_config": {"effort": "low"},
        "thinking": {"type": "enabled", "budget_tokens": 2000},
        "metadata": {"a": 1},
    }
    headers = anthropic_server.requests[-1].headers
    assert headers["x-extra"] == "1"
    assert headers["authorization"] == f"Bearer {KEY}"


async def test_usage_comes_from_the_wire_with_its_cache_figures(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    usage = {"input_tokens": 7, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20}
    anthropic_server.reply(text("a b"), usage=usage, output_tokens=42)
    final = [c async for c in service.complete_stream(GO)][-1]
    assert final.usage is not None
    assert final.usage.input_tokens == 7
    assert final.usage.cache_read_tokens == 100
    assert final.usage.cache_write_tokens == 20
    assert final.usage.output_tokens == 42
    assert final.usage.total_tokens == 169


async def test_usage_that_never_came_is_none(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    events = [
        {"type": "message_start", "message": {"id": "m"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    ]
    anthropic_server.queue(raw(b"".join(map(sse, events))))
    assert (await service.complete(GO)).usage is None


@pytest.mark.parametrize(
    ("sent", "given"),
    [
        ("end_turn", "end_turn"),
        ("max_tokens", "max_tokens"),
        ("refusal", "refusal"),
        ("pause_turn", "pause_turn"),
        ("model_context_window_exceeded", "context_window"),
        ("brand_new_reason", "brand_new_reason"),
    ],
)
async def test_stop_reasons_keep_their_meaning(
    anthropic_server: FakeAnthropic, service: LLMService, sent: str, given: str
) -> None:
    anthropic_server.reply(text("x"), stop_reason=sent)
    assert (await service.complete(GO)).stop_reason == given


async def test_what_is_new_in_the_stream_is_kept_and_breaks_nothing(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    unknown = sse({"type": "weather_event", "n": 1}, event="weather_event")
    odd = {"type": "glow_delta", "glow": 3}
    block = Raw({"type": "hologram", "data": "h"}, ({"type": "text_delta", "text": "in it"},))
    script = anthropic_server.script(text("Hello"), block)
    at = next(i for i, event in enumerate(script.events) if b"Hello" in event)
    delta = sse({"type": "content_block_delta", "index": 0, "delta": odd})
    anthropic_server.queue(script.with_event(at, delta).with_event(1, unknown))
    completion = await service.complete(GO)
    assert completion.content == "Hello"
    metadata = completion.provider_metadata
    assert metadata["unknown_events"] == [{"type": "weather_event", "n": 1}]
    assert [d["delta"]["type"] for d in metadata["unknown_deltas"]] == ["glow_delta", "text_delta"]
    body = await send(anthropic_server, service, [completion.message()])
    assert {"type": "hologram", "data": "h"} in body["messages"][0]["content"]


async def test_a_whole_json_answer_is_read_as_well(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    """Some gateways ignore `stream`; a tool's argument named "error" is no error."""
    whole = anthropic_server.script(text("Hi"), tool_call("f", {"error": "none"})).whole
    assert whole is not None
    anthropic_server.queue(raw(whole, content_type="application/json"))
    completion = await service.complete(GO)
    assert completion.tool_calls[0].input == {"error": "none"}


async def test_tokens_are_counted_by_the_provider(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    assert await service.count_tokens(GO, system="Be brief.") > 0
    body = anthropic_server.requests[-1].body
    assert sorted(body) == ["messages", "model", "system"]


async def test_a_count_of_another_shape_is_a_typed_error(
    anthropic_server: FakeAnthropic, service: LLMService, monkeypatch: pytest.MonkeyPatch
) -> None:
    for body in (b"[]", b'{"input_tokens": "many"}', b"<html>", b""):
        answer = raw(body, content_type="application/json")
        monkeypatch.setattr(anthropic_server, "other", lambda request, a=answer: a)
        with pytest.raises(TransportError, match="count tokens"):
            await service.count_tokens(GO)


async def test_it_has_no_embeddings_and_says_who_has(service: LLMService) -> None:
    with pytest.raises(TransportError, match="for_openai"):
        await service.embed(["a"])


async def test_a_client_of_the_users_own_is_used_and_left_open(
    anthropic_server: FakeAnthropic,
) -> None:
    client = anthropic.AsyncAnthropic(api_key="their-own-key", base_url=anthropic_server.base_url)
    config = LLMConfig.for_anthropic("m", max_retries=0)
    service = LLMService(AnthropicTransport(config, client=client), config)
    anthropic_server.reply(text("ok"))
    await service.complete(GO)
    await service.close()
    assert anthropic_server.requests[0].headers["authorization"] == "Bearer their-own-key"
    assert not client.is_closed()
    await client.close()


async def test_streams_that_start_together_share_one_client(
    anthropic_server: FakeAnthropic, service: LLMService, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    make = anthropic.AsyncAnthropic
    monkeypatch.setattr(anthropic, "AsyncAnthropic", lambda **kw: made.append(1) or make(**kw))
    anthropic_server.default = anthropic_server.script(text("ok"))
    await asyncio.gather(*(service.complete(GO) for _ in range(10)))
    assert len(made) == 1


async def test_arguments_of_any_size_keep_their_numbers(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    anthropic_server.reply(tool_call("f", {"n": 2**80}))
    completion = await service.complete(GO)
    body = await send(anthropic_server, service, [completion.message()])
    assert json.dumps(body).count(str(2**80)) == 1
