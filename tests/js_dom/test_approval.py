"""Owns what the approval card hears and sends. The clock moves only when a test says so."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from .cards import ARGUMENTS, as_text, ask, decisions, press, resolve, sent
from .conftest import View


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


def test_the_time_left_is_the_kernels_whatever_the_pages_clock_says(card: View) -> None:
    card.page.clock.set_system_time("2031-01-01T00:00:00Z")
    time = ask(card).locator(".lnb-card-time")
    assert time.inner_text() == "denied by itself in 5:00"
    card.call("say", {"kind": "tick", "seq": 1, "elapsed_ms": 290_000})
    card.page.clock.run_for(1000)
    assert time.inner_text() == "denied by itself in 0:07"


def test_the_time_left_ticks(card: View) -> None:
    time = ask(card).locator(".lnb-card-time")
    assert time.inner_text() == "denied by itself in 5:00"
    card.page.clock.run_for(60_000)
    assert time.inner_text() == "denied by itself in 4:00"
    card.page.clock.run_for(230_000)
    assert time.inner_text() == "denied by itself in 0:07"
