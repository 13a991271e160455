"""Owns what a cell's view does with messages and clicks: folds, Stop, healing, scroll, cleanup."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from .conftest import View

FOOTER = {
    "model": "claude-x",
    "input_tokens": 12,
    "cache_read_tokens": 3,
    "output_tokens": 340,
    "cost_usd": 0.0021,
    "tokens_per_s": 61,
}


def turn(parts: list[dict[str, Any]], status: str = "streaming") -> dict[str, Any]:
    return {"status": status, "parts": parts, "footer": {}, "error": None, "elapsed_ms": 0}


def test_render_asks_for_a_snapshot(view: View) -> None:
    assert view.call("sent") == [{"kind": "attach", "have": None}]


def test_gap_asks_again_and_the_snapshot_heals_without_redrawing(view: View) -> None:
    view.call("ops", ["text", "One.\n\nTwo.\n\n"])
    view.page.evaluate("window.first = document.querySelector('.lnb-md p')")
    view.call("say", {"kind": "delta", "seq": 3, "ops": [["text", "lost its friend"]]})
    assert view.call("sent")[-1] == {"kind": "attach", "have": 1}
    text = {"type": "text", "text": "One.\n\nTwo.\n\nThree.", "format": "markdown"}
    view.call("say", {"kind": "snapshot", "seq": 3, "turn": turn([text])})
    assert view.call("text").split() == ["One.", "Two.", "Three."]
    assert view.page.evaluate("window.first === document.querySelector('.lnb-md p')")


def test_word_changes_the_page_only_where_it_is_written(view: View) -> None:
    """An element that was put in its place again for each word had the whole answer styled and laid
    out again: at 50,000 tokens a frame took 60 ms."""
    view.call("ops", ["text", "One.\n\n- two\n"])
    view.page.evaluate(
        """() => {
            const text = document.querySelector(".lnb-text");
            window.elsewhere = [];
            const watch = { childList: true, subtree: true, attributes: true };
            const root = document.querySelector(".lnb-root");
            new MutationObserver((records) => window.elsewhere.push(...records
                .filter((r) => !text.contains(r.target) && !r.target.closest(".lnb-footer"))
                .map((r) => `${r.type} ${r.attributeName ?? ""} of ${r.target.className}`)))
                .observe(root, watch);
        }"""
    )
    for word in ("- three", " words", "\n\nFour", " more."):
        view.call("ops", ["text", word])
    assert view.call("text").split() == "One. two three words Four more.".split()
    assert view.page.evaluate("window.elsewhere") == []


def test_snapshot_with_another_text_is_drawn_anew(view: View) -> None:
    view.call("ops", ["text", "One."])
    other = {"type": "text", "text": "Other.", "format": "markdown"}
    view.call("say", {"kind": "snapshot", "seq": 9, "turn": turn([other], "done")})
    assert view.call("text").strip() == "Other."


def test_thinking_is_open_while_it_runs_and_closes_when_the_answer_starts(view: View) -> None:
    view.call("ops", ["thinking", "Let me see"])
    assert view.page.evaluate("document.querySelector('.lnb-thinking').open")
    assert view.page.locator(".lnb-thinking summary").inner_text().startswith("Thinking")
    view.call("ops", ["thinking_end"], ["text", "Yes."])
    assert not view.page.evaluate("document.querySelector('.lnb-thinking').open")
    assert view.page.locator(".lnb-thinking summary").inner_text().startswith("Thought")


def test_a_readers_own_fold_wins(view: View) -> None:
    view.call("ops", ["thinking", "Let me see"])
    view.page.locator(".lnb-thinking summary").click()
    view.page.locator(".lnb-thinking summary").click()
    view.call("ops", ["thinking_end"], ["text", "Yes."])
    assert view.page.evaluate("document.querySelector('.lnb-thinking').open")


def test_stop_is_sent_by_click_and_by_key_and_only_by_a_person(view: View) -> None:
    view.page.evaluate("document.querySelector('.lnb-stop').click()")
    assert {"kind": "stop"} not in view.call("sent")
    view.page.get_by_role("button", name="Stop this answer").click()
    view.page.locator(".lnb-stop").press("Enter")
    assert view.call("sent").count({"kind": "stop"}) == 2
    view.call("ops", ["status", "done"])
    assert not view.page.locator(".lnb-stop").is_visible()


def test_footer_is_one_line_of_what_is_known(view: View) -> None:
    view.call("ops", ["text", "x"], ["footer", FOOTER], ["elapsed", 4200], ["status", "done"])
    line = view.page.locator(".lnb-footer").inner_text()
    assert line == "claude-x · 15 in (3 cached) · 340 out · $0.0021 · 4.2 s · 61 tok/s"


def test_tool_call_grows_runs_and_shows_its_result(view: View) -> None:
    view.call("ops", ["tool", "t1", "plot"], ["args", "t1", '{"x": '])
    assert view.page.locator(".lnb-tool-state").inner_text() == "writing…"
    view.call("ops", ["args", "t1", "1}"], ["tool_status", "t1", {"status": "running"}])
    view.call("ops", ["tool_status", "t1", {"status": "done", "result": "r" * 9000}])
    view.page.locator(".lnb-tool summary").click()
    shown = view.page.locator(".lnb-excerpt pre")
    assert shown.nth(0).inner_text() == '{\n  "x": 1\n}'
    assert len(shown.nth(1).inner_text()) < 4000
    view.page.get_by_role("button", name="Show the whole result").click()
    assert shown.nth(1).inner_text() == "r" * 9000


def test_copy_gives_exactly_the_source(card: View) -> None:
    source = "x = 1\n\n\ty = '\u202e'  \n"
    card.page.evaluate(
        """() => Object.defineProperty(navigator, 'clipboard',
            { value: { writeText: async (text) => { window.copied = text; } } })"""
    )
    card.call("whole", f"```python\n{source}```\n")
    card.page.get_by_role("button", name="Copy code").click()
    expect(card.page.locator(".lnb-copy")).to_have_text("Copied")
    assert card.page.evaluate("window.copied") == source.removesuffix("\n")


def test_error_and_interrupted_are_marked_and_keep_the_text(view: View) -> None:
    view.call(
        "ops", ["text", "Half an ans"], ["error", {"title": "Overloaded", "message": "Later."}]
    )
    view.call("ops", ["status", "error"])
    assert view.page.get_by_role("alert").inner_text().split("\n") == ["Overloaded", "Later."]
    assert view.call("text").strip() == "Half an ans"
    view.call("restart")
    view.call("ops", ["text", "Half an ans"], ["status", "interrupted"])
    assert view.page.locator(".lnb-mark").inner_text() == "interrupted"


def test_scroller_at_the_bottom_stays_there_and_another_is_left_alone(view: View) -> None:
    view.page.evaluate(
        "document.querySelector('#out').style.cssText = 'height: 100px; overflow-y: auto'"
    )
    view.call("restart")
    view.call("ops", ["text", "line\n\n" * 30])
    view.page.evaluate("const o = document.querySelector('#out'); o.scrollTop = o.scrollHeight")
    view.call("standStill", 1100)  # scrollers are looked for once a second
    view.call("ops", ["text", "line\n\n" * 10])
    gap = "(o => o.scrollHeight - o.clientHeight - o.scrollTop)(document.querySelector('#out'))"
    assert view.page.evaluate(gap) < 2
    view.page.evaluate("document.querySelector('#out').scrollTop = 50")
    view.call("ops", ["text", "line\n\n" * 10])
    assert view.page.evaluate("document.querySelector('#out').scrollTop") == 50


def test_drawing_takes_no_focus(view: View) -> None:
    view.page.evaluate(
        "const i = document.createElement('input'); i.id = 'mine';"
        "document.body.append(i); i.focus()"
    )
    view.call("ops", ["thinking", "x"], ["tool", "t", "n"], ["text", "# y\n\n```\nz\n```\n"])
    view.call("ops", ["error", {"title": "t", "message": "m"}], ["status", "error"])
    assert view.page.evaluate("document.activeElement.id") == "mine"


def test_start_and_end_are_announced_and_nothing_between(view: View) -> None:
    said = view.page.locator("[aria-live=polite]")
    view.call("ops", ["status", "streaming"], ["text", "a"])
    first = said.text_content()
    view.call("ops", ["text", "b"])
    assert said.text_content() == first == "The answer has begun."
    view.call("ops", ["status", "done"])
    assert said.text_content() == "The answer is complete."


def test_cleanup_leaves_nothing(view: View) -> None:
    view.call("ops", ["text", "x"])
    view.call("hold", ["text", "y"])
    assert view.call("close") == {"handlers": 0, "nodes": 0, "frames": 0}


def test_every_control_has_a_name(view: View) -> None:
    view.call("ops", ["thinking", "t"], ["tool", "t", "n"], ["progress", "weights", 1, 2])
    view.call("ops", ["text", "```\nx\n```\n\n![i](https://a.example/i.png)\n\nend"])
    unnamed = view.page.evaluate(
        """() => [...document.querySelectorAll('button, summary, progress')].filter(
            (c) => !(c.getAttribute('aria-label') || c.textContent.trim())).length"""
    )
    assert unnamed == 0


LOADER = """async (source) => {
  const loader = (await import('/loader.js')).default;
  let fetched = 0;
  const runtime = { get: () => source };
  const handlers = [];
  const model = {
    get: (name) => ({ runtime: 'IPY_MODEL_abc', runtime_hash: 'h1' })[name],
    on: (_, f) => handlers.push(f), off: () => {}, send: () => {},
    widget_manager: {
      get_model: async (id) => {
        fetched++;
        if (id !== 'abc') throw new Error(id);
        return runtime;
      },
    },
  };
  const els = [document.createElement('div'), document.createElement('div')];
  document.body.append(...els);
  for (const el of els) await loader.render({ model, el });
  const text = els.map((el) => el.textContent);
  return { fetched, text, drawn: els.map((el) => el.childElementCount) };
}"""


def test_loader_imports_the_runtime_once_for_all_cells(view: View) -> None:
    source = view.page.evaluate("async () => (await fetch('/runtime.js')).text()")
    result = view.page.evaluate(LOADER, source)
    assert result["fetched"] == 1
    assert result["drawn"] == [1, 1]


def test_loader_says_in_plain_text_that_loading_failed(view: View) -> None:
    result = view.page.evaluate(LOADER, "this is not a module <img src=x onerror=alert(1)>")
    assert result["fetched"] == 2
    assert all("could not be loaded" in text for text in result["text"])
    assert view.dialogs == []
