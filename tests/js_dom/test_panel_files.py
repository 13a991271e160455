"""Owns how files come to a panel's message: picked, dropped, pasted, refused, taken off, sent."""

from __future__ import annotations

import pytest

from tests.js_dom.panel_files import chips, pick, shown
from tests.js_dom.panel_page import Panel, ask, build_entry
from tests.js_dom.view import View

PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 30_992
#: An event of `kind` on what `selector` finds, with files and texts; whether the page took it. A
#: file's bytes come as the characters of Latin-1: Playwright sends a list number by number.
FIRE = """([selector, kind, files, texts]) => {
    const data = new DataTransfer();
    for (const [name, bytes] of files) {
        data.items.add(new File([Uint8Array.from(bytes, (c) => c.charCodeAt(0))], name));
    }
    for (const [type, text] of Object.entries(texts)) data.setData(type, text);
    const init = { bubbles: true, cancelable: true, composed: true };
    const event = kind === "paste"
        ? new ClipboardEvent(kind, { ...init, clipboardData: data })
        : new DragEvent(kind, { ...init, dataTransfer: data });
    window.reached = false;
    document.addEventListener(kind, () => { window.reached = true; }, { once: true });
    return !document.querySelector(selector).dispatchEvent(event);
}"""


def fire(panel: Panel, selector: str, kind: str, *files: tuple[str, bytes], **texts: str) -> bool:
    data = [[name, content.decode("latin-1")] for name, content in files]
    named = {f"text/{kind_of}": text for kind_of, text in texts.items()}
    return bool(panel.page.evaluate(FIRE, [selector, kind, data, named]))


def problem(panel: Panel) -> str:
    note = panel.page.locator(".lnb-ask-note")
    note.wait_for(state="visible")
    return note.inner_text()


def test_picked_files_are_chips_and_go_with_the_message_as_bytes(panel: Panel) -> None:
    pick(panel, ("plot.png", PNG), ("a.txt", b"words"))
    assert shown(panel, 2) == ["plot.png 31 kB ×", "a.txt 5 B ×"]
    field = panel.page.get_by_label("Message to the model")
    assert field.get_attribute("placeholder") == "Ask about the attached files"
    assert field.evaluate("element => element === document.activeElement")
    nonce = ask(panel, "What?")
    [message] = panel.find("send")
    assert message["files"] == [
        {"name": "plot.png", "type": "text/plain", "size": 31_000},
        {"name": "a.txt", "type": "text/plain", "size": 5},
    ]
    sent = panel.page.evaluate("window.p.bytes.map((bytes) => String.fromCharCode(...bytes))")
    assert [data.encode("latin-1") for data in sent] == [PNG, b"words"]
    remove = panel.page.get_by_role("button", name="Remove plot.png")
    assert (chips(panel).count(), remove.is_disabled()) == (2, True)
    panel.show(build_entry("t1", "", "waiting"), running=True, nonce=nonce)
    assert chips(panel).count() == 0


def test_refused_message_keeps_draft_and_chips(panel: Panel) -> None:
    pick(panel, ("a.txt", b"words"))
    shown(panel, 1)
    nonce = ask(panel, "What?")
    panel.show(nonce=nonce, problem="The files did not arrive whole.")
    assert problem(panel) == "The files did not arrive whole."
    assert shown(panel, 1) == ["a.txt 5 B ×"]
    assert panel.page.get_by_label("Message to the model").input_value() == "What?"


def test_file_is_removed_by_its_button_and_can_be_picked_again(panel: Panel) -> None:
    for _ in range(2):
        pick(panel, ("a.txt", b"words"))
        shown(panel, 1)
        panel.page.get_by_role("button", name="Remove a.txt").press("Enter")
        assert shown(panel, 0) == []
    focused = "document.activeElement.getAttribute('aria-label')"
    assert panel.page.evaluate(focused) == "Attach images or text files"
    ask(panel, "What?")
    assert "files" not in panel.find("send")[0]


