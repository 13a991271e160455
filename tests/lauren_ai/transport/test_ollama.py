"""Ollama's own API, where /v1 lacks a word: what goes to it, and its lines as they come back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lauren_ai import ContentBlock, LLMConfig, LLMService, Message, ToolSchema
from lauren_ai.errors import TransportError
from tests.servers import FakeOpenAI, Request, Script, raw, text
from tests.support.wired import GO

LINES: list[dict[str, Any]] = [
    {"model": "qwen3", "message": {"role": "assistant", "content": "", "thinking": "Hm"}},
    {"model": "qwen3", "message": {"role": "assistant", "content": "Hé"}},
    {
        "model": "qwen3",
        "message": {
            "content": "",
            "tool_calls": [
                {"function": {"name": "add", "arguments": {"a": 1}}},
                {"function": {"name": "add", "arguments": {"a": 2}}},
            ],
        },
    },
    {
        "model": "qwen3",
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 20,
        "eval_count": 7,
    },
]
JPEG = ContentBlock.image_block(b"\xff\xd8\xff")
TOOL = ToolSchema("add", "Adds.", {"type": "object", "properties": {"a": {"type": "integer"}}})


def write(*lines: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


@pytest.fixture
def answers(openai_server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch) -> list[Script]:
    """What the server says on /api/chat, in order."""
    queue: list[Script] = []

    def answer(request: Request) -> Script:
        assert request.path == "/api/chat"
        return queue.pop(0)

    openai_server.strict = False
    monkeypatch.setattr(openai_server, "is_scripted", lambda path: False)
    monkeypatch.setattr(openai_server, "other", answer)
    return queue


def build(server: FakeOpenAI, **options: Any) -> LLMService:
    config = LLMConfig("ollama", "qwen3", base_url=server.base_url, max_retries=0, **options)
    return LLMService.from_config(config)


async def test_a_context_size_goes_to_its_own_api(
    openai_server: FakeOpenAI, answers: list[Script]
) -> None:
    answers.append(raw(write(*LINES), content_type="application/x-ndjson"))
    service = build(openai_server)
    stream = service.complete_stream(
        [
            Message.user("1+1?"),
            Message.assistant([ContentBlock.tool_use_block("c1", "add", {"a": 1})]),
            Message("tool", [ContentBlock.tool_result_block("c1", "2")]),
            Message.from_multimodal(
                "user", ["And this?", ContentBlock.image_block(b"\xff\xd8\xff")]
            ),
        ],
        tools=[TOOL],
        temperature=0.1,
        max_tokens=50,
        reasoning_effort="none",
        extra={"num_ctx": 32_768, "options": {"seed": 1}, "keep_alive": "1h"},
    )
    chunks = [chunk async for chunk in stream]
    await service.close()
    body = openai_server.requests[-1].body
    assert body["options"] == {
        "temperature": 0.1,
        "num_predict": 50,
        "num_ctx": 32_768,
        "seed": 1,
    }
    assert (body["think"], body["keep_alive"], body["stream"]) == (False, "1h", True)
    assert body["messages"][1:] == [
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"function": {"name": "add", "arguments": {"a": 1}}}],
        },
        {"role": "tool", "content": "2", "tool_name": "add"},
        {"role": "user", "content": "And this?", "images": ["/9j/"]},
    ]
    assert not body.keys() & {"tool_choice", "stream_options", "max_tokens", "num_ctx"}
    completion = stream.completion
    assert (completion.content, completion.stop_reason) == ("Hé", "tool_use")
    assert [call.input for call in completion.tool_calls] == [{"a": 1}, {"a": 2}]
    assert completion.thinking_blocks[0].text == "Hm"
    assert completion.usage is not None and completion.usage.total_tokens == 27
    assert sum(bool(chunk.delta) for chunk in chunks) == 1


async def test_its_failures_are_told_in_its_words(
    openai_server: FakeOpenAI, answers: list[Script]
) -> None:
    service = build(openai_server, request_options={"extra_body": {"num_ctx": 4096}})
    lines = write(LINES[1], {"error": "CUDA error: out of memory"})
    answers.append(raw(lines, content_type="application/x-ndjson"))
    with pytest.raises(TransportError, match="CUDA error: out of memory") as caught:
        await service.complete(GO)
    assert caught.value.partial_text == "Hé"
    answers.append(raw(write(*LINES[:2]), content_type="application/x-ndjson"))
    with pytest.raises(TransportError, match="without a finish reason"):
        await service.complete(GO)
    await service.close()


async def test_without_such_a_word_chat_completions_are_asked(openai_server: FakeOpenAI) -> None:
    openai_server.reply(text("ok"))
    service = build(openai_server)
    await service.complete(GO)
    await service.close()
    assert openai_server.requests[-1].path == "/v1/chat/completions"
