"""Owns the list of names after `@`: what is asked, and what keys and the mouse do with it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.js_dom.panel_page import Panel
from tests.js_dom.view import View

NAMES = [["sales", "DataFrame"], ["sample", "list"], ["Sand", "str"]]


def get_field(panel: Panel) -> Locator:
    return panel.page.get_by_label("Message to the model")


def get_list(panel: Panel) -> Locator:
    return panel.page.get_by_role("listbox", name="Variables")


def open_list(panel: Panel, typed: str = "What is @sa", prefix: str = "sa") -> Locator:
    field = get_field(panel)
    field.press_sequentially(typed)
    panel.say({"kind": "names", "prefix": prefix, "names": NAMES})
    expect(get_list(panel)).to_be_visible()
    return field


def get_active(panel: Panel) -> str:
    """What a screen reader is told of: the option that the field points to, which is selected."""
    active = get_field(panel).get_attribute("aria-activedescendant")
    option = panel.page.locator(f"[id='{active}'][role=option][aria-selected=true]")
    assert panel.page.locator("[role=option][aria-selected=true]").count() == 1
    return option.inner_text().split()[0]


def test_each_letter_asks_and_only_the_last_answer_counts(panel: Panel) -> None:
    get_field(panel).press_sequentially("a@b @sa")
    assert [message["prefix"] for message in panel.find("names")] == ["", "s", "sa"]
    panel.say({"kind": "names", "prefix": "s", "names": NAMES})
    assert not get_list(panel).is_visible()
    panel.say({"kind": "names", "prefix": "sa", "names": NAMES})
    assert get_list(panel).get_by_role("option").all_inner_texts() == [
        "sales\nDataFrame",
        "sample\nlist",
        "Sand\nstr",
    ]


def test_arrows_go_around_and_the_field_tells_which(panel: Panel) -> None:
    field = open_list(panel)
    assert get_active(panel) == "sales"
    field.press("ArrowDown")
    assert get_active(panel) == "sample"
    field.press("ArrowUp")
    field.press("ArrowUp")
    assert get_active(panel) == "Sand"
    assert field.get_attribute("aria-controls") == get_list(panel).get_attribute("id")


@pytest.mark.parametrize("key", ["Enter", "Tab"])
def test_key_takes_the_name_and_sends_nothing(panel: Panel, key: str) -> None:
    field = open_list(panel)
    field.press("ArrowDown")
    field.press(key)
    expect(field).to_have_value("What is @sample")
    expect(field).to_be_focused()
    assert not get_list(panel).is_visible()
    assert field.get_attribute("aria-activedescendant") is None
    assert panel.find("send") == []
    field.press("Enter")
    assert [message["text"] for message in panel.find("send")] == ["What is @sample"]


def test_rest_of_the_name_and_text_after_it_are_kept_once(panel: Panel) -> None:
    field = get_field(panel)
    field.press_sequentially("see @les now")
    for _ in "les now":
        field.press("ArrowLeft")
    open_list(panel, typed="sa")
    field.press("Enter")
    expect(field).to_have_value("see @sales now")


def test_escape_closes_and_that_mention_stays_closed(panel: Panel) -> None:
    panel.show(running=True)
    field = open_list(panel)
    field.press("Escape")
    assert not get_list(panel).is_visible()
    assert panel.find("stop") == []
    asked = len(panel.find("names"))
    field.press_sequentially("m")
    assert len(panel.find("names")) == asked
    field.press_sequentially(" @s")
    assert [m["prefix"] for m in panel.find("names")[asked:]] == ["", "s"]


def test_click_takes_a_name_and_the_field_keeps_the_focus(panel: Panel) -> None:
    field = open_list(panel)
    get_list(panel).get_by_role("option", name="Sand").click()
    expect(field).to_have_value("What is @Sand")
    expect(field).to_be_focused()


def test_list_closes_where_the_caret_or_the_focus_leaves(panel: Panel) -> None:
    field = open_list(panel)
    field.press("Home")
    assert not get_list(panel).is_visible()
    field.press("End")
    panel.say({"kind": "names", "prefix": "sa", "names": NAMES})
    expect(get_list(panel)).to_be_visible()
    panel.page.get_by_role("button", name="More actions").click()
    assert not get_list(panel).is_visible()


def test_shift_tab_passes_by_the_list(panel: Panel) -> None:
    open_list(panel).press("Shift+Tab")
    assert not get_list(panel).is_visible()
    assert panel.page.evaluate("document.activeElement !== document.body")


def test_name_that_is_whole_opens_no_list(panel: Panel) -> None:
    get_field(panel).press_sequentially("@sales")
    panel.say({"kind": "names", "prefix": "sales", "names": [NAMES[0]]})
    assert not get_list(panel).is_visible()
    get_field(panel).press("Enter")
    assert len(panel.find("send")) == 1


def test_chosen_option_is_in_sight(panel: Panel) -> None:
    field = get_field(panel)
    field.press_sequentially("@v")
    names = [[f"v{n}", "int"] for n in range(50)]
    panel.say({"kind": "names", "prefix": "v", "names": names})
    field.press("ArrowUp")
    option = get_list(panel).get_by_role("option").last
    box, inner = get_list(panel).bounding_box(), option.bounding_box()
    assert box and inner and inner["y"] >= box["y"]
    assert inner["y"] + inner["height"] <= box["y"] + box["height"]


def test_hostile_name_and_type_are_text(panel: Panel, view: View) -> None:
    bad = "<img src=x onerror=alert(1)>"
    get_field(panel).press_sequentially("@x")
    panel.say({"kind": "names", "prefix": "x", "names": [["x1", bad], ["x2", "a\u202eb"]]})
    texts = get_list(panel).locator(".lnb-names-type").all_inner_texts()
    assert texts == [bad, "a\\u{202E}b"]
    view.assert_harmless()
