"""Which names of a message bring their variable along, and as what."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lauren_ai import SQLiteConversationStore
from lauren_nb._content import MAX_CHARACTERS
from lauren_nb._panel_mentions import MAX_MENTIONS, find_names, gather, read_content
from tests.lauren_nb.panel_page import Make
from tests.servers import FakeAnthropic, text


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
