"""Owns what the approval card shows before and after the decision: all of it, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .cards import ARGUMENTS, DIGEST, as_text, ask, decisions, press, resolve, sent
from .conftest import View

HAZARDS = Path(__file__).parents[1] / "wire" / "unicode_display_hazards.json"


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


@pytest.mark.parametrize("width", [280, 1000])
def test_values_of_a_call_share_a_column_and_long_names_wrap(card: View, width: int) -> None:
    card.page.set_viewport_size({"width": width, "height": 700})
    long = "name_of_an_argument_that_is_rather_long_" * 2
    arguments = {"a": 1, "dry_run_first": True, "code": "x\ny", long: "a long text " * 20}
    shown = ask(card, arguments)
    places = shown.locator(".lnb-arg").evaluate_all(
        """rows => rows.map(row => {
            const [key, value] = [...row.children].map(e => e.getBoundingClientRect());
            const isBelow = value.top >= key.bottom - 1;
            const isApart = key.right <= value.left && value.right <= innerWidth;
            return [isBelow, Math.round(value.left), isApart];
        })"""
    )
    beside = [place for place in places if not place[0]]
    assert len(beside) == 3
    assert len({left for _, left, _ in beside}) == 1
    assert all(is_apart for *_, is_apart in beside)
