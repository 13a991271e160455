"""Owns what a panel's view does with messages, keys and clicks: drafts, versions, cleanup."""

from __future__ import annotations

import json

from tests.js_dom.panel_page import Panel, ask, build_entry
from tests.js_dom.view import View, wait_until


def test_draft_stays_until_the_kernel_has_it(panel: Panel) -> None:
    field = panel.page.get_by_label("Message to the model")
    nonce = ask(panel, "Why?")
    assert field.input_value() == "Why?"
    panel.show(build_entry("t1", "", "waiting"), running=True, nonce=nonce)
    assert field.input_value() == ""
    assert panel.find("send") == [{"kind": "send", "text": "Why?", "nonce": nonce}]


def test_end_of_an_answer_that_outgrows_the_panel_stays_in_sight(panel: Panel) -> None:
    panel.show(build_entry("t1", "First words.", "streaming"), running=True)
    panel.page.get_by_text("First words.").wait_for()
    room = "e => e.scrollHeight - e.clientHeight"
    scroller = panel.page.locator(".lnb-scroller")
    assert scroller.evaluate(room) == 0
    long = {"kind": "delta", "seq": 1, "ops": [["text", "\n\nline" * 80], ["text", " end"]]}
    panel.say({"kind": "turn", "id": "t1", "message": long})
    panel.page.get_by_text("line end").wait_for()
    assert scroller.evaluate(room) > 100
    wait_until(
        panel.page,
        "() => { const e = document.querySelector('.lnb-scroller');"
        " return e.scrollHeight - e.clientHeight - e.scrollTop <= 1; }",
    )


def test_what_grows_by_a_click_takes_nobody_from_the_end_and_scrolling_up_does(
    panel: Panel,
) -> None:
    """Deny showed a note of 27 pixels; the rest of the answer then came out of sight."""
    gap = "document.querySelector('.lnb-scroller')"
    gap = f"(e => e.scrollHeight - e.clientHeight - e.scrollTop)({gap})"
    panel.show(build_entry("t1", "line\n\n" * 80, "streaming"), running=True)
    wait_until(panel.page, f"window.t.flush() || {gap} <= 1")
    note = "document.querySelector('.lnb-text').append(Object.assign("
    note += "document.createElement('p'), { textContent: 'a note' }))"
    panel.page.evaluate(note)
    assert panel.page.evaluate(gap) > 24
    words = {"kind": "delta", "seq": 1, "ops": [["text", "more\n\n" * 9]]}
    panel.say({"kind": "turn", "id": "t1", "message": words})
    assert panel.page.evaluate(gap) <= 1
    panel.page.locator(".lnb-scroller").evaluate("e => { e.scrollTop -= 60; }")
    panel.say({"kind": "turn", "id": "t1", "message": words | {"seq": 2}})
    assert panel.page.evaluate(gap) > 60


def test_draft_survives_a_lost_kernel(panel: Panel) -> None:
    ask(panel, "Why?")
    panel.page.evaluate("window.p.trigger('comm:close')")
    field = panel.page.get_by_label("Message to the model")
    assert (field.input_value(), field.is_editable()) == ("Why?", True)
    assert "is gone" in panel.page.locator(".lnb-ask-note").inner_text()


def test_enter_sends_once_and_shift_enter_makes_a_line(panel: Panel) -> None:
    field = panel.page.get_by_label("Message to the model")
    field.press_sequentially("a")
    field.press("Shift+Enter")
    field.press_sequentially("b")
    field.press("Enter")
    field.press("Enter")
    assert [message["text"] for message in panel.find("send")] == ["a\nb"]


def test_keys_of_who_types_do_not_reach_the_page(panel: Panel) -> None:
    field = panel.page.get_by_label("Message to the model")
    field.press_sequentially("dd")
    field.press("Enter")
    assert panel.page.evaluate("window.outer") == []
    assert field.get_attribute("data-lm-suppress-shortcuts") == "true"


def test_what_is_written_during_an_answer_is_sent_to_be_queued(panel: Panel) -> None:
    panel.show(build_entry("t1", "", "streaming"), running=True)
    field = panel.page.get_by_label("Message to the model")
    field.press_sequentially("next")
    field.press("Enter")
    [sent] = panel.find("send")
    assert (sent["text"], field.input_value()) == ("next", "next")
    panel.page.get_by_role("button", name="Stop the answer").click()
    assert panel.find("stop") == [{"kind": "stop"}]


