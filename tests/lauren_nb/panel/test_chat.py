"""A panel's conversation over a loopback provider: what runs, what is kept, what pages are told."""

from __future__ import annotations

import asyncio
import json
import threading

from lauren_ai import tool
from lauren_nb._errors import OptionError
from tests.servers import FakeAnthropic, text, tool_call
from tests.support.panel_page import Make, Page


async def test_second_question_brings_the_first_along(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    anthropic_server.reply(text("One."))
    anthropic_server.reply(text("Two."))
    await page.chat.ask("first")
    await page.chat.ask("second")
    assert page.path == [("first", "One.", "done"), ("second", "Two.", "done")]
    sent = anthropic_server.requests[1].body["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "user"]
    assert page.ended == ["done", "done"]
    assert [m.text() for m in page.chat.messages] == ["first", "One.", "second", "Two."]


async def test_texts_before_and_after_a_call_are_parted_by_a_blank_line(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    @tool
    def look(day: str) -> str:
        """Look a day up."""
        return "sunny"

    page = make_page(tools=[look])
    anthropic_server.reply(text("Let me look.\n"), tool_call("look", {"day": "Friday"}))
    anthropic_server.reply(text("**Friday** is sunny."))
    turn = await page.chat.ask("Which day?")
    assert turn.text == "Let me look.\n\n**Friday** is sunny."


async def test_usage_is_the_sum_of_all_branches(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    for answer in ("One.", "Other."):
        anthropic_server.reply(text(answer), usage={"input_tokens": 10}, output_tokens=5)
    first = await page.chat.ask("first")
    await page.chat.ask_again(first.id, "first")
    assert (page.chat.usage.input_tokens, page.chat.usage.output_tokens) == (20, 10)
    assert page.messages[-1]["head"]["usage"]["input_tokens"] == 20


async def test_edited_question_branches_and_the_other_branch_comes_back(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    for answer in ("One.", "Two.", "Other.", "Three."):
        anthropic_server.reply(text(answer))
    first = await page.chat.ask("first")
    await page.chat.ask("second")
    await page.chat.ask_again(first.id, "FIRST")
    assert page.path == [("FIRST", "Other.", "done")]
    assert len(anthropic_server.requests[2].body["messages"]) == 1
    await page.chat.choose(first.id)
    await page.chat.ask("third")
    assert [question for question, _, _ in page.path] == ["first", "second", "third"]
    assert len(anthropic_server.requests[3].body["messages"]) == 5


async def test_page_gets_numbered_messages_and_a_stream_that_adds_up(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    words = [f"word{i} " for i in range(200)]
    anthropic_server.reply(text(words))
    page.say("attach")
    page.say("send", text="go", nonce="n1")
    await page.until(lambda: page.ended)
    panel = [m for m in page.messages if m["kind"] == "panel"]
    assert [m["seq"] for m in panel] == list(range(len(panel)))
    assert panel[1]["nonce"] == "n1"
    assert [entry["question"] for entry in panel[1]["entries"]] == ["go"]
    assert panel[1]["head"]["running"] and not panel[-1]["head"]["running"]
    assert "".join(op[1] for op in page.find_ops("text")) == "".join(words)
    deltas = [m for m in page.messages if m["kind"] == "turn" and m["message"]["kind"] == "delta"]
    assert len(deltas) < len(words) / 4


async def test_message_that_comes_twice_asks_once(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    anthropic_server.reply(text("One."))
    page.say("send", text="go", nonce="n1")
    page.say("send", text="go", nonce="n1")
    page.say("send", text="   ", nonce="n2")
    await page.until(lambda: page.ended)
    assert len(page.path) == 1


async def test_page_that_comes_late_gets_the_answer_so_far(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    gate = threading.Event()
    anthropic_server.queue(anthropic_server.script(text(["half", " whole"])).gated(4, gate))
    page.say("send", text="go", nonce="n1")
    await page.until(lambda: page.find_ops("text"))
    page.say("attach")
    await page.until(lambda: page.messages[-1].get("whole"))
    [entry] = page.messages[-1]["entries"]
    deltas = [m["message"] for m in page.messages if m["kind"] == "turn"]
    assert entry["turn"]["parts"][0]["text"] == "half"
    assert entry["seq"] == deltas[-1]["seq"]
    gate.set()
    await page.until(lambda: page.ended)
    assert page.path == [("go", "half whole", "done")]


async def test_stop_keeps_the_partial_answer_and_the_next_question_works(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    anthropic_server.queue(anthropic_server.script(text(["half", " never"])).hanging(at=4))
    anthropic_server.reply(text("Next."))
    page.say("send", text="go", nonce="n1")
    await page.until(lambda: page.find_ops("text"))
    page.say("stop")
    await page.until(lambda: page.ended)
    assert page.path == [("go", "half", "interrupted")]
    assert await anthropic_server.requests[0].client_closed()
    await page.chat.ask("next")
    assert page.path[-1] == ("next", "Next.", "done")


async def test_failed_turn_says_why_and_can_be_asked_again(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    anthropic_server.queue(anthropic_server.error(400, "credit balance is too low"))
    anthropic_server.reply(text("Now."))
    turn = await page.chat.ask("go")
    assert turn.view.error is not None and "credit balance" in turn.view.error["message"]
    assert "credit balance" in str(turn.error)
    page.say("retry", id=turn.id, nonce="n1")
    await page.until(lambda: len(page.ended) == 2)
    assert page.path == [("go", "Now.", "done")]
    assert len(anthropic_server.requests[1].body["messages"]) == 1


async def test_model_that_is_unknown_fails_in_the_turn(make_page: Make) -> None:
    page = make_page(model="nonsense:model")
    turn = await page.chat.ask("go")
    assert isinstance(turn.error, OptionError)
    assert page.path == [("go", "", "error")]
    page.say("attach")
    await page.until(lambda: page.messages[-1].get("whole"))


async def test_call_waits_for_a_click_with_the_digest_that_was_shown(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    ran: list[str] = []

    def delete(table: str) -> str:
        "Delete a table."
        ran.append(table)
        return "gone"

    page = make_page(tools=[delete])
    anthropic_server.reply(tool_call("delete", {"table": "sales"}, id="c1"))
    anthropic_server.reply(text("Done."))
    page.say("send", text="go", nonce="n1")
    await page.until(lambda: page.find_ops("tool_status"))
    [turn] = page.chat.tree.path()
    digest = page.find_ops("tool_status")[0][2]["approval"]["digest"]
    answer = {"kind": "decide", "id": "c1", "decision": "approve"}
    page.say("turn", id=turn.id, message={**answer, "digest": "0" * 64})
    await page.until(lambda: "note" in page.find_ops("tool_status")[-1][2])
    assert ran == []
    page.say("turn", id=turn.id, message={**answer, "digest": digest})
    page.say("turn", id=turn.id, message={**answer, "digest": digest})
    await page.until(lambda: page.ended)
    assert ran == ["sales"]
    assert page.path == [("go", "Done.", "done")]


async def test_coroutine_tool_runs_on_the_kernels_loop(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    loops: list[object] = []

    @tool
    async def where() -> str:
        "Where am I?"
        loops.append(asyncio.get_running_loop())
        return "here"

    page = make_page(tools=[where])
    anthropic_server.reply(tool_call("where", {}, id="c1"))
    anthropic_server.reply(text("Done."))
    run = asyncio.run
    await asyncio.to_thread(run, _ask(page, "go"))
    assert loops == [asyncio.get_running_loop()]
    assert page.path == [("go", "Done.", "done")]


async def _ask(page: Page, question: str) -> None:
    """Ask on the loop that runs this, as the panel's thread does."""
    page.open(page.chat.model, page.chat._session, page.chat._store)
    await page.chat.ask(question)


async def test_page_gets_the_last_turns_and_asks_for_older_ones(make_page: Make) -> None:
    page = make_page()
    parent = None
    for number in range(70):
        parent = page.chat.tree.add(f"q{number}", parent).id
    page.say("attach")
    await page.until(lambda: page.messages)
    whole = page.messages[-1]
    assert (len(whole["entries"]), whole["left"]) == (20, 50)
    page.say("older", id=whole["entries"][0]["id"])
    await page.until(lambda: len(page.messages) == 2)
    older = page.messages[-1]
    assert [entry["question"] for entry in older["entries"]] == [f"q{n}" for n in range(10, 50)]
    assert older["left"] == 10


async def test_export_is_readable_and_hostile_text_stays_text(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    anthropic_server.reply(text("An <img src=x onerror=alert(1)> **answer**."))
    await page.chat.ask("<script>alert(1)</script> why?")
    page.chat.rename("My <b>chat</b>/..")
    name, markdown = page.chat.export("markdown")
    assert name == "my-b-chat-b.md"
    assert "**You**" in markdown and "**answer**" in markdown
    assert "<img" not in markdown and "<script" not in markdown and "<b>" not in markdown
    name, source = page.chat.export("json")
    value = json.loads(source)
    assert name.endswith(".json")
    assert value["turns"][0]["question"] == "<script>alert(1)</script> why?"
    assert len(value["turns"][0]["messages"]) == 2
