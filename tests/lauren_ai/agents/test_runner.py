"""Runs over real connections: turns, tools, budgets, errors, hooks."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from lauren_ai import (
    AgentConfig,
    AgentContext,
    AgentResponse,
    AgentRunner,
    AgentRunnerBase,
    Completion,
    ContentBlock,
    LLMConfig,
    LLMService,
    Message,
    ToolResult,
    agent,
    tool,
    use_tools,
)
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import AgentBudgetExceededError, AgentConfigError, AgentMaxTurnsError
from tests.servers import FakeAnthropic, Raw, redacted_thinking, text, thinking, tool_call
from tests.support.agents import add, build_agent, collect, greet, results_of
from tests.support.history_rules import check_requests
from tests.support.wired import Wired

SEARCH = {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {"query": "q"}}
FOUND = {"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": []}


@pytest.fixture
def runner(wired: Wired) -> AgentRunnerBase:
    return AgentRunnerBase(wired.service)


async def test_a_run_calls_tools_until_the_model_answers(wired: Wired, runner: AgentRunner) -> None:
    wired.server.reply(text("Let me add."), tool_call("add", {"a": 1, "b": 2}))
    wired.server.reply(tool_call("greet", {"name": "Ada"}))
    wired.server.reply(text("It is 3, Ada."))
    response = await runner.run(build_agent(add, greet), "go")
    assert response.content == "It is 3, Ada."
    assert (response.turns, response.stop_reason) == (3, "end_turn")
    assert [(r.name, r.text, r.input) for r in response.tool_calls_made] == [
        ("add", "3", {"a": 1, "b": 2}),
        ("greet", "Hello Ada", {"name": "Ada"}),
    ]
    assert response.total_usage is not None
    assert response.total_usage.input_tokens == 75
    assert results_of(wired) == ["3", "Hello Ada"]
    check_requests(wired)


async def test_the_request_holds_system_tools_and_settings(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    wired.server.reply(text("ok"))
    asked = build_agent(add, model=wired.older_model, max_tokens_per_turn=77, temperature=0.5)
    await runner.run(asked, "go")
    body = wired.last_request.body
    assert body["max_tokens"] == 77
    assert body["temperature"] == 0.5
    assert "You are a test." in str(body)
    assert "add" in str(body["tools"])


async def test_a_message_of_parts_is_one_user_message(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    wired.server.reply(text("ok"))
    await runner.run(build_agent(), ["How are ", "you?"])
    assert wired.last_request.body["messages"][-1] == {"role": "user", "content": "How are you?"}


@pytest.mark.parametrize(
    ("image", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF....WEBPVP8 ", "image/webp"),
        (Image.new("RGB", (1, 1)), "image/png"),
    ],
)
async def test_images_go_along(
    wired: Wired, runner: AgentRunnerBase, image: Any, media_type: str
) -> None:
    wired.server.reply(text("ok"))
    await runner.run(build_agent(), ["Look: ", image])
    first, second = wired.last_request.body["messages"][-1]["content"]
    assert first["text"] == "Look: "
    assert media_type in str(second)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "  ",
        [],
        [object()],
        [b"no image"],
        [b"RIFF....WAVEfmt "],
        None,
        5,
        Message.user(" "),
        [ContentBlock.text_block(" ")],
    ],
)
async def test_a_message_that_says_nothing_is_refused_before_a_request(message: Any) -> None:
    config, mock = LLMConfig.for_testing()
    runner = AgentRunnerBase(LLMService(mock, config))
    with pytest.raises(AgentConfigError):
        runner.run_stream(build_agent(), message)
    assert mock.calls == []


async def test_max_turns_ends_the_run_without_running_the_last_calls(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    ran: list[int] = []

    @tool
    async def count(n: int) -> None:
        ran.append(n)

    for n in range(2):
        wired.server.reply(tool_call("count", {"n": n}))
    wired.server.reply(text("later"))
    asked = build_agent(count, max_turns=2)
    response = await runner.run(asked, "go", conversation_id="c")
    assert (response.stop_reason, response.turns, ran) == ("max_turns", 2, [0])
    assert [r.status for r in response.tool_calls_made] == ["done", "not_run"]
    with pytest.raises(AgentMaxTurnsError):
        response.raise_for_stop_reason()
    assert (await runner.run(asked, "go on", conversation_id="c")).content == "later"
    check_requests(wired)


async def test_the_budget_ends_the_run_before_another_turn(anthropic_server: FakeAnthropic) -> None:
    config = LLMConfig.for_anthropic(
        "claude-sonnet-4-6", api_key="k", base_url=anthropic_server.base_url
    )
    service = LLMService.from_config(config)
    usage = {"input_tokens": 1_000_000}
    model = "claude-sonnet-4-6"
    for n in range(2):
        anthropic_server.reply(
            tool_call("add", {"a": n, "b": 1}), usage=usage, model=model, output_tokens=0
        )
    anthropic_server.reply(text("done"), usage=usage, model=model)
    asked = build_agent(add, max_cost_usd=5.0)  # a million tokens cost 3 dollars
    response = await AgentRunnerBase(service).run(asked, "go")
    assert (response.stop_reason, response.turns) == ("budget_exceeded", 2)
    assert response.cost_usd == pytest.approx(6.0, rel=0.2)
    with pytest.raises(AgentBudgetExceededError):
        response.raise_for_stop_reason()
    await service.close()


async def test_a_budget_without_a_price_is_refused_before_a_request(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    with pytest.raises(AgentConfigError, match="price"):
        await runner.run(build_agent(max_cost_usd=1.0), "go")
    assert wired.server.requests == []


async def test_thinking_goes_back_in_order_with_its_signatures(
    anthropic_server: FakeAnthropic,
) -> None:
    url = anthropic_server.base_url
    config = LLMConfig.for_anthropic("claude-opus-4-5", api_key="k", base_url=url)
    service = LLMService.from_config(config)
    anthropic_server.reply(
        thinking("First.", signature=["ab", "cd"]),
        redacted_thinking("xyz"),
        text("So: "),
        tool_call("add", {"a": 1, "b": 2}),
    )
    anthropic_server.reply(thinking("Then."), text("3"))
    asked = build_agent(add, thinking=True, thinking_budget_tokens=2000, reasoning_effort="high")
    response = await AgentRunnerBase(service).run(asked, "go")
    first, second = anthropic_server.requests
    assert first.body["thinking"] == {"type": "enabled", "budget_tokens": 2000}
    assert first.body["output_config"] == {"effort": "high"}
    assert second.body["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "First.", "signature": "abcd"},
        {"type": "redacted_thinking", "data": "xyz"},
        {"type": "text", "text": "So: "},
        {"type": "tool_use", "id": "call_add", "name": "add", "input": {"a": 1, "b": 2}},
    ]
    assert response.reasoning_traces == ["First.", "Then."]
    await service.close()


async def test_a_paused_turn_goes_on(anthropic_server: FakeAnthropic) -> None:
    config = LLMConfig.for_anthropic("m", api_key="k", base_url=anthropic_server.base_url)
    service = LLMService.from_config(config)
    anthropic_server.reply(text("Searching"), Raw(SEARCH), stop_reason="pause_turn")
    anthropic_server.reply(Raw(FOUND), text(" and found."))
    anthropic_server.reply(text("Bye"))
    runner = AgentRunnerBase(service)
    stream = runner.run_stream(build_agent(), "go", conversation_id="c")
    chunks = await collect(stream)
    assert stream.text == "Searching and found."
    assert [c.stop_reason for c in chunks if c.stop_reason] == ["end_turn"]
    await runner.run(build_agent(), "more", conversation_id="c")
    roles = [m["role"] for m in anthropic_server.requests[2].body["messages"]]
    assert roles == ["user", "assistant", "user"]
    await service.close()


class Hooked:
    """Notes what its hooks are told."""

    def __init__(self) -> None:
        self.calls: list[Any] = []

    async def on_start(self, ctx: AgentContext) -> None:
        self.calls.append(("start", ctx.metadata["user"]))

    def on_turn_complete(self, completion: Completion, ctx: AgentContext) -> None:
        self.calls.append(("turn", ctx.turn, completion.stop_reason))

    def on_tool_result(self, result: ToolResult, ctx: AgentContext) -> Any:
        self.calls.append(("result", result.text))
        return f"<{result.text}>"

    async def on_finish(self, response: AgentResponse, ctx: AgentContext) -> None:
        self.calls.append(("finish", response.stop_reason))


async def test_hooks_see_the_run_and_may_replace_results(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    wired.server.reply(tool_call("add", {"a": 1, "b": 2}))
    wired.server.reply(text("ok"))
    hooked = use_tools(add)(agent(Hooked))()
    await runner.run(hooked, "go", metadata={"user": "u1"})
    assert hooked.calls == [
        ("start", "u1"),
        ("turn", 1, "tool_use"),
        ("result", "3"),
        ("turn", 2, "end_turn"),
        ("finish", "end_turn"),
    ]
    assert results_of(wired) == ["<3>"]


async def test_on_finish_is_called_when_the_provider_fails(
    wired: Wired, runner: AgentRunnerBase
) -> None:
    wired.server.queue(wired.server.error(400, "no"))
    hooked = agent(Hooked)()
    with pytest.raises(Exception, match="no"):
        await runner.run(hooked, "go", metadata={"user": 1})
    assert hooked.calls[-1] == ("finish", "error")


def test_an_unknown_option_of_a_run_is_refused_with_those_there_are() -> None:
    runner = AgentRunnerBase(MockTransport())
    with pytest.raises(TypeError, match=r"no option 'conversation'\. It has: conversation_id, "):
        runner.run_stream(build_agent(), "go", conversation="c")  # type: ignore[call-arg]


async def test_options_of_a_run_override_the_agent(wired: Wired, runner: AgentRunnerBase) -> None:
    wired.server.reply(text("ok"))
    wired.server.reply(text("ok"))
    asked, model = build_agent(temperature=0.1), wired.older_model
    await runner.run(asked, "go", config_override={"temperature": 0.9}, model_override=model)
    await runner.run(asked, "go", config_override=AgentConfig(max_tokens_per_turn=5))
    first, second = (r.body for r in wired.server.requests)
    assert (first["temperature"], first["model"]) == (0.9, model)
    assert "temperature" not in second
    with pytest.raises(AgentConfigError, match="temprature"):
        runner.run_stream(asked, "go", config_override={"temprature": 1})


@pytest.mark.parametrize(
    ("change", "system"),
    [
        ({"system_prompt": "Be brief."}, "Be brief."),
        (AgentConfig(system_prompt="Be brief."), "Be brief."),
        (AgentConfig(max_turns=2), "You are a test."),
        ({"max_turns": 2}, "You are a test."),
    ],
)
async def test_a_run_may_have_a_system_prompt_of_its_own(change: Any, system: str) -> None:
    config, mock = LLMConfig.for_testing()
    mock.queue_response("ok")
    runner = AgentRunnerBase(LLMService(mock, config))
    await runner.run(build_agent(), "go", config_override=change)
    assert mock.calls[0].system == system


async def test_a_bare_transport_brings_its_own_configuration(wired: Wired) -> None:
    model = wired.older_model
    options = {"extra_body": wired.extra}
    service = wired.build(model=model, temperature=0.3, request_options=options)
    wired.server.reply(text("ok"))
    await AgentRunnerBase(service.transport).run(build_agent(), "go")
    body = wired.last_request.body
    assert (body["model"], body["temperature"]) == (model, 0.3)
    assert body.items() >= wired.extra.items()
    await service.close()


async def test_a_transport_that_knows_no_model_needs_one_named(wired: Wired) -> None:
    class Other:
        provider = "other"
        stream = wired.service.transport.stream

    runner = AgentRunnerBase(Other())  # type: ignore[arg-type]
    with pytest.raises(AgentConfigError, match="names no model"):
        runner.run_stream(build_agent(), "go")
    wired.server.reply(text("ok"))
    assert (await runner.run(build_agent(model="m"), "go")).content == "ok"


async def test_an_agent_may_be_given_as_its_class(wired: Wired, runner: AgentRunnerBase) -> None:
    @agent(system="I am a class.")
    class Plain:
        pass

    wired.server.reply(text("ok"))
    await runner.run(Plain, "go")
    assert "I am a class." in str(wired.last_request.body)
    for other in (object(), object):
        with pytest.raises(AgentConfigError, match="not an agent"):
            runner.run_stream(other, "go")

    @agent
    class Needy:
        def __init__(self, database: str) -> None: ...

    with pytest.raises(AgentConfigError, match="Pass an instance"):
        runner.run_stream(Needy, "go")


async def test_an_agent_may_ask_for_more_attempts(wired: Wired, runner: AgentRunnerBase) -> None:
    busy = wired.server.error(503, "busy", headers={"retry-after-ms": "1", "retry-after": "0"})
    wired.server.queue(busy)
    wired.server.reply(text("ok"))
    notices: list[Any] = []
    stream = runner.run_stream(build_agent(transport_max_retries=1), "go")
    stream.on_retry = notices.append
    await collect(stream)
    assert stream.text == "ok"
    assert len(notices) == 1
