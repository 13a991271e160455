"""Owns that a panel can be used zoomed, in the system's colours, and without motion."""

from __future__ import annotations

from typing import Any

import pytest

from tests.js_dom.panel_files import give, make_image
from tests.js_dom.panel_page import OPEN, Panel, build_entry
from tests.js_dom.turns import ANSWER, TURNS
from tests.js_dom.view import View, wait_until

#: Controls that stand outside of the panel or of what scrolls sideways, and boxes that scroll so.
FAULTS = """() => {
    const panel = document.querySelector(".lnb-panel");
    const edge = panel.getBoundingClientRect();
    const faults = [];
    const note = (what, e) => {
        faults.push(`${what}: ${e.className || e.tagName} ${e.textContent.slice(0, 40)}`);
    };
    const find = (selector) => [...document.querySelectorAll(selector)].filter(
        (e) => e.checkVisibility() && e.getBoundingClientRect().width > 1,
    );
    const boxes = ":is(.lnb-panel, .lnb-head, .lnb-scroller, .lnb-composer, .lnb-list, .lnb-card)";
    for (const e of find(boxes)) if (e.scrollWidth > e.clientWidth + 1) note("wide", e);
    for (const e of find(".lnb-panel :is(button, input, textarea, summary, img)")) {
        const { left, right } = e.getBoundingClientRect();
        if (left < edge.left - 1 || right > edge.right + 1) note("beside", e);
        if (e.matches(".lnb-act") && e.offsetHeight > 32) note("two lines", e);
        if (e.closest(".lnb-large")) continue;
        e.scrollIntoView({ block: "nearest" });
        const { top, bottom } = e.getBoundingClientRect();
        if (top < edge.top - 1 || bottom > edge.bottom + 1) note("cut", e);
    }
    if (panel.scrollHeight > panel.clientHeight + 1) note("tall", panel);
    if (document.documentElement.scrollWidth > innerWidth + 1) note("page", document.body);
    return faults;
}"""
MENTIONS: list[dict[str, Any]] = [
    {"label": "a-name-of-a-file-that-is-long" * 3 + ".png · 31 kB", "text": "", "picture": True},
    {"label": "notes.md · 5 B", "text": "Attached file: notes.md · 5 B\n\n" + "words " * 80},
]
LONG = "averylongwordwithoutanyplacetobreak" * 6


def fill(view: View) -> Panel:
    """A panel in which all that can be open at once is open."""
    view.page.evaluate(OPEN)
    panel = Panel(view.page)
    queued = [{"id": f"q{n}", "text": LONG, "files": ["plot.png · 3 kB"]} for n in range(6)]
    first = build_entry(
        "t1", ANSWER + LONG, mentions=MENTIONS, question=LONG, versions=["t0", "t1"]
    )
    waiting = build_entry("t2", "", turn=TURNS["tool waiting"])
    head = {"queued": queued, "paused": True, "title": LONG}
    panel.show(first, waiting, whole=True, running=True, head=head)
    give(panel, make_image())
    drawn_pictures = (
        "n => (window.t.flush(), document.querySelectorAll('.lnb-picture').length === n)"
    )
    wait_until(view.page, drawn_pictures, 1)
    files = [(f"{LONG}.md", b"words"), ("plot.png", make_image()), ("a.png", b"\xff")]
    payloads = [{"name": n, "mimeType": "text/plain", "buffer": data} for n, data in files]
    view.page.locator("input[type=file]").set_input_files(payloads)
    view.page.locator(".lnb-ask-note").wait_for()
    view.page.get_by_role("button", name="More actions").click()
    view.page.get_by_label("Message to the model").fill("a" + "\n" * 9)
    view.page.get_by_label("Message to the model").press_sequentially("@sa")
    names = [[f"sample_of_the_sales_{n}", "DataFrame"] for n in range(50)]
    panel.say({"kind": "names", "prefix": "sa", "names": names})
    view.page.get_by_role("listbox", name="Variables").wait_for()
    return panel


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (640, 720)])
@pytest.mark.parametrize("kind", ["style", "window"])
def test_nothing_is_cut_or_scrolls_sideways_at_200_percent(
    view: View, kind: str, width: int, height: int
) -> None:
    if kind == "style":
        view.page.set_viewport_size({"width": width, "height": height})
        view.page.evaluate("document.body.style.zoom = 2")
    else:  # what the browser's own zoom does: half as many pixels of CSS
        view.page.set_viewport_size({"width": width // 2, "height": height // 2})
    panel = fill(view)
    assert panel.page.evaluate(FAULTS) == []
    room = "e => e.getBoundingClientRect().height"
    assert panel.page.locator(".lnb-scroller").evaluate(room) >= 48
    panel.page.keyboard.press("Escape")
    panel.page.locator(".lnb-picture-key").press("Enter")
    panel.page.locator("summary", has_text="notes.md").press("Enter")
    assert panel.page.evaluate(FAULTS) == []


def test_nothing_is_cut_in_the_sidebar_as_it_first_opens(view: View) -> None:
    """JupyterLab gives a docked panel 250 pixels."""
    view.page.set_viewport_size({"width": 250, "height": 740})
    panel = fill(view)
    panel.page.keyboard.press("Escape")
    assert panel.page.evaluate(FAULTS) == []
    code = build_entry("t4", "```python\nx = 1\n```")
    usage = dict.fromkeys(("input_tokens", "output_tokens"), 123_456)
    usage |= dict.fromkeys(("cache_read_tokens", "cache_write_tokens"), 0)
    panel.show(code, head={"title": "A title", "usage": usage, "cost_usd": 12.34})
    panel.page.locator(".lnb-code").wait_for()
    assert panel.page.evaluate(FAULTS) == []
    heights = "e => [...e.children].filter((c) => c.checkVisibility()).map((c) => c.offsetHeight)"
    assert max(panel.page.locator(".lnb-code-head").evaluate(heights)) <= 28  # each in one line


def test_system_colours_leave_an_edge_to_all_that_is_only_a_background(view: View) -> None:
    view.page.emulate_media(forced_colors="active")
    panel = fill(view)
    edges = """selector => [...document.querySelectorAll(selector)]
        .filter((e) => e.checkVisibility())
        .map((e) => getComputedStyle(e))
        .filter((s) => s.borderTopStyle !== 'solid' && s.outlineStyle !== 'solid').length"""
    marks = ".lnb-question, .lnb-send, .lnb-key, .lnb-tool-mark, .lnb-file, .lnb-picture-key"
    for selector in (*marks.split(", "), ".lnb-ask-box", ".lnb-names-option[aria-selected=true]"):
        assert panel.page.locator(selector).count() > 0, selector
        assert panel.page.evaluate(edges, selector) == 0, selector


def test_nothing_of_the_panel_moves_for_who_wants_less_motion(view: View) -> None:
    view.page.emulate_media(reduced_motion="reduce")
    panel = fill(view)
    for state in ("waiting", "thinking", "streaming"):
        entry = build_entry("t3", "", turn=TURNS[state])
        panel.show(entry, running=True)
        panel.page.get_by_role("button", name="Copy this question").last.focus()
        assert panel.page.evaluate("document.getAnimations().length") == 0, state
    moves = """[...document.querySelectorAll('.lnb-panel, .lnb-panel *')].filter((e) => {
        const { transitionDuration, scrollBehavior } = getComputedStyle(e);
        return scrollBehavior === 'smooth' || parseFloat(transitionDuration) > 0;
    }).length"""
    assert panel.page.evaluate(moves) == 0
