"""Thoughts that are bound to what stood before them: a conversation goes on whatever changes."""

from __future__ import annotations

import asyncio
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
    make_agent,
    tool,
)
from tests.servers import FakeAnthropic, text, thinking, tool_call
from tests.support.agents import add, build_agent, greet

MODEL = "claude-opus-5-5"


@pytest.fixture
async def service(anthropic_server: FakeAnthropic) -> AsyncIterator[LLMService]:
    url = anthropic_server.base_url
    config = LLMConfig.for_anthropic(MODEL, api_key="k", base_url=url, max_retries=0)
    service = LLMService.from_config(config)
    yield service
    await service.close()


class Talk:
    """One conversation through SQLite; each turn is made anew, as after a restart."""

    def __init__(self, server: FakeAnthropic, service: LLMService, path: Path) -> None:
        self.server, self.service, self.path = server, service, path
        self._turns = 0

    async def say(
        self, *tools: object, words: str = "go", call: bool = False, **options: Any
    ) -> Any:
        """The kinds of the blocks that were sent of each turn of the model."""
        self._turns += 1
        if call:
            made = tool_call("add", {"a": 1, "b": 2}, id=f"c{self._turns}")
            self.server.reply(thinking(f"plan {self._turns}", signature=[f"p{self._turns}"]), made)
        reply = thinking(f"thought {self._turns}", signature=[f"t{self._turns}"])
        self.server.reply(reply, text("Well. " + "x" * 400))
        system = options.pop("system", "You are a test.")
        runner = AgentRunnerBase(
            self.service, conversation_store=SQLiteConversationStore(self.path)
        )
        asked = make_agent(system, tools, **options)
        await runner.run(asked, words, conversation_id="c")
        messages = self.server.requests[-1].body["messages"]
        return [
            [block["type"] for block in m["content"]] for m in messages if m["role"] == "assistant"
        ]


@pytest.fixture
def talk(anthropic_server: FakeAnthropic, service: LLMService, tmp_path: Path) -> Talk:
    return Talk(anthropic_server, service, tmp_path / "talk.sqlite")


async def test_an_unchanged_conversation_keeps_every_thought(talk: Talk) -> None:
    await talk.say(add, call=True)
    await talk.say(add)
    sent = await talk.say(add, call=True)
    assert sent == [
        ["thinking", "tool_use"],
        ["thinking", "text"],
        ["thinking", "text"],
        ["thinking", "tool_use"],
    ]
    assert talk.server.refused == []


@pytest.mark.parametrize(
    "change",
    [{"system": "Answer in French."}, {"tools": (add, greet)}, {"tools": ()}],
    ids=["another system prompt", "a tool more", "no tools"],
)
async def test_a_change_before_them_leaves_the_old_thoughts_behind_and_keeps_new_ones(
    talk: Talk, change: dict[str, Any]
) -> None:
    """Refused: "The block is bound to a different conversation"."""
    await talk.say(add, call=True)
    options = dict(change)
    tools = options.pop("tools", (add,))
    assert await talk.say(*tools, **options) == [["tool_use"], ["text"]]
    assert await talk.say(*tools, **options) == [["tool_use"], ["text"], ["thinking", "text"]]
    assert talk.server.refused == []


async def test_a_window_that_moves_on_is_taken(talk: Talk) -> None:
    kinds = [await talk.say(words=f"turn {n}", memory_window_tokens=500) for n in range(12)]
    assert talk.server.refused == []
    assert max(map(len, kinds)) < 6  # it did move
    assert ["thinking", "text"] in kinds[-1] or ["thinking", "text"] in kinds[-2]


async def test_a_run_that_was_stopped_in_a_tool_goes_on(talk: Talk) -> None:
    started = asyncio.Event()

    @tool
    async def wait() -> str:
        """Wait."""
        started.set()
        await asyncio.sleep(60)
        return ""

    talk.server.reply(thinking("Hm", signature=["w"]), tool_call("wait", {}, id="w1"))
    runner = AgentRunnerBase(talk.service, conversation_store=SQLiteConversationStore(talk.path))
    running = asyncio.create_task(runner.run(build_agent(wait, add), "go", conversation_id="c"))
    await started.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await talk.say(wait, add)
    await talk.say(wait, add, call=True)
    assert talk.server.refused == []


async def test_thoughts_that_are_refused_all_the_same_stay_behind(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    """A history of another account's, or one that was kept before there were digests."""
    old = ContentBlock.thinking_block("Hm", signature="of-another-account")
    history = [
        Message.user("go"),
        Message.assistant([old, ContentBlock.text_block("Hello")]),
        Message.user("and?"),
    ]
    heard: list[str] = []
    anthropic_server.reply(text("Well"))
    completion = await service.complete(history, on_notice=heard.append)
    assert completion.content == "Well"
    assert len(anthropic_server.refused) == 1
    assert [line.split(": ")[1] for line in heard] == ["sent without them."]


async def test_another_claude_is_asked_without_the_firsts_thoughts_and_does_not_refuse(
    talk: Talk,
) -> None:
    await talk.say(add, call=True)
    await talk.say(add, model="claude-sonnet-5-5")
    await talk.say(add, model="claude-haiku-4-5")
    assert talk.server.refused == []
