"""Owns that axe finds nothing in the cell's view and the panel, in each state, theme and width."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.js_dom.panel_files import drawn, give, make_image
from tests.js_dom.panel_page import OPEN, Panel, build_entry
from tests.js_dom.turns import ANSWER, ASKED, TURNS
from tests.js_dom.view import View

ROOT = Path(__file__).parents[2]
AXE = ROOT / "js" / "node_modules" / "axe-core" / "axe.min.js"
THEMES = Path(sys.prefix) / "share" / "jupyter" / "lab" / "themes" / "@jupyterlab"
#: The page around us is JupyterLab's: its landmarks and headings are not ours.
RUN = """async () => {
    const off = { enabled: false };
    const rules = { region: off, "landmark-one-main": off, "page-has-heading-one": off };
    const found = await axe.run("#out", { rules, resultTypes: ["violations"] });
    const why = (n) => [...n.any, ...n.all, ...n.none].map((a) => a.message);
    const tell = (id, n) => `${id}: ${n.html} ${why(n)}`;
    return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => tell(id, node)));
}"""


@pytest.fixture(params=["light", "dark"])
def themed(view: View, request: pytest.FixtureRequest) -> View:
    """A view with JupyterLab's own colours."""
    css = (THEMES / f"theme-{request.param}-extension" / "index.css").read_text("utf-8")
    view.page.emulate_media(color_scheme=request.param)
    view.page.add_style_tag(content=css)
    view.page.add_style_tag(content="body { background: var(--jp-layout-color0); margin: 0 }")
    view.page.add_script_tag(content=AXE.read_text("utf-8"))
    return view


def audit(view: View) -> list[str]:
    # Nothing fades while its contrast is measured.
    view.page.add_style_tag(
        content=".lnb-root * { animation: none !important; transition: none !important }"
    )
    return list(view.page.evaluate(RUN))


@pytest.mark.parametrize("state", sorted(TURNS))
def test_cell_view_has_no_violation(themed: View, state: str) -> None:
    themed.call("say", {"kind": "snapshot", "seq": 1, "turn": TURNS[state]})
    assert audit(themed) == []


@pytest.mark.parametrize("width", [280, 1000])
@pytest.mark.parametrize("state", ["empty", "many", *sorted(TURNS)])
def test_panel_has_no_violation(themed: View, state: str, width: int) -> None:
    themed.page.set_viewport_size({"width": width, "height": 700})
    themed.page.evaluate(OPEN)
    panel = Panel(themed.page)
    entries = [build_entry(f"t{n}", ANSWER) for n in range(200 if state == "many" else 1)]
    if state in TURNS:
        entries.append(build_entry("now", "", versions=["t9", "now"], turn=TURNS[state]))
    running = state in TURNS and TURNS[state]["status"] in ("waiting", "streaming")
    panel.show(*([] if state == "empty" else entries), whole=True, running=running)
    assert audit(themed) == []
    page = themed.page
    page.get_by_role("button", name="More actions").click()
    page.locator(".lnb-scroller").focus()
    wide = "e => e.scrollWidth > e.clientWidth + 1"
    assert not page.locator(".lnb-panel").evaluate(wide)
    assert not page.locator(".lnb-scroller").evaluate(wide)
    assert audit(themed) == []


@pytest.mark.parametrize("width", [280, 1000])
@pytest.mark.parametrize("count", [2, 50])
def test_open_list_of_names_has_no_violation(themed: View, count: int, width: int) -> None:
    themed.page.set_viewport_size({"width": width, "height": 700})
    themed.page.evaluate(OPEN)
    panel = Panel(themed.page)
    panel.show(build_entry("t1", ANSWER), whole=True)
    themed.page.get_by_label("Message to the model").press_sequentially("What is @sa")
    names = [[f"sample_of_the_sales_{n}", "DataFrame"] for n in range(count)]
    panel.say({"kind": "names", "prefix": "sa", "names": names})
    themed.page.get_by_role("listbox", name="Variables").wait_for()
    assert audit(themed) == []


@pytest.mark.parametrize("width", [280, 1000])
def test_panel_with_files_has_no_violation(themed: View, width: int) -> None:
    themed.page.set_viewport_size({"width": width, "height": 700})
    themed.page.evaluate(OPEN)
    mentions = [
        {"label": "plot.png · 31 kB", "text": "", "picture": True},
        {"label": "a.txt · 5 B", "text": "Attached file: a.txt · 5 B"},
    ]
    queued = [{"id": "q1", "text": "next", "files": ["plot.png · 31 kB"]}]
    panel = Panel(themed.page)
    panel.show(build_entry("t1", ANSWER, mentions=mentions), whole=True, head={"queued": queued})
    give(panel, make_image())
    drawn(panel, 1)
    files = [("a.txt", b"words"), ("b" * 90 + ".md", b"words"), ("a.png", b"\xff")]
    files.append(("plot.png", make_image()))
    payloads = [{"name": n, "mimeType": "text/plain", "buffer": data} for n, data in files]
    themed.page.locator("input[type=file]").set_input_files(payloads)
    themed.page.get_by_role("button", name="Remove a.txt").wait_for()
    themed.page.locator(".lnb-ask-note").wait_for()
    drawn(panel, 2)
    assert audit(themed) == []
    wide = "e => e.scrollWidth > e.clientWidth + 1"
    assert not themed.page.locator(".lnb-composer").evaluate(wide)