@pytest.mark.parametrize("selector", [".lnb-head", ".lnb-scroller", ".lnb-ask"])
def test_files_dropped_anywhere_on_the_panel_are_taken_from_the_page(
    panel: Panel, selector: str
) -> None:
    for kind in ("dragenter", "dragover", "drop"):
        assert fire(panel, selector, kind, ("a.png", PNG), ("b.md", b"words"))
        assert panel.page.evaluate("window.reached") is False
    assert shown(panel, 2) == ["a.png 31 kB ×", "b.md 5 B ×"]
    assert "lnb-dropping" not in str(panel.page.locator(".lnb-panel").get_attribute("class"))


def test_dragged_text_is_left_to_the_field(panel: Panel) -> None:
    assert not fire(panel, ".lnb-ask", "dragover", plain="words")
    assert not fire(panel, ".lnb-ask", "drop", plain="words")


def test_image_is_pasted_and_text_with_its_picture_stays_text(panel: Panel) -> None:
    table = {"plain": "1\t2", "html": "<table><tr><td>1<td>2</table>"}
    assert not fire(panel, ".lnb-ask", "paste", ("image.png", PNG), **table)
    assert not fire(panel, ".lnb-ask", "paste", plain="words")
    assert fire(panel, ".lnb-ask", "paste", ("image.png", PNG), html="<img>")
    assert shown(panel, 1) == ["image.png 31 kB ×"]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.png", b"MZ\xff", "is neither a PNG, JPEG, GIF or WebP image nor UTF-8 text."),
        ("a.txt", b"a\0b", "is neither a PNG, JPEG, GIF or WebP image nor UTF-8 text."),
        ("a.txt", b"x" * 201_000, "has 201 kB: a text file may have 200 kB."),
        ("a.png", PNG + b"x" * 3_700_000, "has 3.7 MB: an image may have 3.7 MB."),
    ],
)
def test_what_cannot_be_sent_is_refused_in_the_status_line(
    panel: Panel, name: str, data: bytes, why: str
) -> None:
    pick(panel, (name, data), ("good.txt", b"words"))
    assert problem(panel) == f"{name} {why}"
    assert shown(panel, 1) == ["good.txt 5 B ×"]


def test_number_and_sum_of_the_sizes_have_bounds(panel: Panel) -> None:
    pick(panel, *[(f"{n}.txt", b"words") for n in range(10)])
    assert problem(panel) == "A message takes 8 files, no more."
    assert len(shown(panel, 8)) == 8
    for n in range(8):
        panel.page.get_by_role("button", name=f"Remove {n}.txt").click()
    pick(panel, *[(f"{n}.png", PNG + b"x" * 2_700_000) for n in range(3)])
    assert problem(panel) == "2.png is too much: a message takes 8.0 MB in all."
    assert len(shown(panel, 2)) == 2


def test_hostile_name_is_text_and_hides_nothing(panel: Panel, view: View) -> None:
    pick(panel, ("<img src=x onerror=alert(1)>\u202egnp.txt", b"words"))
    assert shown(panel, 1) == ["<img src=x onerror=alert(1)>\\u{202E}gnp.txt 5 B ×"]
    view.assert_harmless()


def test_turn_and_waiting_message_name_their_files(panel: Panel, view: View) -> None:
    mentions = [
        {"label": "plot.png · 31 kB", "text": ""},
        {"label": "<b>.txt · 5 B", "text": "Attached file: <b>.txt · 5 B\n\n```\nwords\n```"},
    ]
    queued = [{"id": "q1", "text": "next", "files": ["plot.png · 31 kB"]}]
    panel.show(build_entry("t1", "Answer.", mentions=mentions), head={"queued": queued})
    shown_of = panel.page.locator(".lnb-mention")
    assert shown_of.first.inner_text() == "plot.png · 31 kB"
    assert shown_of.first.locator("pre").count() == 0
    assert shown_of.last.locator("summary").inner_text() == "<b>.txt · 5 B"
    assert panel.page.locator(".lnb-queue-files").inner_text() == "plot.png · 31 kB"
    view.assert_harmless()
