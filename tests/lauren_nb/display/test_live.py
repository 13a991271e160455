"""What a running turn sends to its page heals every loss, and costs what its text costs."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

import pytest

from lauren_nb._display.live import FLUSH_S, Live
from lauren_nb._display.turn import Turn


class FakePage:
    """A page like js/src/protocol/reduce_turn.ts, but it loses what `loses` says."""

    def __init__(self, loses: Callable[[dict[str, Any]], bool] = lambda message: False) -> None:
        self.got: list[dict[str, Any]] = []
        self.turn = Turn()
        self.have: int | None = None
        self.lost = True
        self.live: Live | None = None
        self._loses = loses

    def send(self, content: dict[str, Any]) -> None:
        if self._loses(content):
            return
        self.got.append(content)
        match content:
            case {"kind": "snapshot", "seq": seq, "turn": turn}:
                self.have, self.lost, self.turn = seq, False, Turn()
                for part in turn["parts"]:
                    self.turn.apply([part["type"], part["text"]])
                self.turn.apply(["status", turn["status"]])
            case {"kind": "delta", "seq": seq, "ops": ops} if (
                not self.lost and self.have is not None
            ):
                if seq == self.have + 1:
                    self.have = seq
                    for op in ops:
                        self.turn.apply(op)
                elif seq > self.have:
                    self.ask()
            case {"kind": "tick", "seq": seq} if self.have is None or seq > self.have:
                self.ask()

    def ask(self) -> None:
        self.lost = True
        assert self.live is not None
        self.live.receive({"kind": "attach", "have": self.have})

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.got if message["kind"] == kind]


def connect(page: FakePage, *, attach: bool = True) -> Live:
    live = Live(Turn(), page, on_stop=lambda: None)
    page.live = live
    if attach:
        page.ask()
    return live


WORDS = [f"word{i} " for i in range(300)]


async def stream(live: Live, pause_s: float = 0.001) -> None:
    live.push("status", "streaming")
    for word in WORDS:
        live.push("text", word)
        await asyncio.sleep(pause_s)


async def test_page_has_the_whole_text_in_order() -> None:
    page = FakePage()
    live = connect(page)
    await stream(live)
    live.push("status", "done")
    live.close()
    await asyncio.sleep(0)
    assert page.turn.text == live.turn.text == "".join(WORDS)
    assert page.turn.status == "done"


@pytest.mark.parametrize("seed", range(5))
async def test_page_that_loses_a_third_of_the_messages_ends_the_same(seed: int) -> None:
    rng = random.Random(seed)
    page = FakePage(lambda message: message["kind"] == "delta" and rng.random() < 0.3)
    live = connect(page)
    await stream(live)
    live.push("status", "done")
    live._tick()  # the clock's message a second later tells what was lost at the end
    await asyncio.sleep(0.01)
    live.close()
    assert page.turn.text == "".join(WORDS)
    assert page.turn.status == "done"


async def test_words_that_come_together_go_in_one_message() -> None:
    page = FakePage()
    live = connect(page)
    await asyncio.sleep(0)
    before = live.seq
    for word in WORDS:
        live.push("text", word)
    live.flush()
    live.close()
    assert live.seq - before <= 2
    assert page.of_kind("delta")[-1]["ops"] == [["text", "".join(WORDS[1:])]]


async def test_first_word_is_sent_at_once() -> None:
    page = FakePage()
    live = connect(page)
    await asyncio.sleep(0)
    live.push("text", "first")
    assert page.turn.text == "first"
    live.close()


async def test_rest_of_a_burst_is_sent_without_another_push() -> None:
    page = FakePage()
    live = connect(page)
    await asyncio.sleep(0)
    live.push("text", "first")
    live.push("text", " second")
    await asyncio.sleep(2 * FLUSH_S)
    assert page.turn.text == "first second"
    live.close()


@pytest.mark.parametrize(
    "op", [("status", "done"), ("tool", "1", "add"), ("notice", "wait"), ("thinking_end", 3)]
)
async def test_what_a_person_waits_for_is_sent_at_once(op: tuple[Any, ...]) -> None:
    page = FakePage()
    live = connect(page)
    await asyncio.sleep(0)
    live.push("text", "a")
    live.push("text", "b")
    live.push(*op)
    assert page.of_kind("delta")[-1]["ops"][-1] == list(op)
    live.close()


async def test_page_that_comes_late_gets_the_whole() -> None:
    live = connect(FakePage())
    live.push("text", "early")
    late = FakePage()
    late.live, live._channel = live, late
    late.ask()
    await asyncio.sleep(0)
    live.push("text", " and late")
    live.close()
    assert late.turn.text == "early and late"


async def test_answer_at_rest_goes_to_pages_that_come_after_it() -> None:
    page = FakePage()
    live = connect(page)
    await asyncio.sleep(0)
    live.close()
    live.put_to_rest({"kind": "rest", "data": {}})
    live.receive({"kind": "attach", "have": None})
    await asyncio.sleep(0)
    assert [message["kind"] for message in page.got][-3:] == ["rest", "snapshot", "rest"]


async def test_page_that_cannot_be_heard_gets_few_snapshots() -> None:
    page = FakePage()
    live = connect(page, attach=False)
    await stream(live, pause_s=0.004)
    live.close()
    # After 0.25, 0.75, 1.75 s …: the cost stays in proportion to the text.
    assert 1 <= len(page.of_kind("snapshot")) <= 4
    assert page.turn.text == "".join(WORDS)


async def test_page_that_is_heard_gets_no_snapshot_unasked() -> None:
    page = FakePage()
    live = connect(page)
    await asyncio.sleep(0.4)
    live.close()
    assert len(page.of_kind("snapshot")) == 1


async def test_stop_from_another_thread_reaches_the_run() -> None:
    stopped = asyncio.Event()
    live = Live(Turn(), FakePage(), on_stop=stopped.set)
    await asyncio.to_thread(live.receive, {"kind": "stop"})
    await asyncio.wait_for(stopped.wait(), 5)
    live.close()


@pytest.mark.parametrize("message", [{}, {"kind": "dance"}, {"kind": None}, {"have": 3}])
async def test_message_that_means_nothing_is_ignored(message: dict[str, Any]) -> None:
    page = FakePage()
    live = connect(page, attach=False)
    live.receive(message)
    await asyncio.sleep(0)
    assert page.got == []
    live.close()
