"""A file of conversations: several that write it, and long ones."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest

from lauren_ai import AgentRunnerBase, Message, SQLiteConversationStore
from lauren_ai._conversations import sqlite as module
from lauren_ai._conversations.memory import get_window
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import StorageError
from tests.support.agents import build_agent

EXCHANGE = [Message.user("q" * 40), Message.assistant("a" * 40)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "talk.db"


async def ask(path: Path, question: str) -> None:
    mock = MockTransport()
    mock.queue_response(f"{question} answered")
    runner = AgentRunnerBase(mock, conversation_store=SQLiteConversationStore(path))
    await runner.run(build_agent(), question, conversation_id="c")


async def test_runs_through_several_stores_of_one_file_queue_up(path: Path) -> None:
    await asyncio.gather(*[ask(path, str(n)) for n in range(10)])
    texts = [m.text() for m in await SQLiteConversationStore(path).load("c")]
    assert sorted(texts[::2]) == [str(n) for n in range(10)]
    assert texts[1::2] == [f"{question} answered" for question in texts[::2]]


async def test_a_turn_that_another_process_added_meanwhile_is_not_lost(path: Path) -> None:
    mock = MockTransport()
    mock.queue_stream(["mine"])
    runner = AgentRunnerBase(mock, conversation_store=SQLiteConversationStore(path))
    async for chunk in runner.run_stream(build_agent(), "my question", conversation_id="c"):
        if chunk.delta:  # this run has read its history, and not written it
            await SQLiteConversationStore(path).append("c", EXCHANGE)
    texts = [m.text() for m in await SQLiteConversationStore(path).load("c")]
    assert texts == [*[m.text() for m in EXCHANGE], "my question", "mine"]


async def test_threads_that_append_at_once_lose_nothing_and_part_nothing(path: Path) -> None:
    def work(name: str) -> None:
        store = SQLiteConversationStore(path)
        for n in range(10):
            added = [Message.user(f"{name}{n}"), Message.assistant(f"{name}{n}")]
            asyncio.run(store.append("c", added))

    threads = [threading.Thread(target=work, args=[name]) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    texts = [m.text() for m in await SQLiteConversationStore(path).load("c")]
    assert texts[::2] == texts[1::2]
    assert sorted(texts[::2]) == sorted(f"{name}{n}" for name in "abcd" for n in range(10))


async def test_a_long_conversation_is_read_no_further_than_its_window(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SQLiteConversationStore(path)
    history = EXCHANGE * 500
    await store.save("c", history)
    read: list[str] = []

    def decode(text: str) -> Message:
        read.append(text)
        return original(text)

    original = module.decode_message
    monkeypatch.setattr(module, "decode_message", decode)
    for tokens in (0, 13, 14, 100, 10**9):
        read.clear()
        window = await store.load_window("c", tokens)
        assert window == get_window(history, tokens)
        assert len(read) <= len(window) + 2


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "\0",
        '{"role":"robot","content":"x"}',
        '{"role":"user","content":{}}',
        '{"role":"user","content":[{"text":"of no type"}]}',
        '{"role":"user","content":[{"type":"text","text":5}]}',
        '{"role":"user","content":[{"type":"tool_use","input":"text"}]}',
        '{"role":"user","content":[{"type":"tool_result","content":[5]}]}',
    ],
)
async def test_a_damaged_message_is_a_storage_error(path: Path, body: str) -> None:
    store = SQLiteConversationStore(path)
    await store.save("c", EXCHANGE)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE messages SET body = ?", [body])
    for read in (store.load("c"), store.load_window("c", 10**6), ask(path, "go")):
        with pytest.raises(StorageError, match="delete"):
            await read


async def test_an_id_that_is_no_text_is_a_storage_error(path: Path) -> None:
    with pytest.raises(StorageError):
        await SQLiteConversationStore(path).load("lone \ud800")


async def test_a_store_keeps_its_file_when_the_directory_changes(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    store = SQLiteConversationStore("talk.db")
    await store.save("c", EXCHANGE)
    (path.parent / "else").mkdir()
    monkeypatch.chdir(path.parent / "else")
    assert await store.load("c") == EXCHANGE
