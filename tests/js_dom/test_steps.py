"""Owns what a view does with the steps of a chain: folds, their usage, the waiting line, values."""

from __future__ import annotations

from typing import Any

from .conftest import View

DONE = {"status": "done", "input_tokens": 12, "output_tokens": 340, "elapsed_ms": 2100}


def opened(view: View) -> list[bool]:
    script = "[...document.querySelectorAll('.lnb-step')].map(step => step.open)"
    result: list[bool] = view.page.evaluate(script)
    return result


def test_parts_stand_inside_their_step_and_only_the_last_is_open(view: View) -> None:
    view.call("ops", ["step", "draft", 0], ["text", "One."])
    assert opened(view) == [True]
    view.call("ops", ["step_end", DONE], ["step", "final", 2100], ["text", "Two."])
    assert opened(view) == [False, True]
    texts = view.page.locator(".lnb-step-body > .lnb-text")
    assert [text.text_content() for text in texts.all()] == ["One.", "Two."]
    assert view.call("count", ".lnb-step-body:has(.lnb-step)") == 0
    view.call("ops", ["step_end", DONE], ["status", "done"])
    assert opened(view) == [False, True]


def test_a_step_tells_its_state_and_usage(view: View) -> None:
    view.call("ops", ["step", "draft", 0])
    mark = view.page.locator(".lnb-step .lnb-tool-mark")
    assert mark.get_attribute("aria-label") == "running"
    view.call("ops", ["step_end", DONE])
    assert mark.get_attribute("aria-label") == "done"
    assert view.page.locator(".lnb-step-usage").inner_text() == "12 in · 340 out · 2.1 s"
    view.call("ops", ["step", "next", 2100], ["step_end", {"status": "interrupted"}])
    assert mark.nth(1).get_attribute("aria-label") == "interrupted"


def test_a_fold_that_a_reader_chose_stays_as_it_is(view: View) -> None:
    view.call("ops", ["step", "draft", 0], ["text", "One."])
    summary = view.page.locator(".lnb-step > summary").first
    summary.click()
    view.call("ops", ["text", " More."])
    assert opened(view) == [False]
    summary.click()
    view.call("ops", ["step", "final", 10], ["text", "Two."])
    assert opened(view) == [True, True]
    summary.press("Enter")
    view.call("ops", ["text", " More."])
    assert opened(view) == [False, True]


def test_the_waiting_line_stands_in_the_step_that_waits(view: View) -> None:
    waiting = view.page.locator(".lnb-waiting")
    assert waiting.is_visible()
    view.call("ops", ["step", "draft", 0])
    assert view.page.locator(".lnb-step .lnb-waiting").is_visible()
    view.call("ops", ["text", "One."])
    assert not waiting.is_visible()
    view.call("ops", ["step_end", DONE], ["step", "final", 10], ["notice", "Trying again"])
    assert view.page.locator(".lnb-step:nth-child(2) .lnb-waiting").is_visible()
    view.call("ops", ["step_end", {"status": "error"}])
    assert not waiting.is_visible()


def test_a_value_is_drawn_in_place_of_the_text(view: View) -> None:
    view.call("ops", ["step", "read", 0], ["format", "json"], ["text", '[{"a": 1}]'])
    assert view.call("count", ".lnb-code") == 1
    view.call("ops", ["value", "| a |\n| --- |\n| 1&#124;2 |", "markdown"])
    assert view.call("count", ".lnb-code") == 0
    assert view.page.locator(".lnb-step-body td").inner_text() == "1|2"


def test_rows_are_counted_as_rows(view: View) -> None:
    view.call("ops", ["progress", "over df.text", 1200, 2000, "rows"])
    assert view.page.locator(".lnb-progress-numbers").inner_text() == "1,200 of 2,000 rows"


def test_a_snapshot_of_steps_is_drawn_as_the_deltas_were(view: View) -> None:
    parts: list[dict[str, Any]] = [
        {"type": "step", "title": "draft", "began_ms": 0, **DONE},
        {"type": "thinking", "text": "Hm.", "done": True},
        {"type": "text", "text": "One.", "format": "markdown"},
        {"type": "step", "title": "final", "began_ms": 10, "status": "running"},
        {"type": "text", "text": "Two.", "format": "markdown"},
    ]
    turn = {"status": "streaming", "parts": parts, "footer": {}, "error": None, "elapsed_ms": 20}
    view.call("say", {"kind": "snapshot", "seq": 7, "turn": turn})
    grown = view.call("shape")
    view.call("restart")
    view.call("ops", ["step", "draft", 0], ["thinking", "Hm."], ["thinking_end"], ["text", "One."])
    view.call("ops", ["step_end", DONE], ["step", "final", 10], ["text", "Two."])
    strip = "html => html.replace(/<span class=\"lnb-thinking-label\">[^<]*/, '')"
    assert view.page.evaluate(strip, grown) == view.page.evaluate(strip, view.call("shape"))


def test_another_snapshot_takes_the_steps_away(view: View) -> None:
    view.call("ops", ["step", "draft", 0], ["text", "One."], ["step", "b", 1], ["text", "Two."])
    text = {"type": "text", "text": "Other.", "format": "markdown"}
    step = {"type": "step", "title": "else", "began_ms": 5, "status": "running"}
    turn = {"status": "streaming", "parts": [text, step, text], "footer": {}, "error": None}
    view.call("say", {"kind": "snapshot", "seq": 9, "turn": {**turn, "elapsed_ms": 9}})
    assert view.call("count", ".lnb-step") == 1
    assert view.call("text").split() == ["Other.", "…", "else", "Other."]


def test_a_hostile_title_is_only_text(view: View) -> None:
    title = "<img src=x onerror=alert(1)>\u202e"
    view.call("ops", ["step", title, 0], ["step_end", {**DONE, "model": title}])
    assert "<img" in view.page.locator(".lnb-step-title").inner_text()
    assert "\u202e" not in view.page.locator(".lnb-step").inner_text()
    assert view.call("audit") is None
    view.assert_harmless()
