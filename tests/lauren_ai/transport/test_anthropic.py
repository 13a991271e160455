"""Anthropic's Messages API over a real connection: what goes out, what comes back."""

from __future__ import annotations

import asyncio
import json

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
from tests.servers import FakeAnthropic, Raw, raw, redacted_thinking, sse, text, thinking, tool_call
from tests.support.wired import GO, Wired

SEARCH = {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {}}
RESULT = {"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": [{"url": "u"}]}
CITATION = {"type": "web_search_result_location", "cited_text": "é", "url": "u", "n": 1.5}


@pytest.fixture
def provider() -> str:
    return "anthropic"


async def test_what_only_the_provider_understands_goes_back_byte_for_byte(wired: Wired) -> None:
    cited = Raw(
        {"type": "text", "text": "", "citations": []},
        (
            {"type": "text_delta", "text": "It is "},
            {"type": "citations_delta", "citation": CITATION},
            {"type": "text_delta", "text": "so."},
        ),
    )
    query = ({"type": "input_json_delta", "partial_json": '{"query": "q\\u00e9", "n": 1.0}'},)
    wired.server.reply(
        thinking("Let me see", signature=["sig", "na", "ture=="]),
        redacted_thinking("ZW5j"),
        Raw(SEARCH, query),
        Raw(RESULT),
        cited,
        tool_call("f", {"x": [1, {"y": None}]}, id="toolu_1"),
    )
    asked = {"model": "claude-opus-5-5", "thinking": True}
    completion = await wired.service.complete(GO, **asked)
    result = Message.user([ContentBlock.tool_result_block("toolu_1", "ok")])
    body = await wired.send([*GO, completion.message(), result], **asked)
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


async def test_a_thinking_block_that_was_cut_off_does_not_go_back(wired: Wired) -> None:
    """A part of a signature makes the provider refuse the whole next request."""
    script = wired.server.script(thinking("Hm", signature=["sig", "nature"]), text("Hi"))
    cut = next(i for i, event in enumerate(script.events) if b'"nature"' in event)
    wired.server.queue(script.cut_at_event(cut))
    stream = wired.service.complete_stream(GO)
    with pytest.raises(TransportError):
        async for _ in stream:
            pass
    history = [*GO, stream.completion.message()]
    body = await wired.send(history)
    assert body["messages"] == [{"role": "user", "content": "go"}]


async def test_system_messages_images_and_tool_results_go_out_in_its_format(wired: Wired) -> None:
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
    body = await wired.send(messages, system="Be brief.")
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


async def test_every_option_reaches_the_provider(wired: Wired) -> None:
    schema = {"type": "object", "properties": {}}
    body = await wired.send(
        GO,
        tools=[ToolSchema("f", "does f", schema)],
        tool_choice=ToolChoice("tool", "f"),
        parallel_tool_calls=False,
        model="claude-sonnet-5",
        max_tokens=100,
        stop_sequences=["END"],
        reasoning_effort="low",
        thinking=True,
        cache="1h",
        request_options={"extra_body": {"metadata": {"user_id": "a"}}},
    )
    assert body == {
        "model": "claude-sonnet-5",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "go"}],
        "stream": True,
        "tools": [{"name": "f", "description": "does f", "input_schema": schema}],
        "tool_choice": {"type": "tool", "name": "f", "disable_parallel_tool_use": True},
        "stop_sequences": ["END"],
        "output_config": {"effort": "low"},
        "thinking": {"type": "adaptive", "display": "summarized"},
        "cache_control": {"type": "ephemeral", "ttl": "1h"},
        "metadata": {"user_id": "a"},
    }


async def test_usage_comes_from_the_wire_with_its_cache_figures(wired: Wired) -> None:
    usage = {"input_tokens": 7, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20}
    wired.server.reply(text("a b"), usage=usage, output_tokens=42)
    final = [c async for c in wired.service.complete_stream(GO)][-1]
    assert final.usage is not None
    assert final.usage.input_tokens == 7
    assert final.usage.cache_read_tokens == 100
    assert final.usage.cache_write_tokens == 20
    assert final.usage.output_tokens == 42
    assert final.usage.total_tokens == 169


async def test_usage_that_never_came_is_none(wired: Wired) -> None:
    events = [
        {"type": "message_start", "message": {"id": "m"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    ]
    wired.server.queue(raw(b"".join(map(sse, events))))
    assert (await wired.service.complete(GO)).usage is None


@pytest.mark.parametrize(
    ("sent", "given"),
    [
        ("end_turn", "end_turn"),
        ("max_tokens", "max_tokens"),
        ("refusal", "refusal"),
        ("pause_turn", "pause_turn"),
        ("model_context_window_exceeded", "context_window"),
    ],
)
async def test_stop_reasons_keep_their_meaning(wired: Wired, sent: str, given: str) -> None:
    wired.server.reply(text("x"), stop_reason=sent)
    assert (await wired.service.complete(GO)).stop_reason == given


async def test_what_is_new_in_the_stream_is_kept_and_breaks_nothing(wired: Wired) -> None:
    unknown = sse({"type": "weather_event", "n": 1}, event="weather_event")
    odd = {"type": "glow_delta", "glow": 3}
    block = Raw({"type": "hologram", "data": "h"}, ({"type": "text_delta", "text": "in it"},))
    script = wired.server.script(text("Hello"), block)
    at = next(i for i, event in enumerate(script.events) if b"Hello" in event)
    delta = sse({"type": "content_block_delta", "index": 0, "delta": odd})
    wired.server.queue(script.with_event(at, delta).with_event(1, unknown))
    completion = await wired.service.complete(GO)
    assert completion.content == "Hello"
    metadata = completion.provider_metadata
    assert metadata["unknown_events"] == [{"type": "weather_event", "n": 1}]
    assert [d["delta"]["type"] for d in metadata["unknown_deltas"]] == ["glow_delta", "text_delta"]
    wired.server.strict = False  # this server knows it
    body = await wired.send([*GO, completion.message()])
    assert {"type": "hologram", "data": "h"} in body["messages"][1]["content"]


async def test_tokens_are_counted_by_the_provider(wired: Wired) -> None:
    assert await wired.service.count_tokens(GO, system="Be brief.") > 0
    body = wired.server.requests[-1].body
    assert sorted(body) == ["messages", "model", "system"]


async def test_a_count_of_another_shape_is_a_typed_error(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    for body in (b"[]", b'{"input_tokens": "many"}', b"<html>", b""):
        answer = raw(body, content_type="application/json")
        monkeypatch.setattr(wired.server, "other", lambda request, a=answer: a)
        with pytest.raises(TransportError, match="count tokens"):
            await wired.service.count_tokens(GO)


async def test_it_has_no_embeddings_and_says_who_has(wired: Wired) -> None:
    with pytest.raises(TransportError, match="for_openai"):
        await wired.service.embed(["a"])


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
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    make = anthropic.AsyncAnthropic
    monkeypatch.setattr(anthropic, "AsyncAnthropic", lambda **kw: made.append(1) or make(**kw))
    wired.server.default = wired.server.script(text("ok"))
    await asyncio.gather(*(wired.service.complete(GO) for _ in range(10)))
    assert len(made) == 1


async def test_arguments_of_any_size_keep_their_numbers(wired: Wired) -> None:
    wired.server.reply(tool_call("f", {"n": 2**80}))
    completion = await wired.service.complete(GO)
    [call] = completion.tool_calls
    result = Message.user([ContentBlock.tool_result_block(call.tool_use_id, "ok")])
    body = await wired.send([*GO, completion.message(), result])
    assert json.dumps(body).count(str(2**80)) == 1
