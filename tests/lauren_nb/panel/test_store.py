"""What a store has of a panel's conversation: the branch that is shown, and nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from lauren_ai import SQLiteConversationStore
from lauren_ai.errors import StorageError
from tests.servers import FakeAnthropic, text
from tests.support.panel_page import Make


async def test_conversation_of_a_file_goes_on_in_another_kernel(
    make_page: Make, anthropic_server: FakeAnthropic, tmp_path: Path
) -> None:
    anthropic_server.reply(text("One."))
    anthropic_server.reply(text("Two."))
    first = make_page(store=SQLiteConversationStore(tmp_path / "chat.db"))
    await first.chat.ask("first")
    second = make_page(store=SQLiteConversationStore(tmp_path / "chat.db"))
    await second.chat.load()
    assert second.path == [("first", "One.", "done")]
    await second.chat.ask("second")
    assert len(anthropic_server.requests[1].body["messages"]) == 3


async def test_clear_forgets_also_in_the_store(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    anthropic_server.reply(text("One."))
    await page.chat.ask("first")
    await page.chat.clear()
    assert page.path == []
    assert await page.chat._store.load("chat") == []
    assert page.messages[-1]["order"] == []


async def test_store_keeps_what_was_said_until_an_edited_question_is_answered(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    """Edited while the provider is away, and the kernel ends: nothing is lost."""
    page = make_page()
    anthropic_server.reply(text("One."))
    first = await page.chat.ask("first")
    anthropic_server.queue(anthropic_server.error(400, "away"))
    await page.chat.ask_again(first.id, "FIRST")
    kept = await page.chat._store.load("chat")
    assert [m.text() for m in kept] == ["first", "One."]
    assert page.path == [("FIRST", "", "error")]
    anthropic_server.reply(text("Two."))
    await page.chat.ask("second")
    assert [m["content"] for m in anthropic_server.requests[-1].body["messages"]] == ["second"]
    kept = await page.chat._store.load("chat")
    assert [m.text() for m in kept] == ["second", "Two."] == [m.text() for m in page.chat.messages]
    await page.chat.choose(first.id)
    anthropic_server.reply(text("Three."))
    await page.chat.ask("third")
    kept = await page.chat._store.load("chat")
    assert [m.text() for m in kept] == ["first", "One.", "third", "Three."]


async def test_store_that_fails_fails_the_turn_and_loses_no_question(
    make_page: Make, anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make_page()
    anthropic_server.reply(text("One."))
    first = await page.chat.ask("first")

    async def refuse(*args: object) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(page.chat._store, "save", refuse)
    page.say("edit", id=first.id, text="a long edited question", nonce="n1")
    await page.until(lambda: len(page.ended) == 2)
    [turn] = page.chat.tree.path()
    assert (turn.question, turn.view.status) == ("a long edited question", "error")
    assert turn.view.error is not None
    assert turn.view.error["message"] == "The disk is full."
    assert any(message.get("nonce") == "n1" for message in page.messages)
    assert len(anthropic_server.requests) == 1
