"""Chat completions over a real connection: what goes out, what comes back."""

from __future__ import annotations

import base64
from typing import Any

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
from lauren_ai._transport.openai.endpoint import Endpoint, get_ollama_url
from lauren_ai.errors import AuthTransportError, StreamTruncatedError
from tests.servers import DONE, FakeOpenAI, raw, sse, text, thinking
from tests.support.wired import GO, Wired


@pytest.fixture
def provider() -> str:
    return "openai"


async def test_system_messages_images_and_tool_results_go_out_in_its_format(wired: Wired) -> None:
    image = ContentBlock.image_block(b"\x89PNG")
    result = ContentBlock.tool_result_block("c1", [ContentBlock.text_block("see"), image])
    calls = [ContentBlock.tool_use_block("c1", "f", {"é": 1})]
    messages = [
        Message("system", "Be kind."),
        Message.from_multimodal("user", ["look", image]),
        Message.assistant([ContentBlock.text_block("I look."), *calls]),
        Message("tool", [result, ContentBlock.text_block("and?")]),
    ]
    body = await wired.send(messages, system="Be brief.")
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}}
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"é":1}'}}
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": [{"type": "text", "text": "look"}, part]},
        {"role": "assistant", "content": "I look.", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "see"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "[Tool result 1 of 1 gave this:]"},
                part,
                {"type": "text", "text": "and?"},
            ],
        },
    ]


async def test_every_option_reaches_the_server(wired: Wired) -> None:
    schema = {"type": "object", "properties": {}}
    body = await wired.send(
        GO,
        tools=[ToolSchema("f", "does f", schema)],
        tool_choice=ToolChoice("any"),
        parallel_tool_calls=False,
        model="other",
        max_tokens=100,
        temperature=0.0,
        top_p=0.5,
        stop_sequences=["END"],
        reasoning_effort="low",
        request_options={"extra_body": {"seed": 1}},
    )
    function = {"name": "f", "description": "does f", "parameters": schema}
    assert body == {
        "model": "other",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "go"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "tools": [{"type": "function", "function": function}],
        "tool_choice": "required",
        "parallel_tool_calls": False,
        "temperature": 0.0,
        "top_p": 0.5,
        "stop": ["END"],
        "reasoning_effort": "low",
        "seed": 1,
    }


@pytest.mark.parametrize(
    ("model", "is_sent"),
    [("o4-mini", False), ("openai/o3", False), ("gpt-5", True), ("o", True), ("llama-o1x", True)],
)
async def test_models_that_refuse_parallel_tool_calls_are_not_sent_the_word(
    wired: Wired, model: str, is_sent: bool
) -> None:
    """They answer 400: "Unsupported parameter: 'parallel_tool_calls' is not supported …"."""
    tools = [ToolSchema("f", "does f", {"type": "object", "properties": {}})]
    body = await wired.send(GO, tools=tools, model=model, parallel_tool_calls=False)
    assert ("parallel_tool_calls" in body) is is_sent


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_of_compatible_servers_is_shown(wired: Wired, field: str) -> None:
    wired.server.reply(thinking("Hm so"), text("Hi"), reasoning_field=field)
    chunks = [c async for c in wired.service.complete_stream(GO)]
    assert "".join(c.reasoning_content_delta or "" for c in chunks) == "Hm so"
    assert "".join(c.delta for c in chunks) == "Hi"


async def test_usage_comes_from_the_wire_with_its_cache_figures(wired: Wired) -> None:
    usage = {
        "prompt_tokens": 120,
        "completion_tokens": 42,
        "prompt_tokens_details": {"cached_tokens": 100},
        "completion_tokens_details": {"reasoning_tokens": 30},
    }
    wired.server.reply(text("a"), usage=usage)
    final = [c async for c in wired.service.complete_stream(GO)][-1]
    assert final.usage is not None
    assert final.usage.input_tokens == 20
    assert final.usage.cache_read_tokens == 100
    assert final.usage.output_tokens == 42
    assert final.usage.reasoning_tokens == 30


async def test_usage_that_never_came_is_none(wired: Wired) -> None:
    wired.server.reply(text("a"), with_usage=False)
    final = [c async for c in wired.service.complete_stream(GO)][-1]
    assert final.stop_reason == "end_turn"
    assert final.usage is None


@pytest.mark.parametrize(
    ("sent", "given"),
    [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("content_filter", "content_filter"),
    ],
)
async def test_stop_reasons_keep_their_meaning(wired: Wired, sent: str, given: str) -> None:
    wired.server.reply(text("x"), finish_reason=sent)
    assert (await wired.service.complete(GO)).stop_reason == given


async def test_other_answers_and_unknown_events_are_kept_apart(wired: Wired) -> None:
    script = wired.server.script(text("Hello"))
    other = sse({"id": "x", "choices": [{"index": 1, "delta": {"content": "NO"}}]})
    odd = sse({"weather": 1})
    wired.server.queue(script.with_event(1, other).with_event(1, odd))
    completion = await wired.service.complete(GO)
    assert completion.content == "Hello"
    assert completion.provider_metadata["unknown_events"] == [{"weather": 1}]
    assert completion.provider_metadata["other_choices"] == [1]


async def test_done_without_a_finish_reason_ends_a_text_but_no_tool_call(wired: Wired) -> None:
    content = sse({"id": "x", "choices": [{"index": 0, "delta": {"content": "Hi"}}]})
    wired.server.queue(raw(content + DONE))
    assert (await wired.service.complete(GO)).stop_reason == "end_turn"
    function = {"name": "f", "arguments": "{}"}
    calls = [{"index": 0, "id": "c", "function": function}]
    call = sse({"id": "x", "choices": [{"index": 0, "delta": {"tool_calls": calls}}]})
    wired.server.queue(raw(call + DONE))
    with pytest.raises(StreamTruncatedError):
        await wired.service.complete(GO)


