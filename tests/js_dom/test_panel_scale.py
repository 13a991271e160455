"""Owns that a long chat is whole on the page, with few nodes, and that none stay behind."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page

from tests.js_dom.panel_page import OPEN, Panel, build_entry
from tests.js_dom.view import View, wait_until

PAGE = 40
ANSWER = "Number {n} has **bold** words.\n\n- one\n- two\n\n```python\nx = {n}\n```\n"

#: Whether each turn is drawn that the browser calls near: those up to 800 pixels out of sight.
NEAR_IS_DRAWN = """() => {
    const { top, bottom } = document.querySelector(".lnb-scroller").getBoundingClientRect();
    return [...document.querySelectorAll(".lnb-entry")].every((entry) => {
        const place = entry.getBoundingClientRect();
        const isFar = place.bottom < top - 700 || place.top > bottom + 700;
        return isFar || entry.querySelector("strong");
    });
}"""


@pytest.fixture
def panel(view: View) -> Panel:
    # Real frames: a turn is drawn when the browser sees that it comes near.
    view.page.evaluate("window.t.close()")
    view.page.reload()
    view.page.evaluate(
        "() => { window.t = { close() {}, flush() {} };"
        " document.querySelector('#out').style.cssText = 'height: 600px; display: grid'; }"
    )
    view.page.evaluate(OPEN)
    return Panel(view.page)


def make_turns(count: int) -> list[dict[str, Any]]:
    return [build_entry(f"t{n}", ANSWER.format(n=n)) for n in range(count)]


def serve(panel: Panel, turns: list[dict[str, Any]]) -> None:
    """Show the newest, then answer each wish for older ones, as the kernel does."""
    panel.show(*turns[-20:], whole=True, left=max(0, len(turns) - 20))
    start = max(0, len(turns) - 20)
    while start > 0:
        first = turns[start]["id"]
        wish = "id => window.p.sent.some((m) => m.kind === 'older' && m.id === id)"
        wait_until(panel.page, wish, first)
        begin = max(0, start - PAGE)
        older = {"kind": "older", "before": first, "epoch": 0, "left": begin}
        panel.say(older | {"entries": turns[begin:start]})
        start = begin


def count(page: Page, selector: str) -> int:
    return page.locator(selector).count()


def test_all_of_2000_turns_are_there_once_and_few_are_drawn(panel: Panel) -> None:
    serve(panel, make_turns(2000))
    wait_until(panel.page, "document.querySelectorAll('.lnb-entry').length === 2000")
    wait_until(panel.page, "!document.querySelector('.lnb-older:not([hidden])')")
    shown = panel.page.locator(".lnb-list").evaluate("e => e.textContent")
    numbers = [int(part.split(" ")[0]) for part in shown.split("Number ")[1:]]
    assert numbers == list(range(2000))
    assert count(panel.page, ".lnb-entry .lnb-turn") <= 40
    assert count(panel.page, ".lnb-panel *") < 2000 * 3 + 40 * 80 + 200


def test_old_turn_is_drawn_when_the_reader_comes_near_and_rests_when_many_are(
    panel: Panel,
) -> None:
    serve(panel, make_turns(300))
    wait_until(panel.page, "document.querySelectorAll('.lnb-entry').length === 300")
    entry = panel.page.locator(".lnb-entry")
    for n in range(290, -1, -10):
        entry.nth(n).evaluate("e => e.scrollIntoView({ block: 'center' })")
        entry.nth(n).locator("strong").wait_for(timeout=10_000)
    assert entry.nth(0).locator("strong").inner_text() == "bold"
    assert count(panel.page, ".lnb-entry .lnb-turn") <= 160
    shown = panel.page.locator(".lnb-list").evaluate("e => e.textContent")
    assert shown.count("Number ") == 300


def test_screen_reader_reaches_a_turn_that_is_not_drawn(panel: Panel) -> None:
    serve(panel, make_turns(200))
    wait_until(panel.page, "document.querySelectorAll('.lnb-entry').length === 200")
    assert count(panel.page, ".lnb-entry:nth-child(4) .lnb-turn") == 0
    cdp = panel.page.context.new_cdp_session(panel.page)
    nodes = cdp.send("Accessibility.getFullAXTree")["nodes"]
    names = [node.get("name", {}).get("value", "") for node in nodes if not node["ignored"]]
    assert "Question and answer: Question t3" in names
    assert sum(name.startswith("Question and answer") for name in names) == 200


def test_browsers_search_reaches_a_turn_that_rests_and_draws_it(panel: Panel) -> None:
    turns = make_turns(200)
    turns[3]["turn"]["parts"][0]["text"] += "\n\nThe **hidden** treasure."
    serve(panel, turns)
    wait_until(panel.page, "document.querySelectorAll('.lnb-entry').length === 200")
    entry = panel.page.locator(".lnb-entry").nth(3)
    assert entry.locator(".lnb-turn").count() == 0
    assert panel.page.evaluate("window.find('treasure')")
    found = "getSelection().anchorNode.parentElement"
    assert entry.evaluate(f"e => e.contains({found})")
    # The bar of a real browser scrolls to what it has found; `find` of a script only selects it.
    panel.page.evaluate(f"{found}.scrollIntoView({{ block: 'center' }})")
    entry.locator("strong", has_text="hidden").wait_for()
    seen = """e => {
        const { top, bottom } = e.getBoundingClientRect();
        const box = document.querySelector('.lnb-scroller').getBoundingClientRect();
        return bottom > box.top && top < box.bottom;
    }"""
    assert entry.evaluate(seen)


def test_reader_keeps_the_place_while_older_turns_arrive(panel: Panel) -> None:
    turns = make_turns(60)
    panel.show(*turns[-20:], whole=True, left=40)
    panel.page.locator(".lnb-entry").nth(19).locator("strong").wait_for()
    place = "() => document.querySelectorAll('.lnb-entry .lnb-question')"
    panel.page.locator(".lnb-scroller").evaluate("e => { e.scrollTop = 300; }")
    wait_until(panel.page, NEAR_IS_DRAWN)
    mark = panel.page.evaluate_handle(
        place + ".values().find((e) => e.getBoundingClientRect().top > 120)"
    )
    before = mark.evaluate("e => [e.textContent, Math.round(e.getBoundingClientRect().top)]")
    older = {"kind": "older", "before": "t40", "epoch": 0, "left": 0, "entries": turns[:40]}
    panel.say(older)
    wait_until(panel.page, "document.querySelectorAll('.lnb-entry').length === 60")
    wait_until(panel.page, NEAR_IS_DRAWN)
    now = mark.evaluate("e => [e.textContent, Math.round(e.getBoundingClientRect().top)]")
    assert now[0] == before[0]
    assert abs(now[1] - before[1]) <= 3


def test_answer_of_50_000_tokens_is_whole(panel: Panel) -> None:
    panel.show(build_entry("t0", "", "streaming"), whole=True, running=True)
    words = [f"w{n}" for n in range(50_000)]
    for at in range(0, len(words), 500):
        text = "".join(
            f"{word} " + "\n\n" * (n % 60 == 59) for n, word in enumerate(words[at : at + 500])
        )
        delta = {"kind": "delta", "seq": at // 500 + 1, "ops": [["text", text]]}
        panel.say({"kind": "turn", "id": "t0", "message": delta})
    wait_until(panel.page, "document.querySelector('.lnb-text').textContent.includes('w49999')")
    shown = panel.page.locator(".lnb-text").evaluate("e => e.textContent")
    assert "".join(shown.split()) == "".join(words)


def get_counts(cdp: CDPSession) -> tuple[int, int]:
    cdp.send("HeapProfiler.collectGarbage")
    counters = cdp.send("Memory.getDOMCounters")
    return counters["nodes"], counters["jsEventListeners"]


def test_closed_panel_leaves_neither_nodes_nor_listeners(panel: Panel) -> None:
    cdp = panel.page.context.new_cdp_session(panel.page)
    again = OPEN.partition("window.outer = []")[0] + "}"  # nothing on the document holds the view
    turns = make_turns(200)
    counts = []
    for _ in range(6):
        panel.seq = 0
        panel.page.evaluate(again)
        serve(panel, turns)
        wait_until(panel.page, "document.querySelectorAll('.lnb-entry').length === 200")
        panel.page.evaluate("window.p.close(); window.p = undefined")
        # Timers that are under way hold the view; this one is due after them.
        panel.page.evaluate("() => new Promise((resolve) => setTimeout(resolve, 100))")
        counts.append(get_counts(cdp))
    # The browser may hold the one that was closed last, never each of them.
    assert min(nodes for nodes, _ in counts[3:]) <= min(nodes for nodes, _ in counts[:3]) + 50, (
        counts
    )
    assert counts[-1][1] <= counts[0][1] + 5, counts