@pytest.mark.parametrize("state", ["empty", "tool waiting", "done"])
def test_accessibility_tree_has_a_role_and_a_name_for_every_control(view: View, state: str) -> None:
    view.page.evaluate(OPEN)
    turn = TURNS.get(state)
    entry = build_entry("t2", "", versions=["t1", "t2"], turn=turn)
    Panel(view.page).show(*([entry] if turn else []), whole=True, running=state == "tool waiting")
    view.page.get_by_role("button", name="More actions").click()
    cdp = view.page.context.new_cdp_session(view.page)
    nodes = [n for n in cdp.send("Accessibility.getFullAXTree")["nodes"] if not n["ignored"]]
    controls = [n for n in nodes if is_focusable(n) and n["role"]["value"] != "RootWebArea"]
    assert len(controls) >= 6
    named = [(n["role"]["value"], n.get("name", {}).get("value")) for n in controls]
    assert [pair for pair in named if not pair[1] or pair[0] in ("generic", "none")] == []


def is_focusable(node: dict[str, Any]) -> bool:
    return any(p["name"] == "focusable" and p["value"]["value"] for p in node["properties"])


def test_live_region_tells_start_and_end_and_never_a_word(view: View) -> None:
    view.page.evaluate(OPEN)
    view.page.evaluate(
        """() => {
            window.said = [];
            const live = "[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]";
            new MutationObserver((list) => {
                for (const { target } of list) {
                    const element = target instanceof Element ? target : target.parentElement;
                    const region = element?.closest(live);
                    if (region?.textContent) window.said.push(region.textContent);
                }
            }).observe(document.querySelector("#out"), {
                subtree: true, childList: true, characterData: true,
            });
        }"""
    )
    panel = Panel(view.page)
    panel.show(whole=True)
    panel.show(build_entry("t1", "", "waiting"), running=True)
    for seq in range(1, 40):
        delta = {"kind": "delta", "seq": seq, "ops": [["text", f"word{seq} "]]}
        panel.say({"kind": "turn", "id": "t1", "message": delta})
    panel.say(
        {"kind": "turn", "id": "t1"}
        | {"message": {"kind": "delta", "seq": 40, "ops": [["status", "done"]]}}
    )
    panel.show(build_entry("t1", "word1", seq=40))
    assert view.page.evaluate("window.said") == ["The answer has begun.", "The answer is complete."]


def test_system_colours_keep_the_edges_of_controls(view: View) -> None:
    view.page.emulate_media(forced_colors="active")
    view.page.evaluate(OPEN)
    Panel(view.page).show(build_entry("t1", "Answer."), whole=True)
    edge = "e => getComputedStyle(e).borderTopStyle"
    assert view.page.locator(".lnb-question").evaluate(edge) == "solid"
    assert view.page.get_by_role("button", name="Send").evaluate(edge) == "solid"


def test_nothing_moves_for_who_wants_less_motion(view: View) -> None:
    view.page.emulate_media(reduced_motion="reduce")
    view.call("say", {"kind": "snapshot", "seq": 1, "turn": TURNS["waiting"]})
    assert view.page.evaluate("document.getAnimations().length") == 0


WATCH = """() => {
    window.said = [];
    const region = document.querySelector("#out .lnb-root > .lnb-offscreen[role=status]");
    new MutationObserver(() => region.textContent && window.said.push(region.textContent))
        .observe(region, { subtree: true, childList: true, characterData: true });
}"""


def call_ops(name: str, *, id: str) -> list[list[Any]]:
    question = {"status": "waiting", "approval": ASKED}
    return [["tool", id, name], ["args", id, "{}"], ["tool_status", id, question]]


def resolve_op(id: str) -> list[Any]:
    return ["tool_status", id, {"status": "running", "approval": {"state": "approved"}}]


@pytest.mark.parametrize("place", ["panel", "cell"])
def test_live_region_names_each_call_that_needs_approval_once(view: View, place: str) -> None:
    shown = None
    if place == "panel":
        view.page.evaluate(OPEN)
        shown = Panel(view.page)
        shown.show(whole=True)
    view.page.evaluate(WATCH)
    if shown:
        shown.show(build_entry("t1", "", "waiting"), running=True)
    steps = [
        [["text", "Let me see. "]],
        call_ops("delete\u202e", id="a"),
        [["elapsed", 1000]],
        [resolve_op("a")],
        call_ops("plot", id="b") + call_ops("save", id="c"),
        [resolve_op("b")],
        [resolve_op("c")],
        [["text", "There."]],
        [["status", "done"]],
    ]
    for seq, ops in enumerate(steps, 1):
        message = {"kind": "delta", "seq": seq, "ops": ops}
        if shown:
            shown.say({"kind": "turn", "id": "t1", "message": message})
        else:
            view.call("say", message)
    if shown:
        shown.show(build_entry("t1", "", seq=len(steps)))
    begun = ["The answer has begun."] if shown else []  # the cell of these tests began before
    assert view.page.evaluate("window.said") == [
        *begun,
        "Approval needed: delete\\u{202E}",
        "Approval needed: plot, save",
        "Approval needed: save",
        "The answer is complete.",
    ]
