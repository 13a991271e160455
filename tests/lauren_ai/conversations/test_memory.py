"""The part of a conversation that fits, and where it may be cut."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from lauren_ai import (
    AgentRunnerBase,
    ContentBlock,
    Message,
    ShortTermMemory,
)
from lauren_ai._conversations.memory import estimate_tokens, get_window
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
