"""Which names of a message bring their variable along, and as what."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lauren_ai import SQLiteConversationStore
from lauren_ai._media import get_media_type
from lauren_ai._types import ContentBlock
from lauren_nb._prompt.content import MAX_CHARACTERS
from lauren_nb.panel._mentions import (
    MAX_MENTIONS,
    Mention,
    find_names,
    gather,
    read_content,
    restore_mentions,
)
from tests.servers import FakeAnthropic, text
from tests.support.panel_page import Make
from tests.support.pictures import make_jpeg, make_png

PNG, JPEG = make_png(), make_jpeg()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("What is in @df?", ["df"]),
        ("@a, (@b) and @a", ["a", "b"]),
        ("@größe.head()", ["größe"]),
        ("mail bob@df.org or a.b+c@df", []),
        ("`@df` and ``x ` @df``", []),
        ("```\n@df\n```\n@x", ["x"]),
        ("~~~\n@df", []),
        ("@1 @ @@df path/@df", []),
    ],
)
def test_names_are_found_outside_of_code_and_addresses(text: str, names: list[str]) -> None:
    assert find_names(text) == names


def test_frame_comes_as_a_table_with_its_shape() -> None:
    frame = pd.DataFrame({"a": range(120), "b": "x"})
    [mention] = gather("@df @nothing", {"df": frame})
    assert mention.label == "@df: DataFrame 120 × 2"
    assert mention.describe()["text"].startswith("@df: DataFrame 120 × 2\n\n|  | a | b |")
    blocks = read_content("@df?", [mention])
    assert isinstance(blocks, list)
    assert [block.text for block in blocks] == ["@df?", mention.describe()["text"]]


def test_number_of_names_and_length_have_bounds() -> None:
    names = [f"v{i}" for i in range(20)]
    assert len(find_names(" ".join(f"@{name}" for name in names))) == MAX_MENTIONS
    [long] = gather("@s", {"s": "x" * 1_000_000})
    assert len(long.describe()["text"]) < MAX_CHARACTERS + 200


def test_value_that_fails_to_show_tells_so() -> None:
    class Bad:
        def __str__(self) -> str:
            raise RuntimeError("no")

    [mention] = gather("@bad", {"bad": Bad()})
    assert "cannot be shown: RuntimeError: no" in mention.describe()["text"]


def test_message_without_a_variable_stays_plain_text() -> None:
    assert read_content("hi @nobody", gather("hi @nobody", {})) == "hi @nobody"


async def test_variable_is_sent_shown_and_kept_by_the_store(
    make_page: Make, anthropic_server: FakeAnthropic, tmp_path: Path
) -> None:
    store = SQLiteConversationStore(tmp_path / "chats.db")
    page = make_page(store=store)
    page.chat._session.shell.user_ns["df"] = pd.DataFrame({"a": [1, 2]})
    anthropic_server.reply(text("Two rows."))
    await page.chat.ask("What is in @df?")
    [question] = anthropic_server.requests[0].body["messages"]
    texts = [block["text"] for block in question["content"]]
    assert texts[0] == "What is in @df?"
    [entry] = [e for m in page.messages if m["kind"] == "panel" for e in m["entries"]]
    assert entry["question"] == "What is in @df?"
    assert entry["mentions"] == [{"label": "@df: DataFrame 2 × 1", "text": texts[1]}]
    other = make_page(store=store)
    await other.chat.load()
    [turn] = other.chat.tree.path()
    assert turn.question == "What is in @df?"
    assert [mention.describe() for mention in turn.mentions] == entry["mentions"]


async def test_images_of_variables_have_their_names_also_from_the_store(
    make_page: Make, anthropic_server: FakeAnthropic, tmp_path: Path
) -> None:
    store = SQLiteConversationStore(tmp_path / "chats.db")
    page = make_page(store=store)
    names = page.chat._session.namespace
    for name, data in (("before", PNG), ("after", JPEG)):
        names[name] = ContentBlock.image_block(data, media_type=get_media_type(data))
    anthropic_server.reply(text("They differ."))
    await page.chat.ask("Compare @before and @after")
    blocks = anthropic_server.requests[0].body["messages"][0]["content"]
    labels = ["@before: ContentBlock, an image", "@after: ContentBlock, an image"]
    assert [block.get("text") for block in blocks[1:]] == [labels[0], None, labels[1], None]
    other = make_page(store=store)
    await other.chat.load()
    [turn] = other.chat.tree.path()
    shown = [{"label": label, "text": "", "picture": True} for label in labels]
    assert [mention.describe() for mention in turn.mentions] == shown
    assert [mention.read_picture() for mention in turn.mentions] == [PNG, JPEG]


@pytest.mark.parametrize(
    "blocks",
    [
        [ContentBlock.text_block("Attached file: a.png")],
        [ContentBlock.text_block("a note"), ContentBlock.text_block("another")],
        [ContentBlock.text_block("one\ntwo"), ContentBlock.image_block(b"x")],
    ],
)
def test_nothing_of_a_stored_message_is_left_out(blocks: list[ContentBlock]) -> None:
    assert [mention.content for mention in restore_mentions(blocks)] == blocks


@pytest.mark.parametrize(
    "block",
    [
        ContentBlock.image_block("", url="https://example.org/a.png"),
        ContentBlock.image_block(b"<svg onload=alert(1)>", media_type="image/png"),
        ContentBlock("image", source={"type": "base64", "data": "not base64 ="}),
        ContentBlock.text_block("iVBORw0KGgo="),
    ],
)
def test_only_bytes_of_an_image_are_a_picture(block: ContentBlock) -> None:
    assert Mention("a.png", block, is_file=True).read_picture() is None
