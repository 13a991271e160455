"""Owns how tests give a panel files and the pictures of images, and wait until they are shown."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import FilePayload, Locator

from tests.js_dom.panel_page import Panel
from tests.js_dom.view import wait_until


def payload(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": data}


def pick(panel: Panel, *files: tuple[str, bytes]) -> None:
    button = panel.page.get_by_role("button", name="Attach images or text files")
    with panel.page.expect_file_chooser() as chooser:
        button.press("Enter")
    chooser.value.set_files([payload(*file) for file in files])


def chips(panel: Panel) -> Locator:
    return panel.page.get_by_role("list", name="Attached files").get_by_role("listitem")


def shown(panel: Panel, count: int) -> list[str]:
    """What the chips say, when there are `count`."""
    wait_until(panel.page, "n => document.querySelectorAll('.lnb-file').length === n", count)
    return [" ".join(text.split()) for text in chips(panel).all_inner_texts()]


GIVE = """([message, data]) => {
    const bytes = new Uint8Array([0, ...data, 0]);
    const view = new DataView(bytes.buffer, 1, data.length);
    window.p.trigger("msg:custom", message, [view]);
}"""
DRAWN = """n => {
    window.t.flush();
    const pictures = [...document.querySelectorAll(".lnb-picture")];
    return pictures.filter((picture) => picture.naturalWidth).length === n;
}"""


def make_image(kind: str = "PNG", size: tuple[int, int] = (600, 300)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, format=kind)
    return buffer.getvalue()


def give(panel: Panel, data: bytes, index: int = 0, turn_id: str = "t1") -> None:
    message = {"kind": "picture", "id": turn_id, "index": index}
    panel.page.evaluate(GIVE, [message, list(data)])


def drawn(panel: Panel, count: int) -> None:
    wait_until(panel.page, DRAWN, count)
    wait_until(panel.page, "() => !window.made?.size")
