"""The part of a conversation that fits, and where it may be cut."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lauren_ai import (
    AgentRunnerBase,
    ContentBlock,
    InMemoryConversationStore,
    LLMConfig,
    LLMService,
    Message,
    ShortTermMemory,
    SQLiteConversationStore,
)
from lauren_ai._conversations.memory import estimate_tokens, get_window
from lauren_ai._profiles import get_profile
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import AgentConfigError
from tests.support.agents import build_agent


def exchange(n: int) -> list[Message]:
    """A question, a call, its result, an answer."""
    return [
        Message.user(f"question {n}"),
        Message.assistant([ContentBlock.tool_use_block(f"c{n}", "add", {"a": n})]),
        Message("user", [ContentBlock.tool_result_block(f"c{n}", str(n))]),
        Message.assistant(f"answer {n}"),
    ]


def test_a_window_begins_where_a_person_spoke() -> None:
    messages = [m for n in range(20) for m in exchange(n)]
    rng = random.Random(1)
    for _ in range(200):
        limit = rng.randrange(1, 700)
        window = get_window(messages, limit)
        assert sum(map(estimate_tokens, window)) <= limit
        assert window == messages[len(messages) - len(window) :]
        if window:
            assert window[0].text().startswith("question")


def test_a_window_is_as_large_as_it_may_be() -> None:
    messages = exchange(1) + exchange(2)
    whole = sum(map(estimate_tokens, messages))
    assert get_window(messages, whole) == messages
    assert get_window(messages, whole - 1) == messages[4:]


def test_a_windows_beginning_stays_for_turns_and_then_goes_on_by_a_block() -> None:
    """A provider's cache holds a prompt only while its beginning is the same; a window that lost
    one exchange a turn was paid in full, turn by turn."""
    messages: list[Message] = []
    beginnings = []
    for n in range(100):
        messages += exchange(n)
        window = get_window(messages, 300)
        beginnings.append(window[0].text())
        assert n < 10 or sum(map(estimate_tokens, window)) > 100
    moves = sum(a != b for a, b in pairwise(beginnings))
    assert 5 < moves < 40


def test_images_and_arguments_count() -> None:
    image = Message.user([ContentBlock.image_block(b"x")])
    assert estimate_tokens(image) > 1000
    call = Message.assistant([ContentBlock.tool_use_block("i", "n", {"text": "x" * 4000})])
    assert estimate_tokens(call) > 1000


def test_a_document_is_not_counted_as_text() -> None:
    """A PDF of a megabyte took the place of the whole window, and the next question missed it."""
    source = {"type": "base64", "media_type": "application/pdf", "data": "A" * 1_000_000}
    document = ContentBlock("document", raw={"type": "document", "source": source})
    assert 10_000 < estimate_tokens(Message.user([document])) < 30_000
    plain = {"type": "text", "media_type": "text/plain", "data": "word " * 10_000}
    note = ContentBlock("document", raw={"type": "document", "source": plain})
    assert estimate_tokens(Message.user([note])) > 10_000


def test_a_window_of_nothing_is_refused() -> None:
    with pytest.raises(AgentConfigError):
        ShortTermMemory(0)


async def test_a_memory_carries_a_conversation_from_run_to_run() -> None:
    mock, memory = MockTransport(), ShortTermMemory(20)
    runner = AgentRunnerBase(mock)
    for n in range(4):
        mock.queue_response(f"answer {n}")
        await runner.run(build_agent(), f"question {n}", memory=memory)
    assert len(memory) == 8
    assert [m.text() for m in mock.calls[1].messages] == ["question 0", "answer 0", "question 1"]
    assert [m.text() for m in mock.calls[3].messages] == ["question 2", "answer 2", "question 3"]
    memory.clear()
    assert memory.messages == []


def test_other_scripts_take_more_tokens_than_their_letters() -> None:
    assert estimate_tokens(Message.user("word" * 100)) == 104
    assert estimate_tokens(Message.user("слово" * 100)) > 200
    assert estimate_tokens(Message.user("语言" * 100)) == 154


@pytest.mark.parametrize("kind", ["memory", "store", "sqlite"])
async def test_a_run_says_how_many_turns_it_left_out(kind: str, tmp_path: Path) -> None:
    stores: dict[str, Any] = {
        "store": InMemoryConversationStore(),
        "sqlite": SQLiteConversationStore(tmp_path / "chat.db"),
    }
    messages = [m for n in range(12) for m in exchange(n)]
    mock, memory = MockTransport(), ShortTermMemory()
    options: dict[str, Any] = {"memory": memory}
    if kind == "memory":
        memory.extend(messages)
    else:
        await stores[kind].save("c", messages)
        options = {"conversation_id": "c", "conversation_store": stores[kind]}
    mock.queue_response("ok")
    agent = build_agent(memory_window_tokens=100)
    stream = AgentRunnerBase(mock).run_stream(agent, "go", **options)
    heard: list[str] = []
    stream.on_notice = heard.append
    async for _ in stream:
        pass
    seen = sum(m.text().startswith("question") for m in mock.calls[0].messages)
    assert 0 < seen < 12
    assert heard == [
        f"{12 - seen} earlier turns left out: the model's context has no room for them."
    ]


async def test_a_window_is_as_large_as_the_models_context_allows() -> None:
    """40,000 tokens for every model forgot what a model of a million could have read."""
    messages = [m for _ in range(40) for m in (Message.user("q" * 8_000), Message.assistant("a"))]
    for context, fits in ((1_000_000, 40), (20_000, range(3, 8)), (None, range(10, 20))):
        mock = MockTransport()
        mock.queue_response("ok")
        profile = get_profile("mock", "m").with_(context=context, max_output=5_000)
        service = LLMService(mock, LLMConfig("mock", "m", profile=profile))
        memory = ShortTermMemory()
        memory.extend(messages)
        await AgentRunnerBase(service).run(build_agent(), "go", memory=memory)
        seen = sum(m.text().startswith("q") for m in mock.calls[0].messages)
        assert seen == fits if isinstance(fits, int) else seen in fits
