"""Owns the approval card's keyboard, its focus and its names for a screen reader."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .cards import ask, decisions, press, resolve, sent
from .conftest import View

FOCUSED = """() => {
    const focused = document.activeElement;
    return focused.getAttribute("aria-label") ?? focused.textContent;
}"""


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
