"""Every code sample of the streaming document runs as it is written, and every statement holds.

Imports, decorators and objects that a sample leaves out are added around it, never in it.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import fields
from typing import Any, get_type_hints

import httpx
import pytest
from lauren import Request, get, post
from pydantic import BaseModel

from lauren_ai import (
    AgentRunner,
    AgentRunnerBase,
    CompletionChunk,
    LLMConfig,
    LLMService,
    Message,
    PendingApproval,
    TokenUsage,
    ToolCallDelta,
    agent,
    tool,
    use_tools,
)
from lauren_ai.web import AgentModule, EventStream, LLMModule
from tests.servers import FakeAnthropic, FakeOpenAI, text, thinking, tool_call
from tests.spec.samples import DOCUMENT, extract_samples, run_sample
from tests.support.web_app import build_app, serve

SAMPLES = extract_samples(DOCUMENT)
(
    JOIN_DELTAS,
    FORWARD_AGENT,
    AGENT_KEYWORDS,
    LLM_STREAM,
    CHAT_CONTROLLER,
    COMPLETION_CONTROLLER,
    CHAIN_STREAM,
    STOP_AND_USAGE,
    THINKING,
) = SAMPLES


Provider = FakeAnthropic | FakeOpenAI


@pytest.fixture(params=["anthropic", "openai"])
def provider(request: pytest.FixtureRequest) -> Provider:
    server: Provider = request.getfixturevalue(f"{request.param}_server")
    return server


@pytest.fixture
async def llm(provider: Provider) -> AsyncIterator[LLMService]:
    make: Callable[..., LLMConfig] = (
        LLMConfig.for_anthropic if isinstance(provider, FakeAnthropic) else LLMConfig.for_openai
    )
    config = make("test-model", api_key="test-key", base_url=provider.base_url, max_retries=0)
    service = LLMService.from_config(config)
    yield service
    await service.close()


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@agent
@use_tools(add)
class AssistantAgent:
    """You are a helpful assistant."""


class CompletionBody(BaseModel):
    prompt: str
    system: str | None = None
    max_tokens: int = 100


def sent(provider: Provider, number: int = -1) -> dict[str, Any]:
    body: dict[str, Any] = provider.requests[number].body
    return body


def told_system(provider: Provider) -> str:
    body = sent(provider)
    if isinstance(provider, FakeAnthropic):
        return str(body.get("system", ""))
    return "".join(m["content"] for m in body["messages"] if m["role"] == "system")


def test_the_document_has_nine_samples_and_each_is_taken_whole() -> None:
    assert len(SAMPLES) == DOCUMENT.count("\npython\n") == 9
    last_lines = [sample.splitlines()[-1] for sample in SAMPLES]
    assert last_lines == [
        "    full_text += chunk.delta",
        "            yield chunk.delta  # forward to client",
        '    print(chunk.delta, end="", flush=True)',
        '    print(chunk.delta, end="", flush=True)',
        "        return EventStream(generate())",
        "        return EventStream(generate())",
        '    print(chunk.delta, end="", flush=True)',
        'print(f"\\nStop: {stop_reason}, tokens: {total_input_tokens}+{total_output_tokens}")',
        "        response_text += chunk.delta",
    ]


def test_a_chunk_has_the_fields_of_the_documents_table() -> None:
    kinds = r"((?:str|ToolCallDelta|TokenUsage|PendingApproval)(?: \\\| None)?)"
    rows = re.findall(rf"^([a-z_]+?){kinds}(?=[A-Z])", DOCUMENT, re.MULTILINE)
    assert len(rows) == 6
    table = {name: kind.replace("\\|", "|") for name, kind in rows}
    known = {
        "str": str,
        "str | None": str | None,
        "ToolCallDelta | None": ToolCallDelta | None,
        "TokenUsage | None": TokenUsage | None,
        "PendingApproval | None": PendingApproval | None,
    }
    hints = get_type_hints(CompletionChunk)
    assert [field.name for field in fields(CompletionChunk)][: len(table)] == list(table)
    assert {name: hints[name] for name in table} == {n: known[k] for n, k in table.items()}
    empty = CompletionChunk()
    assert empty.delta == "" and all(getattr(empty, n) is None for n in table if n != "delta")


async def test_joining_the_deltas(provider: Provider, llm: LLMService) -> None:
    provider.reply(text("A whole answer."))
    stream = await llm.complete_stream([Message.user("hi")])
    names = await run_sample(JOIN_DELTAS, stream=stream)
    assert names["full_text"] == "A whole answer."


async def test_forwarding_an_agents_text(provider: Provider, llm: LLMService) -> None:
    provider.reply(text("Let me add. "), tool_call("add", {"a": 2, "b": 3}))
    provider.reply(text("It is 5."))
    names = await run_sample(FORWARD_AGENT)
    names["runner"] = AgentRunnerBase(llm)
    deltas = [d async for d in names["stream_agent_response"](AssistantAgent(), "2 + 3?")]
    assert "".join(deltas) == "Let me add. It is 5."
    assert len(deltas) > 2 and len(provider.requests) == 2


async def test_run_stream_takes_the_keywords_of_run(
    provider: Provider, llm: LLMService, capsys: pytest.CaptureFixture[str]
) -> None:
    runner = AgentRunnerBase(llm)
    for answer in ("Qubits.", "And then?"):
        provider.reply(text(answer))
        await run_sample(AGENT_KEYWORDS, runner=runner, agent=AssistantAgent())
    assert capsys.readouterr().out == "Qubits.And then?"
    roles = [m["role"] for m in sent(provider)["messages"] if m["role"] != "system"]
    assert roles == ["user", "assistant", "user"]  # the conversation_id means something
    run, stream = (
        set(inspect.signature(f).parameters)
        for f in (AgentRunnerBase.run, AgentRunnerBase.run_stream)
    )
    assert run == stream


async def test_both_options_of_the_llm_service_stream(
    provider: Provider, llm: LLMService, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.reply(text("Knock, knock."))
    await run_sample(LLM_STREAM, llm=llm)
    assert capsys.readouterr().out == "Knock, knock."
    # The sample makes a stream by each option and reads the second: only what is read is sent.
    assert len(provider.requests) == 1 and sent(provider)["stream"] is True
    first_half = LLM_STREAM[: LLM_STREAM.index("# Option 2")]
    provider.reply(text("Who is there?"))
    names = await run_sample(f"{first_half}\n{JOIN_DELTAS}", llm=llm)
    assert names["full_text"] == "Who is there?"


def read_sse(body: str) -> list[str]:
    """The data of each event, as a browser joins its lines."""
    return [
        "\n".join(line.removeprefix("data: ") for line in event.split("\n"))
        for event in body.removesuffix("\n\n").split("\n\n")
    ]


async def test_the_agents_controller(provider: Provider, llm: LLMService) -> None:
    names = await run_sample(
        CHAT_CONTROLLER,
        get=get,
        Request=Request,
        EventStream=EventStream,
        AssistantAgent=AssistantAgent,
    )
    llm_module = LLMModule.for_root(llm.config)
    agents = AgentModule.for_root(agents=[AssistantAgent], imports=[llm_module])
    provider.reply(text("I add."), tool_call("add", {"a": 2, "b": 3}))
    provider.reply(text([" It is", "\n5."]))
    with serve(build_app(names["ChatController"], imports=[agents])) as url:
        async with httpx.AsyncClient() as client:
            response = await client.get(f"{url}/chat/stream", params={"message": "2 + 3?"})
    assert response.headers["content-type"].startswith("text/event-stream")
    *deltas, done = read_sse(response.text)
    assert "".join(deltas) == "I add. It is\n5." and done == "[DONE]"
    asked = next(m for m in sent(provider, 0)["messages"] if m["role"] == "user")
    assert "2 + 3?" in str(asked["content"])


async def test_the_llm_services_controller(provider: Provider, llm: LLMService) -> None:
    names = await run_sample(
        COMPLETION_CONTROLLER, post=post, CompletionBody=CompletionBody, EventStream=EventStream
    )
    llm_module = LLMModule.for_root(llm.config)
    provider.reply(text(["Once", " upon\n\na", " time"]))
    body = {"prompt": "A story", "system": "Be brief.", "max_tokens": 7}
    with serve(build_app(names["CompletionController"], imports=[llm_module])) as url:
        async with httpx.AsyncClient() as client:
            response = await client.post(f"{url}/complete/stream", json=body)
    assert read_sse(response.text) == ["Once", " upon\n\na", " time", "[DONE]"]
    assert told_system(provider) == "Be brief."
    assert 7 in (sent(provider).get("max_tokens"), sent(provider).get("max_completion_tokens"))


async def test_a_chain_streams_from_its_first_llm_step(
    provider: Provider, llm: LLMService, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.reply(text("Unit 7 dipped its brush."))
    await run_sample(CHAIN_STREAM, llm=llm)
    assert capsys.readouterr().out == "Unit 7 dipped its brush."
    question = sent(provider)["messages"][-1]
    assert "Write a short story about a robot who learns to paint." in str(question["content"])


async def test_the_stop_reason_and_the_usage_of_the_final_chunk(
    provider: Provider, llm: LLMService, capsys: pytest.CaptureFixture[str]
) -> None:
    provider.reply(text("four words in all"))
    stream = await llm.complete_stream([Message.user("hi")])
    await run_sample(STOP_AND_USAGE, stream=stream)
    output = stream.completion.usage.output_tokens  # as the server told
    assert capsys.readouterr().out == f"four words in all\nStop: end_turn, tokens: 25+{output}\n"


async def test_only_the_final_chunk_has_a_stop_reason_and_a_usage(
    provider: Provider, llm: LLMService
) -> None:
    for source in (
        llm.complete_stream([Message.user("hi")]),
        AgentRunnerBase(llm).run_stream(AssistantAgent(), "hi"),
    ):
        provider.reply(text("some words"))
        chunks = [chunk async for chunk in source]
        assert chunks[-1].stop_reason == "end_turn" and chunks[-1].usage is not None
        assert all(c.stop_reason is None and c.usage is None for c in chunks[:-1])


async def test_thinking_comes_before_the_response(anthropic_server: FakeAnthropic) -> None:
    @agent(thinking=True, model="claude-test")
    class Thinker:
        """Think first."""

    config = LLMConfig.for_anthropic("m", api_key="k", base_url=anthropic_server.base_url)
    runner: AgentRunner[Any] = AgentRunnerBase(LLMService.from_config(config))
    anthropic_server.reply(thinking("Hm, let me see."), text("It is 5."))
    stream = await runner.run_stream(Thinker(), "2 + 3?")
    names = await run_sample(THINKING, stream=stream)
    assert names["thinking_text"] == "Hm, let me see."
    assert names["response_text"] == "It is 5."
    assert anthropic_server.requests[0].body["thinking"]["type"] in ("enabled", "adaptive")