async def test_embeddings_come_in_the_order_of_the_texts(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await wired.service.embed(["a", "bbb"], model="e")
    assert [(e.index, e.vector[0], e.model) for e in found] == [(0, 1, "e"), (1, 3, "e")]
    body = b'{"data": [{"index": 1, "embedding": [2]}, {"index": 0, "embedding": [1]}]}'
    swapped = raw(body, content_type="application/json")
    monkeypatch.setattr(wired.server, "other", lambda request: swapped)
    assert [e.vector for e in await wired.service.embed(["a", "b"])] == [[1.0], [2.0]]


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b"<html>",
        b'{"data": null}',
        b'{"data": [{"index": 0}]}',
        b'{"data": [{"index": 5, "embedding": [1]}]}',
        b'{"data": [{"index": 0, "embedding": "QUJD"}]}',
        b'{"data": [{"index": 0, "embedding": [%d]}]}' % 10**400,
    ],
)
async def test_embeddings_of_another_shape_are_a_typed_error(
    wired: Wired, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    answer = raw(body, content_type="application/json")
    monkeypatch.setattr(wired.server, "other", lambda request: answer)
    with pytest.raises(TransportError):
        await wired.service.embed(["a"])


async def test_the_protocol_cannot_count_tokens_and_it_is_never_guessed(
    wired: Wired,
) -> None:
    with pytest.raises(TransportError, match="counts tokens"):
        await wired.service.count_tokens(GO)


async def test_openai_itself_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    service = LLMService.from_config(LLMConfig.for_openai("gpt"))
    with pytest.raises(AuthTransportError, match="OPENAI_API_KEY"):
        await service.complete(GO)


async def test_a_compatible_server_needs_none(
    openai_server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    openai_server.reply(text("ok"))
    config = LLMConfig.for_ollama("m", base_url=openai_server.url)
    service = LLMService.from_config(config)
    assert (await service.complete(GO)).provider == "ollama"
    assert "authorization" not in openai_server.requests[0].headers
    await service.close()


@pytest.mark.parametrize(
    ("given", "url"),
    [
        (None, "http://127.0.0.1:11434/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0:8000", "http://127.0.0.1:8000/v1"),
        ("box", "http://box:11434/v1"),
        ("https://box/ollama/", "https://box/ollama/v1"),
        ("http://box:1/v1", "http://box:1/v1"),
        ("https://me:pass@box/", "https://me:pass@box/v1"),
        ("me:pass@box:8000", "http://me:pass@box:8000/v1"),
    ],
)
def test_ollamas_address_may_be_written_as_its_users_write_it(
    given: str | None, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    assert get_ollama_url(given) == url
    if given:
        monkeypatch.setenv("OLLAMA_HOST", given)
        assert get_ollama_url() == url


@pytest.mark.parametrize("make", [LLMConfig.for_openai, LLMConfig.for_ollama])
async def test_an_addresss_user_and_password_are_sent_as_a_header_and_logged_nowhere(
    openai_server: FakeOpenAI,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    make: Any,
) -> None:
    """A server behind a proxy that asks for them: it could not be used at all."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-server")
    caplog.set_level(0)
    address = openai_server.base_url.replace("//", "//me:p%40ssword-0123@")
    service = LLMService.from_config(make("m", base_url=address, max_retries=0))
    openai_server.reply(text("ok"))
    await service.complete(GO)
    expected = base64.b64encode(b"me:p@ssword-0123").decode()
    assert openai_server.requests[0].headers["authorization"] == f"Basic {expected}"
    openai_server.queue(openai_server.error(401, "no p%40ssword-0123 here"))
    with pytest.raises(AuthTransportError) as caught:
        await service.complete(GO)
    assert "ssword-0123" not in str(caught.value)
    assert "ssword-0123" not in caplog.text
    await service.close()


def test_a_path_stands_before_the_query_of_an_address() -> None:
    endpoint = Endpoint("https://box.invalid/deployments/d/?api-version=1")
    expected = "https://box.invalid/deployments/d/chat/completions?api-version=1"
    assert endpoint.build_url("/chat/completions") == expected


async def test_what_a_delta_holds_besides_text_is_kept_and_breaks_nothing(wired: Wired) -> None:
    odd: list[dict[str, Any]] = [
        {"audio": {"data": "UklG"}},
        {"content": "", "annotations": [{"type": "url_citation"}]},
        {"reasoning": {"content": "Hm"}},
        {"role": "assistant", "content": None, "tool_calls": []},
    ]
    script = wired.server.script(text("Hello"))
    for delta in odd:
        script = script.with_event(1, sse({"id": "c", "choices": [{"index": 0, "delta": delta}]}))
    wired.server.queue(script)
    completion = await wired.service.complete(GO)
    assert completion.content == "Hello"
    assert completion.provider_metadata["unknown_deltas"] == [
        {"reasoning": {"content": "Hm"}},
        {"audio": {"data": "UklG"}},
    ]
    assert completion.provider_metadata["annotations"] == [{"type": "url_citation"}]


async def test_text_and_thinking_that_come_as_parts_are_told_apart(wired: Wired) -> None:
    """Mistral's servers send such."""
    thinking = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]}]
    script = wired.server.script(text("there"))
    for content in ([{"type": "text", "text": "Hello "}], thinking):
        value = {"id": "c", "choices": [{"index": 0, "delta": {"content": content}}]}
        script = script.with_event(1, sse(value))
    wired.server.queue(script)
    completion = await wired.service.complete(GO)
    assert completion.content == "Hello there"
    assert completion.thinking_blocks == [ContentBlock.thinking_block("Hm")]
