"""Owns what a panel's page shows and sends of the messages that wait."""

from __future__ import annotations

from tests.js_dom.panel_page import Panel, ask, build_entry
from tests.js_dom.view import View

WAITING = [{"id": "q1", "text": "second"}, {"id": "q2", "text": "third"}]


def show_waiting(panel: Panel, *, paused: bool = False) -> None:
    head = {"queued": WAITING, "paused": paused}
    panel.show(build_entry("t1", "", "streaming"), running=not paused, head=head)


def test_waiting_messages_are_shown_edited_and_removed(panel: Panel) -> None:
    show_waiting(panel)
    group = panel.page.get_by_role("group", name="Waiting messages")
    assert group.locator(".lnb-queue-text").all_inner_texts() == ["second", "third"]
    group.get_by_role("button", name="Edit this waiting message").first.click()
    field = group.get_by_label("Edited waiting message").first
    field.fill("better")
    field.press("Enter")
    group.get_by_role("button", name="Remove this waiting message").last.click()
    assert panel.find("queue_edit") == [{"kind": "queue_edit", "id": "q1", "text": "better"}]
    assert panel.find("queue_remove") == [{"kind": "queue_remove", "id": "q2"}]
    assert panel.find("send") == []


def test_paused_queue_goes_on_by_a_click_only(panel: Panel) -> None:
    show_waiting(panel)
    resume = panel.page.get_by_role("button", name="Send the waiting messages")
    assert not resume.is_visible()
    show_waiting(panel, paused=True)
    resume.click()
    assert panel.find("resume") == [{"kind": "resume"}]


def test_what_is_typed_into_a_waiting_message_stays_while_the_answer_goes_on(panel: Panel) -> None:
    show_waiting(panel)
    panel.page.get_by_role("button", name="Edit this waiting message").first.click()
    field = panel.page.get_by_label("Edited waiting message").first
    field.fill("half typed")
    show_waiting(panel)
    assert field.input_value() == "half typed"


def test_refused_message_stays_in_the_field_and_says_why(panel: Panel) -> None:
    nonce = ask(panel, "Why?")
    panel.show(nonce=nonce, problem="20 messages wait already.")
    field = panel.page.get_by_label("Message to the model")
    assert (field.input_value(), field.is_editable()) == ("Why?", True)
    assert panel.page.locator(".lnb-ask-note").inner_text() == "20 messages wait already."


def test_hostile_waiting_message_is_text(panel: Panel, view: View) -> None:
    text = "<img src=x onerror=alert(1)>"
    panel.show(head={"queued": [{"id": "q1", "text": text}]})
    assert panel.page.locator(".lnb-queue-text").inner_text() == text
    view.assert_harmless()


def test_message_that_a_busy_kernel_does_not_hear_waits_and_goes_once(panel: Panel) -> None:
    """A kernel that cannot be reached answers nothing: no acknowledgement in 1.5 s."""
    panel.page.evaluate("window.t.standStill()")
    nonce = ask(panel, "Why?")
    note = panel.page.locator(".lnb-ask-note")
    assert not note.is_visible()
    panel.page.evaluate("window.t.standStill(2000)")
    panel.show(build_entry("t1", "Older."))  # anything that draws
    assert "The kernel is busy. The message is on its way" in note.inner_text()
    field = panel.page.get_by_label("Message to the model")
    field.press("Enter")
    assert (field.input_value(), len(panel.find("send"))) == ("Why?", 1)
    panel.show(build_entry("t2", "", "waiting"), running=True, nonce=nonce)
    assert (field.input_value(), note.is_visible()) == ("", False)
