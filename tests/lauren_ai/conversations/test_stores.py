"""Conversations that outlive a run: kept whole, queued, in memory and on disk."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from lauren_ai import (
    AgentRunnerBase,
    ContentBlock,
    ConversationStore,
    InMemoryConversationStore,
    Message,
    SQLiteConversationStore,
)
from lauren_ai._conversations.conversation import OneReader
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import StorageError
from tests.servers import text, tool_call
from tests.support.agents import add, build_agent
from tests.support.history_rules import check_requests
from tests.support.wired import Wired

RICH = [
    Message.user("hi \U0001f600"),
    Message.assistant(
        [
            ContentBlock.thinking_block("hm", signature="sig"),
            ContentBlock("redacted_thinking", raw={"type": "redacted_thinking", "data": "x"}),
            ContentBlock.text_block("So"),
            ContentBlock.tool_use_block("c1", "add", {"big": 2**80, "list": [None, 1.5]}),
        ]
    ),
    Message(
        "user",
        [
            ContentBlock.tool_result_block(
                "c1", [ContentBlock.text_block("3"), ContentBlock.image_block(b"png")]
            ),
            ContentBlock.tool_result_block("c2", "no", is_error=True),
        ],
    ),
]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ConversationStore:
    if request.param == "memory":
        return InMemoryConversationStore()
    return SQLiteConversationStore(tmp_path / "talk.db")


async def test_what_is_saved_is_loaded(store: ConversationStore) -> None:
    assert list(await store.load("a")) == []
    await store.save("a", RICH)
    await store.save("b", RICH[:1])
    assert list(await store.load("a")) == RICH
    await store.save("a", RICH[:2])
    assert list(await store.load("a")) == RICH[:2]
    await store.delete("a")
    await store.delete("a")
    assert list(await store.load("a")) == []
    assert list(await store.load("b")) == RICH[:1]


async def test_a_loaded_list_is_the_readers_own(store: ConversationStore) -> None:
    await store.save("a", RICH)
    list(await store.load("a")).clear()
    loaded = await store.load("a")
    assert isinstance(loaded, list)
    loaded.clear()
    assert list(await store.load("a")) == RICH


async def test_lone_surrogates_do_not_break_a_store(tmp_path: Path) -> None:
    store = SQLiteConversationStore(tmp_path / "talk.db")
    await store.save("a", [Message.user("a\ud800b")])
    assert (await store.load("a"))[0].text() == "a�b"


async def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    path = tmp_path / "no.db"
    path.write_text("this is no database, whatever its name says " * 50)
    with pytest.raises(StorageError, match=r"no\.db"):
        await SQLiteConversationStore(path).load("a")
    with pytest.raises(StorageError, match=r"nowhere"):
        await SQLiteConversationStore(tmp_path / "nowhere" / "x.db").load("a")
    with pytest.raises(StorageError, match="InMemory"):
        SQLiteConversationStore(":memory:")


async def test_what_json_cannot_hold_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    store = SQLiteConversationStore(tmp_path / "talk.db")
    await store.save("a", RICH)
    bad = Message.assistant([ContentBlock.tool_use_block("c", "n", {"x": object()})])
    with pytest.raises(StorageError):
        await store.save("a", [*RICH, bad])
    assert await store.load("a") == RICH


async def test_a_conversation_goes_on_in_the_given_store(store: ConversationStore) -> None:
    for n in range(3):
        mock = MockTransport()
        mock.queue_response(f"answer {n}")
        runner = AgentRunnerBase(mock, conversation_store=store)
        await runner.run(build_agent(), f"question {n}", conversation_id="c")
    assert [m.text() for m in mock.calls[0].messages] == [
        "question 0",
        "answer 0",
        "question 1",
        "answer 1",
        "question 2",
    ]


async def test_without_a_store_the_runner_remembers(wired: Wired) -> None:
    runner = AgentRunnerBase(wired.service)
    for word in ("one", "two"):
        wired.server.reply(text(word))
        await runner.run(build_agent(), word, conversation_id="c")
    contents = str(wired.last_request.body["messages"])
    assert contents.count("one") == 2
    wired.server.reply(text("x"))
    await runner.run(build_agent(), "else", conversation_id="other")
    assert "one" not in str(wired.last_request.body["messages"])


async def test_two_runs_on_one_conversation_queue_and_lose_nothing(wired: Wired) -> None:
    runner = AgentRunnerBase(wired.service)
    gate = threading.Event()
    wired.server.queue(wired.server.script(text("first answer")).gated(2, gate))
    wired.server.reply(text("second answer"))
    wired.server.reply(text("third answer"))
    wired.server.reply(text("end"))
    runs = [
        asyncio.ensure_future(runner.run(build_agent(), f"{n} question", conversation_id="c"))
        for n in ("first", "second", "third")
    ]
    await asyncio.to_thread(wired.server.wait_request)
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(wired.server.requests) == 1  # the others wait, and have sent nothing
    gate.set()
    await asyncio.gather(*runs)
    await runner.run(build_agent(), "last", conversation_id="c")
    messages = wired.last_request.body["messages"]
    texts = [
        m["content"] if isinstance(m["content"], str) else m["content"][0]["text"]
        for m in messages
        if m["role"] != "system"
    ]
    assert [t.split()[0] for t in texts] == "first first second second third third last".split()
    check_requests(wired)


async def test_a_history_with_calls_goes_to_a_run_without_tools(wired: Wired) -> None:
    """Anthropic refuses calls in the history of a request that defines no tools."""
    runner = AgentRunnerBase(wired.service)
    wired.server.reply(tool_call("add", {"a": 1, "b": 1}))
    wired.server.reply(text("2"))
    wired.server.reply(text("bye"))
    await runner.run(build_agent(add), "go", conversation_id="c")
    await runner.run(build_agent(), "go on", conversation_id="c")
    body = wired.last_request.body
    assert "add" in str(body["tools"])
    assert "none" in str(body["tool_choice"])
    check_requests(wired)


async def test_a_run_that_got_no_answer_leaves_the_conversation_as_it_was(wired: Wired) -> None:
    runner = AgentRunnerBase(wired.service)
    wired.server.reply(text("hello"))
    wired.server.queue(wired.server.error(401, "bad key"))
    wired.server.reply(text("bye"))
    await runner.run(build_agent(), "one", conversation_id="c")
    with pytest.raises(Exception, match="bad key"):
        await runner.run(build_agent(), "two", conversation_id="c")
    await runner.run(build_agent(), "two again", conversation_id="c")
    assert str(wired.last_request.body["messages"]).count("two") == 1
    check_requests(wired)


async def test_one_reader_passes_at_a_time_over_threads_and_loops() -> None:
    readers, inside, most, passed = OneReader(), 0, 0, 0

    async def one() -> None:
        nonlocal inside, most, passed
        await readers.acquire("k")
        inside += 1
        most = max(most, inside)
        try:
            await asyncio.sleep(0)
            passed += 1
        finally:
            inside -= 1
            readers.release("k")

    async def many() -> None:
        tasks = [asyncio.ensure_future(one()) for _ in range(50)]
        await asyncio.sleep(0)
        for task in tasks[::3]:  # some are cancelled as they wait
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    threads = [threading.Thread(target=asyncio.run, args=[many()]) for _ in range(4)]
    for thread in threads:
        thread.start()
    await many()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    assert most == 1
    assert passed >= 5 * 33
    assert readers._waiting == {}


async def test_a_long_history_is_not_copied_into_what_a_run_adds() -> None:
    store = InMemoryConversationStore()
    await store.save("c", [Message.user("q"), Message.assistant("a")] * 5_000)
    mock = MockTransport()
    for n in range(3):
        mock.queue_tool_use("add", {"a": n, "b": 1})
    mock.queue_response("end")
    runner = AgentRunnerBase(mock, conversation_store=store)
    asked = build_agent(add, memory_window_tokens=10**9)
    response = await runner.run(asked, "go", conversation_id="c")
    assert [len(call.messages) for call in mock.calls] == [10_001, 10_003, 10_005, 10_007]
    assert len(response.messages) == 8
    loaded = await store.load("c")
    assert len(loaded) == 10_008
    first: Any = loaded[0]
    assert all(call.messages[0] is first for call in mock.calls)
