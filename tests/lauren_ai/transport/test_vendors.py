"""What each vendor behind chat completions is sent: nothing that it refuses, and its own back.

The servers refuse as the vendors do (`tests/servers/rules/vendors`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
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
    ToolChoice,
    ToolSchema,
    TransportError,
    make_agent,
)
from tests.servers import FakeOpenAI, text, thinking, tool_call
from tests.support.agents import add
from tests.support.wired import GO

#: provider, the vendor's rules, models
SERVERS = (
    ("azure", "azure", "gpt-4.1 gpt-5 gpt-5.1 gpt-5.6-sol o4-mini"),
    ("openai", "openai", "gpt-4.1 gpt-5 gpt-5.1 gpt-5.4 o4-mini"),
    ("gemini", "gemini", "gemini-2.5-flash gemini-3-pro gemini-3.8-flash"),
    ("deepseek", "deepseek", "deepseek-v4-pro deepseek-v4-flash deepseek-chat"),
    ("moonshot", "kimi", "kimi-k2.5 kimi-k2.6 kimi-k2.7-code kimi-k3"),
    ("xai", "xai", "grok-3-mini grok-4 grok-4.3 grok-4.6 grok-5"),
    ("mistral", "mistral", "mistral-large-latest mistral-medium-latest magistral-medium-latest"),
    ("groq", "groq", "openai/gpt-oss-120b qwen/qwen3-32b meta-llama/llama-4-scout"),
    ("openrouter", "openrouter", "deepseek/deepseek-v4-pro google/gemini-3-pro openai/gpt-5"),
    ("ollama", "ollama", "qwen3:8b llama3.2:1b gpt-oss:20b"),
    ("openai", "vllm", "meta-llama/Llama-3.3-70B Qwen/Qwen3-8B"),
    ("openai", "llama", "smollm2"),
    ("openai", "compatible", "whatever"),
)
CASES = [(p, v, model) for p, v, models in SERVERS for model in models.split()]
TOOL = ToolSchema(
    "add", "Adds.", {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
)
SCHEMA = {
    "type": "object",
    "properties": {"age": {"type": "integer", "minimum": 0}, "name": {"type": "string"}},
    "required": ["name"],
}
ASKED: dict[str, dict[str, Any]] = {
    "plain": {"system": "Be brief.", "max_tokens": 300},
    "thinking": {"thinking": True},
    "no thinking": {"reasoning_effort": "none"},
    "much thinking": {"reasoning_effort": "max"},
    "sampling": {"temperature": 0.3, "top_p": 0.9},
    "sampling, thinking": {"temperature": 0.3, "thinking": True},
    "a tool": {"tools": [TOOL], "parallel_tool_calls": False},
    "a tool, thinking": {"tools": [TOOL], "thinking": True},
    "a forced tool": {"tools": [TOOL], "tool_choice": ToolChoice("any")},
    "an answer of a form": {"output_schema": SCHEMA},
    "an answer of a form, thinking": {"output_schema": SCHEMA, "thinking": True},
    "a stop": {"stop_sequences": ["END"]},
}


@pytest.fixture(params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest) -> tuple[str, str, str]:
    provider, vendor, model = request.param
    return provider, vendor, model


@pytest.fixture
async def server(case: tuple[str, str, str]) -> AsyncIterator[FakeOpenAI]:
    with FakeOpenAI(vendor=case[1]) as server:
        server.default = server.script(text("ok"))
        yield server


@pytest.fixture
async def service(case: tuple[str, str, str], server: FakeOpenAI) -> AsyncIterator[LLMService]:
    provider, _, model = case
    key = None if provider == "ollama" else "k"
    config = LLMConfig(provider, model, api_key=key, base_url=server.base_url, max_retries=0)
    service = LLMService.from_config(config)
    yield service
    await service.close()


async def test_nothing_is_refused_or_it_is_told_once(
    server: FakeOpenAI, service: LLMService
) -> None:
    """Each way of asking, one after another: what was refused once was learned, and said. No
    request is refused for more than the two fields of sampling."""
    answers_at_responses = service.get_profile(service.config.model).endpoint == "responses"
    for what, options in ASKED.items():
        if what == "a stop" and answers_at_responses:
            with pytest.raises(TransportError, match="takes no stop sequences"):
                await service.complete(GO, **options)
            continue
        heard: list[str] = []
        before = len(server.refused)
        await service.complete(GO, on_notice=heard.append, **options)
        assert len(server.refused) - before <= len(heard) <= 2, (what, server.refused)


async def test_a_conversation_with_tools_goes_on_through_sqlite(
    case: tuple[str, str, str], server: FakeOpenAI, service: LLMService, tmp_path: Path
) -> None:
    """Three turns with a tool each, stored and read again; the system prompt changes."""
    store = tmp_path / "talk.db"
    for turn in range(3):
        call = tool_call("add", {"a": 1, "b": turn}, id=f"call_{turn}")
        server.reply(thinking(f"I add {turn}."), call)
        server.reply(text("Done."))
        runner = AgentRunnerBase(service, conversation_store=SQLiteConversationStore(store))
        asked = make_agent(f"You are test {turn}.", [add])
        result = await runner.run(asked, "go", conversation_id="c")
        assert result.content == "Done."
    assert len(server.refused) <= 1, server.refused


FOREIGN = [
    *GO,
    Message.assistant(
        [
            ContentBlock.thinking_block("secret plan", signature="SIG=="),
            ContentBlock.tool_use_block("toolu_01A09q90qw90lq917835lq9", "add", {"a": 1}),
            ContentBlock.tool_use_block("toolu_01A09q90qw90lq917835lq8", "add", {"a": 2}),
        ]
    ),
    Message(
        "tool",
        [
            ContentBlock.tool_result_block("toolu_01A09q90qw90lq917835lq9", "1"),
            ContentBlock.tool_result_block("toolu_01A09q90qw90lq917835lq8", "2"),
        ],
    ),
]


@pytest.mark.parametrize("question", [False, True], ids=["goes on", "asked again"])
async def test_another_models_turns_are_taken_and_its_thoughts_stay_behind(
    server: FakeOpenAI, service: LLMService, question: bool
) -> None:
    history = [*FOREIGN, *([Message.user("And?")] if question else [])]
    await service.complete(history, tools=[TOOL])
    assert server.refused == [] or len(server.refused) == 1
    sent = str(server.requests[-1].body)
    assert "secret plan" not in sent and "SIG==" not in sent


@pytest.mark.parametrize("block", ["image", "document"])
async def test_images_and_documents_are_sent_or_refused_in_words(
    server: FakeOpenAI, service: LLMService, block: str
) -> None:
    """Never left out: the model would answer about nothing."""
    made = (
        ContentBlock.image_block(PNG)
        if block == "image"
        else ContentBlock.document_block(b"%PDF-1.4\n%%EOF", title="a.pdf")
    )
    try:
        await service.complete([Message.from_multimodal("user", ["What is it?", made])])
    except TransportError as error:
        assert "takes no" in str(error) or server.refused
        return
    body = server.requests[-1].body
    parts = (body.get("messages") or body["input"])[-1]["content"]
    kinds = {"image": ("image_url", "input_image"), "document": ("file", "input_file")}
    assert [part["type"] in kinds[block] for part in parts] == [False, True]


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c6360"
    "6060000000040001f61738550000000049454e44ae426082"
)
