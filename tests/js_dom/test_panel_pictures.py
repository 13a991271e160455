"""Owns the small pictures of attached images: asked for, checked by their bytes, drawn, let go."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.js_dom.panel_files import drawn, give, make_image, pick, shown
from tests.js_dom.panel_page import Panel, ask, build_entry
from tests.js_dom.view import View

#: Addresses of blobs that the page has made, and those that it has let go.
COUNT = """() => {
    window.made = new Map();
    const { createObjectURL, revokeObjectURL } = URL;
    URL.createObjectURL = (blob) => {
        const url = createObjectURL.call(URL, blob);
        window.made.set(url, blob.type);
        return url;
    };
    URL.revokeObjectURL = (url) => { window.made.delete(url); revokeObjectURL.call(URL, url); };
}"""


@pytest.fixture
def counted(panel: Panel) -> Panel:
    panel.page.evaluate(COUNT)
    return panel


def show_turn(panel: Panel, *labels: str, **fields: Any) -> None:
    mentions = [{"label": label, "text": "", "picture": True} for label in labels]
    panel.show(build_entry("t1", "An answer.", mentions=mentions, **fields))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_question_shows_the_pictures_that_the_kernel_has(counted: Panel, kind: str) -> None:
    show_turn(counted, "a.png · 1 kB", "b.png · 2 kB")
    asked = [{"kind": "picture", "id": "t1", "index": index} for index in (0, 1)]
    assert counted.find("picture") == asked
    give(counted, make_image(kind), index=1)
    drawn(counted, 1)
    lines = counted.page.locator(".lnb-mention")
    assert lines.locator(".lnb-picture").count() == 1
    assert lines.last.get_by_role("button", name="Enlarge b.png · 2 kB").count() == 1
    assert lines.all_inner_texts() == ["a.png · 1 kB", "b.png · 2 kB"]


def test_picture_is_enlarged_and_made_small_by_a_key(counted: Panel) -> None:
    show_turn(counted, "a.png · 1 kB")
    give(counted, make_image())
    drawn(counted, 1)
    picture, key = counted.page.locator(".lnb-picture"), counted.page.locator(".lnb-picture-key")
    expect(key).to_have_attribute("aria-expanded", "false")
    assert picture.bounding_box()["width"] == 200  # type: ignore[index]
    key.press("Enter")
    expect(key).to_have_attribute("aria-expanded", "true")
    assert picture.bounding_box()["width"] > 400  # type: ignore[index]
    key.click()
    assert picture.bounding_box()["width"] == 200  # type: ignore[index]
    key.evaluate("e => e.click()")  # a script's
    expect(key).to_have_attribute("aria-expanded", "false")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html><script>alert(1)</script>",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"https://example.org/a.png",
        make_image() + b"x" * 3_700_000,
    ],
    ids=lambda data: repr(data[:8]),
)
def test_bytes_of_no_image_are_never_drawn(counted: Panel, view: View, data: bytes) -> None:
    show_turn(counted, "a.png · 1 kB")
    give(counted, data)
    assert counted.page.locator(".lnb-panel img").count() == 0
    assert counted.page.evaluate("window.made.size") == 0
    view.assert_harmless()


def test_broken_image_leaves_its_name_and_no_address(counted: Panel, view: View) -> None:
    show_turn(counted, "a.png · 1 kB")
    give(counted, make_image()[:40])
    drawn(counted, 0)
    assert counted.page.locator(".lnb-picture-key").count() == 0
    assert counted.page.locator(".lnb-mention").inner_text() == "a.png · 1 kB"
    view.assert_harmless()


def test_end_of_the_conversation_stays_in_sight_when_a_picture_comes(counted: Panel) -> None:
    mentions = [{"label": "a.png · 1 kB", "text": "", "picture": True}]
    counted.show(build_entry("t1", "line\n\n" * 40, mentions=mentions))
    distance = "e => e.scrollHeight - e.clientHeight - e.scrollTop"
    scroller = counted.page.locator(".lnb-scroller")
    assert scroller.evaluate(distance) <= 1
    height = scroller.evaluate("e => e.scrollHeight")
    give(counted, make_image())
    drawn(counted, 1)
    assert scroller.evaluate("e => e.scrollHeight") > height + 50
    assert scroller.evaluate(distance) <= 1


def test_picture_that_nobody_waits_for_is_not_drawn(counted: Panel) -> None:
    show_turn(counted, "a.png · 1 kB")
    give(counted, make_image(), turn_id="t2")
    give(counted, make_image(), index=5)
    give(counted, make_image())
    give(counted, make_image())
    drawn(counted, 1)
    assert counted.page.locator(".lnb-picture").count() == 1


def test_message_without_bytes_does_nothing(counted: Panel, view: View) -> None:
    show_turn(counted, "a.png · 1 kB")
    counted.say({"kind": "picture", "id": "t1", "index": 0})
    assert counted.page.locator(".lnb-picture").count() == 0
    view.assert_harmless()


def test_new_state_of_a_turn_keeps_its_pictures(counted: Panel) -> None:
    show_turn(counted, "a.png · 1 kB")
    give(counted, make_image())
    drawn(counted, 1)
    counted.page.evaluate("window.kept = document.querySelector('.lnb-picture')")
    show_turn(counted, "a.png · 1 kB", versions=["t1", "t2"])
    assert counted.page.evaluate("window.kept.isConnected")
    assert len(counted.find("picture")) == 1


def test_address_in_a_label_is_only_text(counted: Panel, view: View) -> None:
    show_turn(counted, "https://example.org/a.png<img src=x onerror=alert(1)>")
    give(counted, make_image())
    drawn(counted, 1)
    sources = "[...document.querySelectorAll('.lnb-panel img')].map(i => i.src.slice(0, 5))"
    assert counted.page.evaluate(sources) == ["blob:"]
    view.assert_harmless()


def test_chip_of_an_image_shows_it_until_it_is_sent(counted: Panel) -> None:
    pick(counted, ("plot.png", make_image()), ("a.txt", b"words"))
    shown(counted, 2)
    drawn(counted, 1)
    counted.page.evaluate("window.kept = document.querySelector('.lnb-file > .lnb-picture')")
    nonce = ask(counted, "What?")
    assert counted.page.evaluate("window.kept.isConnected")
    counted.show(build_entry("t1", "", "waiting"), running=True, nonce=nonce)
    assert counted.page.locator(".lnb-picture").count() == 0


def test_closed_panel_draws_no_picture_that_comes_late(counted: Panel) -> None:
    show_turn(counted, "a.png · 1 kB")
    counted.page.evaluate("window.late = window.p.handlers[0].handler; window.p.close()")
    message = {"kind": "picture", "id": "t1", "index": 0}
    counted.page.evaluate(
        "([m, data]) => window.late(m, [new Uint8Array(data)])", [message, list(make_image())]
    )
    assert counted.page.evaluate("window.made.size") == 0
