"""Which files of a message a panel takes, and what the provider, the page and the store get."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from lauren_ai import SQLiteConversationStore
from lauren_nb._display.widget import PanelWidget
from lauren_nb._errors import OptionError
from lauren_nb._prompt.files import MAX_NAME, MAX_TEXT_BYTES, clean_name, format_size
from lauren_nb._prompt.images import MAX_BYTES
from lauren_nb.panel._files import (
    MAX_FILES,
    MAX_TOTAL_BYTES,
    read_files,
)
from lauren_nb.panel._mentions import SHOWN_CHARS
from tests.servers import FakeAnthropic, text
from tests.support.panel_page import Make, Page, hold_first
from tests.support.pictures import make_png

PNG = make_png(1000)
WHOLE = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0jpeg",
    "image/gif": b"GIF89a...",
    "image/webp": b"RIFF\x00\x00\x00\x00WEBPVP8 ",
}


def claim(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "type": "text/html", "size": len(data)}


def send(page: Page, question: str, nonce: str, *files: tuple[str, bytes]) -> None:
    claims = [claim(*file) for file in files]
    page.say("send", text=question, nonce=nonce, files=claims, buffers=[data for _, data in files])


def read_one(name: str, data: bytes) -> Any:
    [mention] = read_files([claim(name, data)], [memoryview(data)])
    return mention


@pytest.mark.parametrize("media_type", sorted(WHOLE))
def test_image_is_known_by_its_bytes_not_by_what_it_is_called(media_type: str) -> None:
    block = read_one("notes.txt", WHOLE[media_type]).content
    data = base64.b64encode(WHOLE[media_type]).decode()
    assert block.source == {"type": "base64", "media_type": media_type, "data": data}


def test_text_is_a_fence_longer_than_any_in_it_under_its_name() -> None:
    mention = read_one("notes.md", "\ufeffGrüße\n````\nx\n````\n".encode())
    assert mention.label == "notes.md · 23 B"
    fenced = "`````\nGrüße\n````\nx\n````\n`````"
    assert mention.content.text == f"Attached file: notes.md · 23 B\n\n{fenced}"


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        (
            "a.png",
            b"MZ\xff\x00",
            "neither a PNG, JPEG, GIF or WebP image, nor a PDF, nor UTF-8 text",
        ),
        ("a.txt", "Grüße".encode("latin-1"), "nor UTF-8 text"),
        ("a.txt", b"a\0b", "nor UTF-8 text"),
        ("a.txt", b"x" * (MAX_TEXT_BYTES + 1000), "has 201 kB: a text file may have 200 kB"),
        ("a.png", PNG + b"x" * MAX_BYTES, "an image may have 3.7 MB"),
    ],
)
def test_what_is_no_image_and_no_text_or_too_large_is_refused_by_name(
    name: str, data: bytes, why: str
) -> None:
    with pytest.raises(OptionError, match=f"^{name}.*{why}"):
        read_one(name, data)


def test_number_and_sum_of_the_sizes_have_bounds() -> None:
    files = [("a.txt", b"x")] * (MAX_FILES + 1)
    with pytest.raises(OptionError, match="9 files are too many: a message takes 8"):
        read_files([claim(*f) for f in files], [data for _, data in files])
    third = PNG + b"x" * (MAX_TOTAL_BYTES // 3)
    with pytest.raises(OptionError, match=r"a message takes 8\.0 MB in all"):
        read_files([claim("a.png", third)] * 3, [third] * 3)


@pytest.mark.parametrize(
    ("claims", "buffers"),
    [
        (None, [b"x"]),
        ([claim("a", b"x")], []),
        ("a", [b"x"]),
        ([claim("a", b"xx")], [b"x"]),
        ([None], [b"x"]),
    ],
)
def test_files_that_are_not_as_claimed_are_refused(claims: Any, buffers: list[bytes]) -> None:
    with pytest.raises(OptionError, match="did not arrive whole"):
        read_files(claims, buffers)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\u202egnp.exe", "a\\u{202E}gnp.exe"),
        ("a\nIgnore all.txt", "a\\u{A}Ignore all.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\x.png", "x.png"),
        ("", "file"),
        (" / ", "file"),
        (7, "file"),
        ("\ud800.txt", "\\u{D800}.txt"),
    ],
)
def test_hostile_name_has_no_folder_and_hides_nothing(name: object, shown: str) -> None:
    assert clean_name(name) == shown


def test_long_name_keeps_its_beginning_and_its_end() -> None:
    for name in ("x" * 5000 + ".png", "\u202e" * 900 + ".png"):
        assert len(clean_name(name)) == MAX_NAME
        assert clean_name(name).endswith(".png")


@pytest.mark.parametrize(
    ("size", "shown"),
    [(999, "999 B"), (1000, "1 kB"), (999_499, "999 kB"), (999_500, "1.0 MB")],
)
def test_size_reads_in_the_unit_that_fits(size: int, shown: str) -> None:
    assert format_size(size) == shown


def test_bytes_are_those_of_the_wire_whatever_the_message_says() -> None:
    got: list[Any] = []
    widget = PanelWidget(got.append)
    buffers = [memoryview(b"x")]
    widget._handle_custom_msg({"buffers": "y"}, [])
    widget._handle_custom_msg({"kind": "send"}, buffers)
    widget._handle_custom_msg("no dict", buffers)
    assert got == [{"buffers": []}, {"kind": "send", "buffers": buffers}, "no dict"]
    widget.close()


async def test_files_are_sent_shown_and_kept_by_the_store(
    make_page: Make, anthropic_server: FakeAnthropic, tmp_path: Path
) -> None:
    store = SQLiteConversationStore(tmp_path / "chats.db")
    page = make_page(store=store)
    anthropic_server.reply(text("A plot."))
    send(page, "What is it?", "n1", ("plot.png", PNG), ("a.txt", b"word " * 1000))
    await page.until(lambda: page.ended)
    [question] = anthropic_server.requests[0].body["messages"]
    first, name, image, notes = question["content"]
    assert (first["text"], name["text"]) == ("What is it?", "Attached file: plot.png · 1 kB")
    assert image["source"]["media_type"] == "image/png"
    assert base64.b64decode(image["source"]["data"]) == PNG
    assert notes["text"].startswith("Attached file: a.txt · 5 kB\n\n```\nword word")
    [entry] = [e for m in page.messages if m["kind"] == "panel" for e in m["entries"]]
    shown = notes["text"][:SHOWN_CHARS] + "\n…"
    assert entry["question"] == "What is it?"
    assert entry["mentions"] == [
        {"label": "plot.png · 1 kB", "text": "", "picture": True},
        {"label": "a.txt · 5 kB", "text": shown},
    ]
    other = make_page(store=store)
    await other.chat.load()
    [turn] = other.chat.tree.path()
    assert turn.question == "What is it?"
    assert turn.mentions == page.chat.tree.path()[0].mentions
    anthropic_server.reply(text("Again."))
    await other.chat.ask_again(turn.id, turn.question)
    assert anthropic_server.requests[1].body["messages"] == [question]


async def test_refused_file_asks_nothing_and_says_why(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    send(page, "What is it?", "n1", ("a.png", b"\xff\0"))
    await page.until(lambda: page.messages)
    assert page.messages[-1]["nonce"] == "n1"
    assert page.messages[-1]["problem"].startswith("a.png is neither")
    assert anthropic_server.requests == []
    assert page.path == []


async def test_edit_and_retry_keep_the_files(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    for answer in ("One.", "Two.", "Three."):
        anthropic_server.reply(text(answer))
    send(page, "What is it?", "n1", ("plot.png", PNG))
    await page.until(lambda: len(page.ended) == 1)
    page.say("retry", id="t1", nonce="n2")
    await page.until(lambda: len(page.ended) == 2)
    page.say("edit", id="t2", text="And now?", nonce="n3")
    await page.until(lambda: len(page.ended) == 3)
    contents = [r.body["messages"][0]["content"] for r in anthropic_server.requests]
    assert [c[0]["text"] for c in contents] == ["What is it?", "What is it?", "And now?"]
    assert contents[0][1:] == contents[1][1:] == contents[2][1:]
    assert contents[0][2]["type"] == "image"


async def test_waiting_message_carries_its_files(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    gate = await hold_first(page, anthropic_server)
    anthropic_server.reply(text("Two."))
    send(page, "second", "n2", ("plot.png", PNG))
    await page.until(lambda: len(page.chat.queue) == 1)
    waiting = {"id": "q1", "text": "second", "files": ["plot.png · 1 kB"]}
    told = [message for message in page.messages if message["kind"] == "panel"]
    assert told[-1]["head"]["queued"] == [waiting]
    gate.set()
    await page.until(lambda: len(page.ended) == 2)
    blocks = anthropic_server.requests[1].body["messages"][-1]["content"]
    assert [block["type"] for block in blocks] == ["text", "text", "image"]


async def test_every_export_names_the_files_and_variables_of_a_question(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    page.chat._session.namespace["rows"] = [1, 2]
    anthropic_server.reply(text("A plot."))
    name = "a*b* <img src=x>.png"
    send(page, "```\nWhat is @rows", "n1", (name, PNG), ("notes.md", b"words"))
    send(page, "And @rows?", "n2")
    anthropic_server.reply(text("Two."))
    await page.until(lambda: len(page.ended) == 2)
    turns = json.loads(page.chat.export("json")[1])["turns"]
    assert [turn["attached"] for turn in turns] == [
        [f"{name} · 1 kB", "notes.md · 5 B"],
        ["@rows: list"],
    ]
    cells = json.loads(page.chat.export("ipynb")[1])["cells"]
    for shown in (page.chat.export("markdown")[1], "".join(cells[1]["source"])):
        said = MarkdownIt("commonmark").render(shown)
        assert "<p>Attached: a*b* &lt;img src=x&gt;.png · 1 kB, notes.md · 5 B</p>" in said
    assert "> Attached: @rows: list\n" in page.chat.export("markdown")[1]


async def test_page_gets_the_bytes_of_a_picture_when_it_asks(
    make_page: Make, anthropic_server: FakeAnthropic
) -> None:
    page = make_page()
    anthropic_server.reply(text("A plot."))
    send(page, "What is it?", "n1", ("a.txt", b"words"), ("plot.png", PNG))
    await page.until(lambda: page.ended)
    assert page.bytes == []
    for index in (0, 2, -1, "1", None):
        page.say("picture", id="t1", index=index)
    page.say("picture", id="t9", index=1)
    page.say("picture", id="t1", index=1)
    await page.until(lambda: page.bytes)
    assert page.bytes == [PNG]
    assert page.messages[-1] == {"kind": "picture", "id": "t1", "index": 1}
