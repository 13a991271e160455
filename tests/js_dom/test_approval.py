"""Owns what the approval card shows, hears and sends. The clock moves only when a test says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from .conftest import View

HAZARDS = Path(__file__).parents[1] / "wire" / "unicode_display_hazards.json"
NOW = "2026-11-23T12:00:00Z"
BEFORE = "2026-11-23T11:00:00Z"  # an installed clock runs until it is paused
ARGUMENTS: dict[str, Any] = {"limit": 1200, "table": "sales", "where": {"all": [True, None]}}
FOCUSED = """() => {
    const focused = document.activeElement;
    return focused.getAttribute("aria-label") ?? focused.textContent;
}"""
DIGEST = "3fa94c1b2d" * 6


@pytest.fixture
def card(view: View) -> Iterator[View]:
    """A view whose clock stands still."""
    view.page.clock.install(time=BEFORE)
    view.page.clock.pause_at(NOW)
    # The clock replaces frames too; the page of these tests draws when it is told to.
    view.page.evaluate("window.requestAnimationFrame = window.t.frame")
    view.call("restart")
    yield view
    assert view.errors == []


def as_text(arguments: Any) -> str:
    return json.dumps(arguments, indent=2, ensure_ascii=False, sort_keys=True)


def ask(
    view: View, arguments: Any = ARGUMENTS, *, id: str = "t1", armed: bool = True, **fields: Any
) -> Locator:
    """Lets a call wait; returns its card."""
    question = {"state": "waiting", "digest": DIGEST, "text": as_text(arguments)}
    question |= {"expires_at": "2026-11-23T12:04:58Z", "can_always": True, **fields}
    view.call(
        "ops",
        ["tool", id, f"delete_{id}"],
        ["args", id, json.dumps(arguments)],
        ["tool_status", id, {"status": "waiting", "approval": question}],
    )
    if armed:
        view.page.clock.run_for(1000)
    return view.page.get_by_role("alertdialog", name=f"Run delete_{id}?")


def resolve(view: View, id: str = "t1", *, state: str = "approved", **fields: Any) -> None:
    decision = {"state": state, "decided_by": "click", "decided_at": NOW, **fields}
    status = "running" if state == "approved" else "denied"
    view.call("ops", ["tool_status", id, {"status": status, "approval": decision}])


def press(card: Locator, name: str) -> None:
    card.get_by_role("button", name=name, exact=True).click()


def decisions(view: View) -> list[dict[str, Any]]:
    return [m for m in view.call("sent") if m["kind"] == "decide"]


def sent(decision: str, id: str = "t1", **fields: Any) -> dict[str, Any]:
    return {"kind": "decide", "id": id, "digest": DIGEST, "decision": decision, **fields}


def test_every_argument_is_shown_whole_and_no_number_changes(card: View) -> None:
    arguments = {**ARGUMENTS, "big": 12345678901234567890123, "code": "a = 1\n\tb()", "no": ""}
    shown = ask(card, arguments)
    rows = shown.locator(".lnb-arg").evaluate_all("rows => rows.map(r => r.innerText.split('\\n'))")
    assert [row[0] for row in rows] == sorted(arguments)
    text = {row[0]: "\n".join(row[1:]).strip("\n") for row in rows}
    assert text["big"] == "12345678901234567890123"
    assert text["code"] == "a = 1\n\tb()"
    assert text["where"].split() == ["{", '"all":', "[", "true,", "null", "]", "}"]


def test_a_string_is_not_taken_for_a_number_or_a_word(card: View) -> None:
    shown = ask(card, {"a": "true", "b": True, "c": "1", "d": 1})
    kinds = shown.locator(".lnb-arg pre").evaluate_all("all => all.map(p => p.className)")
    assert kinds == ["lnb-arg-string", "lnb-arg-json"] * 2


def test_every_known_hazard_is_shown_as_its_number(card: View) -> None:
    points = [int(hazard["cp"][2:], 16) for hazard in json.loads(HAZARDS.read_text("utf-8"))]
    points = [p for p in points if not 0xD800 <= p <= 0xDFFF]  # these cannot be sent
    assert len(points) > 2000
    text = "a" + "b".join(chr(p) for p in points if p != 0x0A)
    shown = ask(card, {f"key{text}": text, "list": [text]})
    shown.get_by_role("button", name="Show everything").click()
    drawn = shown.evaluate("card => card.textContent")
    assert not any(chr(p) in drawn for p in points if p != 0x0A)
    for point in points:
        if point != 0x0A:
            # In nested JSON, Python has already written C0 controls as \\u0000.
            assert drawn.count(f"\\u{{{point:X}}}") >= (2 if point < 0x20 else 3), hex(point)


def test_a_hazard_is_marked_so_that_it_cannot_be_forged(card: View) -> None:
    shown = ask(card, {"x": "\u202e", "y": "\\u{202E}"})
    assert shown.locator(".lnb-hazard").all_inner_texts() == ["\\u{202E}"]


def test_a_long_call_shows_its_size_digest_head_and_tail_and_the_whole_on_a_click(
    card: View,
) -> None:
    shown = ask(card, {"code": "HEAD" + "x" * 5000 + "MIDDLE" + "y" * 5000 + "TAIL"})
    text = shown.inner_text()
    assert "10.0 kB" in text
    assert DIGEST[:12] in text
    assert "HEAD" in text
    assert "TAIL" in text
    assert "MIDDLE" not in text
    assert shown.locator(".lnb-arg-gap").inner_text().strip() == "… 9214 more characters …"
    press(shown, "Show everything")
    assert "MIDDLE" in shown.inner_text()


def test_four_kilobytes_are_shown_whole_at_once(card: View) -> None:
    shown = ask(card, {"code": "x" * 2000 + "MIDDLE" + "y" * 2000})
    assert "MIDDLE" in shown.inner_text()
    assert not shown.get_by_role("button", name="Show everything").is_visible()


def test_many_arguments_are_shown_by_their_first_and_last(card: View) -> None:
    shown = ask(card, {f"k{n:04}": n for n in range(1000)})
    assert "955 more arguments" in shown.inner_text()
    press(shown, "Show everything")
    assert shown.locator(".lnb-arg").count() == 1000


@pytest.mark.parametrize("payload", ["<img src=x onerror=alert(1)>", "](javascript:alert(1))"])
def test_hostile_names_and_arguments_are_only_text(card: View, payload: str) -> None:
    question = {"state": "waiting", "digest": payload, "text": as_text({payload: payload})}
    change = {"status": "waiting", "approval": question, "note": payload}
    card.call("ops", ["tool", "t1", payload], ["tool_status", "t1", change])
    shown = card.page.get_by_role("alertdialog")
    assert shown.inner_text().count(payload) >= 3
    assert shown.locator("img, a, script").count() == 0
    card.assert_harmless()


def test_approve_sends_the_digest_once_for_a_double_click(card: View) -> None:
    shown = ask(card)
    shown.get_by_role("button", name="Approve").dblclick()
    assert decisions(card) == [sent("approve")]
    assert shown.get_by_role("button", name="Deny").is_disabled()
    assert "Sending…" in shown.inner_text()


def test_only_a_persons_own_events_count(card: View) -> None:
    shown = ask(card)
    shown.evaluate(
        """card => {
            for (const one of card.querySelectorAll("button, input")) {
                one.click();
                one.dispatchEvent(new MouseEvent("click", { bubbles: true }));
                const enter = { key: "Enter", bubbles: true };
                one.dispatchEvent(new KeyboardEvent("keydown", enter));
            }
        }"""
    )
    assert decisions(card) == []


def test_a_click_meant_for_something_else_decides_nothing(card: View) -> None:
    shown = ask(card, armed=False)
    card.page.clock.run_for(200)
    press(shown, "Approve")
    assert decisions(card) == []
    assert "only just appeared" in shown.inner_text()
    card.page.clock.run_for(300)
    press(shown, "Approve")
    assert decisions(card) == [sent("approve")]


def test_a_card_that_moved_under_the_pointer_waits_again(card: View) -> None:
    first, second = ask(card), ask(card, id="t2")
    press(first, "Approve")
    resolve(card)
    card.call("ops", ["tool_status", "t1", {"status": "done", "result": "ok"}])
    press(second, "Approve")  # it has come to where the first one was
    assert decisions(card) == [sent("approve")]
    card.page.clock.run_for(400)
    press(second, "Approve")
    assert decisions(card) == [sent("approve"), sent("approve", "t2")]


def test_enter_in_the_reason_denies_with_it(card: View) -> None:
    shown = ask(card)
    reason = shown.get_by_role("textbox", name="Reason for denying")
    reason.fill("  Not this table.  ")
    reason.press("Enter")
    assert decisions(card) == [sent("deny", reason="Not this table.")]


def test_deny_needs_no_reason(card: View) -> None:
    press(ask(card), "Deny")
    assert decisions(card) == [sent("deny")]


@pytest.mark.parametrize(
    ("name", "decision"),
    [
        ("delete_t1, whatever the arguments", "always"),
        ("With exactly these arguments", "always_exact"),
    ],
)
def test_always_asks_which_always(card: View, name: str, decision: str) -> None:
    shown = ask(card)
    always = shown.get_by_role("button", name="Always…")
    assert always.get_attribute("aria-expanded") == "false"
    always.click()
    assert always.get_attribute("aria-expanded") == "true"
    press(shown, name)
    assert decisions(card) == []  # it had just appeared
    card.page.clock.run_for(400)
    press(shown, name)
    assert decisions(card) == [sent(decision)]


def test_always_is_not_offered_where_it_cannot_be_said(card: View) -> None:
    shown = ask(card, can_always=False)
    assert shown.get_by_role("button", name="Always").count() == 0


def test_edit_shows_a_check_and_the_difference_before_it_can_be_approved(card: View) -> None:
    shown = ask(card)
    press(shown, "Edit")
    area = shown.get_by_role("textbox", name="Arguments as JSON")
    expect(area).to_be_focused()
    approve = shown.get_by_role("button", name="Approve edited")
    assert approve.is_disabled()
    assert not shown.get_by_role("button", name="Approve", exact=True).is_visible()
    area.fill('{"limit": ')
    assert "Not valid JSON" in shown.get_by_role("status").inner_text()
    assert approve.is_disabled()
    area.fill("[1]")
    assert "one JSON object" in shown.get_by_role("status").inner_text()
    edited = as_text(ARGUMENTS).replace("1200", "10")
    area.fill(edited)
    assert shown.locator(".lnb-diff del").all_inner_texts() == ['−  "limit": 1200,']
    assert shown.locator(".lnb-diff ins").all_inner_texts() == ['+  "limit": 10,']
    card.page.clock.run_for(400)  # the difference has moved it
    approve.click()
    assert decisions(card) == [sent("approve", input_text=edited)]


def test_escape_leaves_editing_and_the_change_is_kept(card: View) -> None:
    shown = ask(card)
    press(shown, "Edit")
    area = shown.get_by_role("textbox", name="Arguments as JSON")
    area.fill("{}")
    area.press("Escape")
    assert not area.is_visible()
    expect(shown.get_by_role("button", name="Edit")).to_be_focused()
    press(shown, "Approve")
    assert decisions(card) == [sent("approve")]
    # Leaving is no loss: what was written is there again.
    card.call("ops", ["tool_status", "t1", {"note": "x"}])
    press(shown, "Edit")
    assert area.input_value() == "{}"


def test_the_editor_hides_no_character_and_changes_none(card: View) -> None:
    arguments = {"x": "a\u202eb\u200bc\U000e0041 \u00a0"}
    shown = ask(card, arguments)
    press(shown, "Edit")
    text = shown.get_by_role("textbox", name="Arguments as JSON").input_value()
    assert text.isascii()
    assert json.loads(text) == arguments


def test_a_note_is_said_and_the_buttons_live_again(card: View) -> None:
    shown = ask(card)
    for _ in range(2):  # the same note a second time counts, too
        press(shown, "Approve")
        assert shown.get_by_role("button", name="Approve").is_disabled()
        card.call("ops", ["tool_status", "t1", {"note": "limit: must be <b>positive</b>"}])
        alert = shown.get_by_role("alert").filter(has_text="must be")
        assert alert.inner_text() == "limit: must be <b>positive</b>"
        assert shown.get_by_role("button", name="Approve").is_enabled()
    assert len(decisions(card)) == 2


def test_unrelated_news_does_not_bring_the_buttons_back(card: View) -> None:
    shown = ask(card)
    press(shown, "Approve")
    ask(card, id="t2")
    card.call("ops", ["text", "more"])
    assert shown.get_by_role("button", name="Approve").is_disabled()


def test_a_kernel_that_does_not_answer_is_told_and_is_no_decision(card: View) -> None:
    shown = ask(card)
    press(shown, "Approve")
    card.page.clock.run_for(4000)
    assert "not answered" not in shown.inner_text()
    card.page.clock.run_for(3000)
    assert "has not answered" in shown.inner_text()
    assert shown.get_by_role("button", name="Deny").is_enabled()


@pytest.mark.parametrize("event", ["comm:close", "comm_live_update"])
def test_a_kernel_that_is_gone_leaves_dead_buttons_until_it_speaks(card: View, event: str) -> None:
    shown = ask(card)
    card.call("trigger", event)
    assert "kernel that asked is gone" in shown.inner_text()
    for control in shown.locator("button:visible, input:visible").all():
        assert control.is_disabled()
    card.call("say", {"kind": "tick", "seq": 1, "elapsed_ms": 5000})
    assert "gone" not in shown.inner_text()
    assert shown.get_by_role("button", name="Approve").is_enabled()


def test_the_time_left_ticks(card: View) -> None:
    time = ask(card).locator(".lnb-card-time")
    assert time.inner_text() == "denied by itself in 5:00"
    card.page.clock.run_for(60_000)
    assert time.inner_text() == "denied by itself in 4:00"
    card.page.clock.run_for(230_000)
    assert time.inner_text() == "denied by itself in 0:07"


def test_a_decided_call_is_one_quiet_line(card: View) -> None:
    shown = ask(card)
    press(shown, "Approve")
    resolve(card)
    expect(shown).to_have_count(0)
    tool = card.page.locator(".lnb-tool")
    assert tool.locator(".lnb-decided").inner_text().startswith("Approved by click · ")
    assert tool.get_attribute("open") is not None
    card.call("ops", ["tool_status", "t1", {"status": "done", "result": "ok"}])
    assert tool.get_attribute("open") is None
    assert tool.locator(".lnb-tool-state").inner_text() == "done · approved by click"


def test_a_denied_call_shows_its_reason_and_an_edited_one_its_difference(card: View) -> None:
    ask(card)
    resolve(card, state="denied", reason="Not this table.")
    denied = card.page.locator(".lnb-tool").nth(0)
    assert denied.locator(".lnb-decided").inner_text().startswith("Denied: Not this table. · ")
    ask(card, id="t2")
    resolve(card, "t2", edited_text=as_text({**ARGUMENTS, "limit": 10}))
    edited = card.page.locator(".lnb-tool").nth(1)
    assert "Approved with changed arguments" in edited.inner_text()
    edited.get_by_text("What was changed").click()
    assert edited.locator("ins").inner_text() == '+  "limit": 10,'


def test_a_note_that_comes_too_late_stands_by_the_decision(card: View) -> None:
    ask(card)
    resolve(card, state="denied")
    card.call("ops", ["tool_status", "t1", {"note": "Somebody else was first."}])
    assert card.page.get_by_role("alert").filter(has_text="first").is_visible()


def test_a_stopped_call_says_so_and_asks_no_more(card: View) -> None:
    shown = ask(card)
    card.call("ops", ["tool_status", "t1", {"status": "cancelled"}], ["status", "interrupted"])
    expect(shown).to_have_count(0)
    assert card.page.locator(".lnb-tool-state").inner_text() == "stopped"


def test_a_turn_that_ended_asks_nothing(card: View) -> None:
    shown = ask(card)
    card.call("ops", ["status", "interrupted"])
    expect(shown).to_have_count(0)


def test_parallel_calls_are_decided_each_by_itself(card: View) -> None:
    first, second = ask(card), ask(card, id="t2")
    press(second, "Deny")
    assert first.get_by_role("button", name="Approve").is_enabled()
    press(first, "Approve")
    assert decisions(card) == [sent("deny", "t2"), sent("approve")]


def test_a_snapshot_brings_the_card_back(card: View) -> None:
    question = {"state": "waiting", "digest": DIGEST, "text": "{}", "can_always": True}
    part = {"type": "tool", "id": "t1", "name": "n", "input_text": "{}", "status": "waiting"}
    turn = {"status": "streaming", "parts": [{**part, "result": None, "approval": question}]}
    turn |= {"footer": {}, "error": None, "elapsed_ms": 0}
    card.call("say", {"kind": "snapshot", "seq": 5, "turn": turn})
    card.page.clock.run_for(400)
    press(card.page.get_by_role("alertdialog", name="Run n?"), "Approve")
    assert decisions(card) == [sent("approve")]


def test_a_question_is_never_asked_inside_a_closed_fold(card: View) -> None:
    card.call("ops", ["tool", "t1", "delete_t1"])
    for _ in range(2):
        card.page.locator(".lnb-tool summary").click()
    question = {"state": "waiting", "digest": DIGEST, "text": "{}"}
    card.call("ops", ["tool_status", "t1", {"status": "waiting", "approval": question}])
    assert card.page.get_by_role("alertdialog").is_visible()


def test_a_readers_own_fold_of_a_waiting_call_wins(card: View) -> None:
    ask(card)
    card.page.locator(".lnb-tool summary").click()
    resolve(card)
    assert card.page.locator(".lnb-tool").get_attribute("open") is None


def test_the_card_is_an_alertdialog_with_names_for_all(card: View) -> None:
    shown = ask(card, {"limit": 1})
    expect(shown).to_match_aria_snapshot(
        """
        - alertdialog "Run delete_t1?":
          - code: delete_t1
          - text: /denied by itself in/
          - code: limit
          - group "Decision":
            - button "Deny"
            - textbox "Reason for denying (optional)"
            - button "Approve"
            - button "Always…"
            - button "Edit"
        """
    )
    described = shown.evaluate(
        "c => c.getAttribute('aria-describedby').split(' ')"
        ".map(id => document.getElementById(id).innerText).join(' ')"
    )
    assert "limit" in described
    assert "denied by itself" in described


def test_focus_starts_on_deny_and_the_keyboard_reaches_all_in_order(card: View) -> None:
    ask(card)
    seen = []
    for _ in range(5):
        seen.append(card.page.evaluate(FOCUSED))
        card.page.keyboard.press("Tab")
    assert seen == ["Deny", "Reason for denying (optional)", "Approve", "Always…", "Edit"]


@pytest.mark.parametrize(("key", "tabs"), [("Enter", 2), ("Space", 2)])
def test_the_keyboard_decides(card: View, key: str, tabs: int) -> None:
    ask(card)
    for _ in range(tabs):
        card.page.keyboard.press("Tab")
    card.page.keyboard.press(key)
    assert decisions(card) == [sent("approve")]


def test_keys_that_act_on_a_button_do_not_reach_the_notebook(card: View) -> None:
    card.page.evaluate(
        "window.keys = []; document.addEventListener('keydown', (e) => window.keys.push(e.key))"
    )
    ask(card)
    for key in ("Enter", "i"):
        card.page.keyboard.press(key)
    assert card.page.evaluate("window.keys") == ["i"]


@pytest.mark.parametrize(
    "html",
    [
        "<input class=mine>",
        "<div class=cm-editor><div class=mine contenteditable=true>x</div></div>",
        "<div role=dialog><button class=mine>x</button></div>",
    ],
)
def test_focus_is_never_taken_from_a_person_at_work(card: View, html: str) -> None:
    card.page.evaluate(
        "html => { document.body.insertAdjacentHTML('beforeend', html);"
        "document.querySelector('.mine').focus(); }",
        html,
    )
    ask(card)
    assert card.page.evaluate("document.activeElement.className") == "mine"
    alerts = card.page.get_by_role("alert").all_inner_texts()
    assert "delete_t1 waits for your approval." in [text.strip() for text in alerts]


def test_a_second_card_leaves_the_focus_in_the_first(card: View) -> None:
    first = ask(card)
    ask(card, id="t2")
    expect(first.get_by_role("button", name="Deny")).to_be_focused()


def test_focus_is_not_lost_when_the_card_goes(card: View) -> None:
    press(ask(card), "Approve")
    resolve(card)
    expect(card.page.locator(".lnb-tool summary")).to_be_focused()