def test_draft_and_focus_stay_while_an_answer_streams(panel: Panel) -> None:
    panel.show(build_entry("t1", "", "streaming"), running=True)
    field = panel.page.get_by_label("Message to the model")
    field.press_sequentially("a draft")
    for seq in range(1, 30):
        delta = {"kind": "delta", "seq": seq, "ops": [["text", f"word{seq} "]]}
        panel.say({"kind": "turn", "id": "t1", "message": delta})
    assert field.input_value() == "a draft"
    assert panel.page.evaluate("document.activeElement.className") == "lnb-ask"
    assert panel.page.locator(".lnb-text").inner_text().split()[-1] == "word29"


def test_edited_question_and_chosen_version_are_sent(panel: Panel) -> None:
    panel.show(build_entry("t2", "Answer.", versions=["t1", "t2"]))
    panel.page.get_by_role("button", name="Edit this question and ask again").click()
    panel.page.get_by_label("Edited question", exact=True).fill("Better?")
    panel.page.get_by_role("button", name="Ask the edited question").click()
    [edit] = panel.find("edit")
    assert (edit["id"], edit["text"]) == ("t2", "Better?")
    panel.page.get_by_role("button", name="Show the version before").click()
    assert panel.find("choose") == [{"kind": "choose", "id": "t1"}]


def test_title_is_renamed_and_clearing_asks_first(panel: Panel) -> None:
    more = panel.page.get_by_role("button", name="More actions")
    more.click()
    panel.page.get_by_role("button", name="Rename this chat").click()
    field = panel.page.get_by_label("Title of this chat")
    field.fill("Sales")
    field.press("Enter")
    assert panel.find("rename") == [{"kind": "rename", "title": "Sales"}]
    more.click()
    panel.page.get_by_role("button", name="Clear this chat").click()
    assert panel.find("clear") == []
    panel.page.get_by_role("button", name="Yes, clear").click()
    assert panel.find("clear") == [{"kind": "clear"}]


def test_what_fails_of_no_message_is_seen_and_touches_no_draft(panel: Panel) -> None:
    field = panel.page.get_by_label("Message to the model")
    field.press_sequentially("a draft")
    panel.show(problem="The conversation cannot be deleted: the disk is full.")
    note = panel.page.locator(".lnb-ask-note")
    assert note.inner_text() == "The conversation cannot be deleted: the disk is full."
    assert (note.get_attribute("role"), field.input_value()) == ("status", "a draft")
    panel.show(nonce="of another view", problem="9 files are too many.")
    assert note.inner_text() == "The conversation cannot be deleted: the disk is full."


def test_long_title_leaves_its_keys_in_one_line(panel: Panel) -> None:
    more = panel.page.get_by_role("button", name="More actions")
    height = more.bounding_box()["height"]  # type: ignore[index]
    panel.show(head={"title": "A title that goes on and on " * 9})
    assert more.bounding_box()["height"] == height  # type: ignore[index]


def test_file_is_saved_by_the_view_that_asked_for_it_and_no_other(panel: Panel) -> None:
    panel.page.get_by_role("button", name="More actions").click()
    panel.page.get_by_role("button", name="Save as Markdown").click()
    [asked] = panel.find("export")
    downloads: list[str] = []
    panel.page.on("download", lambda download: downloads.append(download.suggested_filename))
    panel.say({"kind": "file", "name": "other.md", "text": "", "nonce": "of another view"})
    with panel.page.expect_download() as download:
        panel.say({"kind": "file", "name": "chat.md", "text": "# Chat", "nonce": asked["nonce"]})
    assert download.value.path().read_text("utf-8") == "# Chat"
    assert downloads == ["chat.md"]


def test_hostile_question_and_title_are_text(panel: Panel, view: View) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    panel.show(build_entry("t1", hostile, question=hostile))
    assert panel.page.locator(".lnb-question").inner_text() == hostile
    assert panel.page.locator(".lnb-panel img").count() == 0
    view.assert_harmless()


def test_every_control_has_a_name(panel: Panel) -> None:
    panel.show(build_entry("t2", "Answer.", versions=["t1", "t2"]))
    panel.page.get_by_role("button", name="More actions").click()
    unnamed = panel.page.evaluate(
        """() => [...document.querySelectorAll(".lnb-panel :is(button, input, textarea, [role])")]
            .filter((e) => !e.getAttribute("aria-label") && !e.textContent.trim())
            .filter((e) => !["status", "alert"].includes(e.getAttribute("role")))
            .map((e) => e.outerHTML)"""
    )
    assert unnamed == []


def test_removing_the_view_leaves_nothing(panel: Panel) -> None:
    panel.show(build_entry("t1", "Answer."))
    panel.page.evaluate("window.p.close()")
    left = panel.page.evaluate(
        "[window.p.handlers.length, document.querySelector('#out').children.length]"
    )
    assert json.dumps(left) == "[0, 0]"
