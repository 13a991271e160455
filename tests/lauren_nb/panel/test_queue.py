"""What waits in a panel while an answer is written: order, edits, pauses, bounds."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import nbformat
import pytest

from lauren_nb.panel._inbox import check_message
from lauren_nb.panel._queue import MAX_QUEUED, MAX_TEXT, Queue
from tests.servers import FakeAnthropic, text
from tests.support.panel_page import Make, Page, hold_first


def told(page: Page) -> dict[str, Any]:
    """The last message about the whole panel."""
    return next(message for message in reversed(page.messages) if message["kind"] == "panel")


async def test_messages_wait_and_go_in_order(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    gate = await hold_first(page, anthropic_server)
    anthropic_server.reply(text("Two."))
    anthropic_server.reply(text("Three."))
    page.say("send", text="second", nonce="n2")
    page.say("send", text="second", nonce="n2")  # sent again by a page that heard nothing
    page.say("send", text="third", nonce="n3")
    await page.until(lambda: len(page.chat.queue) == 2)
    assert [q["text"] for q in told(page)["head"]["queued"]] == ["second", "third"]
    assert told(page)["nonce"] == "n3"
    gate.set()
    await page.until(lambda: len(page.ended) == 3)
    assert [turn[:2] for turn in page.path] == [
        ("first", "One."),
        ("second", "Two."),
        ("third", "Three."),
    ]
    assert told(page)["head"]["queued"] == []


async def test_waiting_message_is_edited_and_removed(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    gate = await hold_first(page, anthropic_server)
    anthropic_server.reply(text("Two."))
    page.say("send", text="wrong", nonce="n2")
    page.say("send", text="unwanted", nonce="n3")
    await page.until(lambda: len(page.chat.queue) == 2)
    wrong, unwanted = (q["id"] for q in told(page)["head"]["queued"])
    page.say("queue_edit", id=wrong, text="right")
    page.say("queue_remove", id=unwanted)
    await page.until(lambda: len(page.chat.queue) == 1)
    gate.set()
    await page.until(lambda: len(page.ended) == 2)
    assert [turn[0] for turn in page.path] == ["first", "right"]


async def test_stopped_answer_pauses_the_queue_until_a_person_goes_on(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    anthropic_server.queue(anthropic_server.script(text(["half ", "never"])).hanging(at=4))
    anthropic_server.reply(text("Two."))
    page.say("send", text="first", nonce="n1")
    await page.until(lambda: page.chat.tree.last and page.chat.tree.last.text)
    page.say("send", text="second", nonce="n2")
    await page.until(lambda: len(page.chat.queue))
    page.say("stop")
    await page.until(lambda: page.ended)
    await asyncio.sleep(0.05)
    assert [turn[0] for turn in page.path] == ["first"]
    assert told(page)["head"]["paused"] is True
    page.say("resume")
    await page.until(lambda: len(page.ended) == 2)
    assert page.path[1] == ("second", "Two.", "done")


async def test_what_is_queued_in_the_answer_after_a_failed_one_waits_for_it_and_is_not_paused(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    anthropic_server.queue(anthropic_server.error(400, "no"))
    gate = threading.Event()
    anthropic_server.queue(anthropic_server.script(text(["One", "."])).gated(3, gate))
    anthropic_server.reply(text("Two."))
    await page.chat.ask("failed")
    page.say("send", text="first", nonce="n1")
    await page.until(lambda: len(page.path) == 2)
    page.say("send", text="second", nonce="n2")
    await page.until(lambda: len(page.chat.queue))
    assert told(page)["head"]["paused"] is False
    gate.set()
    await page.until(lambda: len(page.ended) == 3)
    assert page.path[2] == ("second", "Two.", "done")


async def test_failed_answer_pauses_the_queue(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    gate = threading.Event()
    anthropic_server.queue(anthropic_server.script(text(["x", "y"])).gated(3, gate).cut_at_event(4))
    page.say("send", text="first", nonce="n1")
    await page.until(lambda: page.chat.tree.last)
    page.say("send", text="second", nonce="n2")
    await page.until(lambda: len(page.chat.queue))
    gate.set()
    await page.until(lambda: page.ended)
    assert page.ended == ["error"]
    assert told(page)["head"]["paused"] is True
    assert [q["text"] for q in told(page)["head"]["queued"]] == ["second"]


async def test_python_asks_before_what_waits_in_the_page(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    gate = await hold_first(page, anthropic_server)
    for answer in ("Two.", "Three."):
        anthropic_server.reply(text(answer))
    page.say("send", text="typed", nonce="n2")
    await page.until(lambda: len(page.chat.queue))
    sent = asyncio.ensure_future(page.chat.ask("from Python"))
    await asyncio.sleep(0)
    gate.set()
    await sent
    await page.until(lambda: len(page.ended) == 3)
    assert [turn[0] for turn in page.path] == ["first", "from Python", "typed"]


async def test_clearing_forgets_what_waits(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    anthropic_server.queue(anthropic_server.script(text(["half ", "never"])).hanging(at=4))
    page.say("send", text="first", nonce="n1")
    await page.until(lambda: page.chat.tree.last)
    page.say("send", text="second", nonce="n2")
    await page.until(lambda: len(page.chat.queue))
    await page.chat.clear()
    assert (page.path, len(page.chat.queue)) == ([], 0)


def test_queue_has_a_bound_that_it_names() -> None:
    queue = Queue()
    for number in range(MAX_QUEUED):
        queue.add(str(number))
    with pytest.raises(Exception, match="20 messages wait already"):
        queue.add("one more")


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ("send", "it is a str"),
        ({}, "its kind is 'None'"),
        ({"kind": ["send"]}, "its kind is"),
        ({"kind": "eval", "text": "1"}, "its kind is 'eval'"),
        ({"kind": "send", "text": 7, "nonce": "n"}, "send has no text 'text'"),
        ({"kind": "send", "text": "x" * (MAX_TEXT + 1), "nonce": "n"}, "the limit is 400,000"),
        ({"kind": "older", "id": None}, "older has no text 'id'"),
    ],
)
def test_wrong_message_of_a_page_is_refused_and_logged(
    message: object, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert check_message(message) is None
    assert problem in caplog.text


async def test_page_gets_the_conversation_as_a_notebook(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    anthropic_server.reply(text("Do:\n\n```python\n1\n```"))
    await page.chat.ask("How?")
    page.say("export", format="ipynb", nonce="n9")
    await page.until(lambda: any(m["kind"] == "file" for m in page.messages))
    file = next(m for m in page.messages if m["kind"] == "file")
    made = nbformat.reads(file["text"], as_version=4)
    assert file["name"] == "chat.ipynb"
    assert [cell.cell_type for cell in made.cells] == ["markdown", "markdown", "markdown", "code"]
