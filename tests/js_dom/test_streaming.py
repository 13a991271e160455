"""Owns that a streamed answer ends as the whole one is drawn, and that what is finished stays."""

from __future__ import annotations

import random

import pytest

from .conftest import View
from .samples import DOCUMENTS


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_text_streamed_by_character_ends_as_the_whole(view: View, name: str) -> None:
    assert view.call("everyPrefix", [DOCUMENTS[name]]) == []
    view.assert_harmless()


@pytest.mark.parametrize("seed", range(12))
def test_text_streamed_in_random_cuts_ends_as_the_whole(view: View, seed: int) -> None:
    rng = random.Random(seed)
    names = sorted(DOCUMENTS)
    rng.shuffle(names)
    text = "\n\n".join(DOCUMENTS[name] for name in names[:4])
    pieces = cut(text, rng)
    assert view.call("pieces", pieces) == {"shape": view.call("whole", text), "fault": None}
    view.assert_harmless()


def cut(text: str, rng: random.Random) -> list[str]:
    pieces = []
    while text:
        size = rng.choice((1, 2, 3, 5, 8, 40))
        pieces.append(text[:size])
        text = text[size:]
    return pieces


def test_finished_blocks_keep_their_nodes_and_a_selection_in_them(view: View) -> None:
    view.call("ops", ["text", "First *paragraph* here.\n\nSecond one"])
    view.page.evaluate(
        """() => {
            window.first = document.querySelector('.lnb-md p');
            getSelection().selectAllChildren(window.first);
        }"""
    )
    for piece in (
        " goes on.\n\n- a\n",
        "- b\n\n",
        "```python\nx = 1\n```\n\n",
        "| a |\n|---|\n| 1 |\n",
        "end",
    ):
        view.call("ops", ["text", piece])
    assert view.page.evaluate("window.first === document.querySelector('.lnb-md p')")
    assert view.page.evaluate("getSelection().toString()") == "First paragraph here."


def test_list_items_and_rows_that_are_finished_keep_their_nodes(view: View) -> None:
    view.call("ops", ["text", "- a\n- b\n- c\n"])
    view.page.evaluate("window.item = document.querySelector('.lnb-md li')")
    view.call("ops", ["text", "\n- d\n\n| h |\n|---|\n| 1 |\n| 2 |\n| 3 |\n"])
    view.page.evaluate("window.row = document.querySelector('.lnb-md tbody tr')")
    view.call("ops", ["text", "| 4 |\n| 5 |\n\nend"])
    assert view.page.evaluate("window.item === document.querySelector('.lnb-md li')")
    assert view.page.evaluate("window.row === document.querySelector('.lnb-md tbody tr')")
    assert view.call("count", ".lnb-md ul.lnb-loose > li") == 4
    assert view.call("count", ".lnb-md tbody tr") == 5


def test_open_fence_appends_and_keeps_its_element(view: View) -> None:
    view.call("ops", ["text", "```python\nimport os\n"])
    view.page.evaluate("window.code = document.querySelector('.lnb-code code')")
    view.call("ops", ["text", "x = 1\ny = '''"])
    assert view.page.evaluate("window.code.textContent") == "import os\nx = 1\ny = '''"
    view.call("ops", ["text", "a'''\n```\nafter"])
    assert view.page.evaluate("window.code.textContent") == "import os\nx = 1\ny = '''a'''\n"
    assert view.page.evaluate("window.code === document.querySelector('.lnb-code code')")
    assert view.call("count", ".lnb-code .hljs-keyword") == 1


def test_definition_at_the_end_turns_earlier_labels_into_links(view: View) -> None:
    view.call("ops", ["text", "See [the paper][1].\n\nMore text.\n\n"])
    assert view.call("count", ".lnb-md a") == 0
    view.call("ops", ["text", "[1]: https://example.org/paper\n\nEnd."], ["status", "done"])
    assert view.call("count", ".lnb-md a[href='https://example.org/paper']") == 1


def test_fence_round_an_answer_in_code_is_not_shown_while_it_streams(view: View) -> None:
    shown = "() => document.querySelector('.lnb-text').innerText"
    view.call("ops", ["format", "code"], ["text", "```sq"])
    view.call("ops", ["text", "l\nselect 1\n``"])
    assert view.page.evaluate(shown).split() == ["sql", "Copy", "select", "1"]
    view.call("ops", ["text", "`\n"], ["status", "done"])
    assert view.page.evaluate(shown).split() == ["sql", "Copy", "select", "1"]


def test_fence_that_is_a_part_of_the_answer_comes_back_whole(view: View) -> None:
    answer = "```sql\nselect 1\n```\n"
    view.call("ops", ["format", "code"], ["text", answer])
    view.call("ops", ["text", "That is it."], ["status", "done"])
    assert view.call("count", ".lnb-code") == 1
    code = view.page.evaluate("() => document.querySelector('.lnb-code code').textContent")
    assert code == answer + "That is it."


@pytest.mark.parametrize(
    ("kind", "unit", "selector"),
    [
        ("paragraph", "word " * 3, ".lnb-md"),
        ("code", "value = compute(1)\n", ".lnb-code"),
        ("list", "- an item of the list\n", ".lnb-md ul"),
        ("table", "| cell | cell |\n", ".lnb-md table"),
        ("quote", "> a quoted line\n", ".lnb-md blockquote"),
    ],
)
def test_giant_block_of_50_000_characters_is_whole(
    view: View, kind: str, unit: str, selector: str
) -> None:
    head = {"code": "```python\n", "table": "| a | b |\n|---|---|\n"}.get(kind, "")
    body = unit * (50_000 // len(unit))
    view.call("pieces", [head, *(body[at : at + 700] for at in range(0, len(body), 700))])
    # A long table goes on as the next one, head repeated; all else is one block.
    assert (view.call("count", selector) > 1) == (kind == "table")
    shown = view.page.evaluate("() => document.querySelector('.lnb-md').textContent")
    words = {
        "paragraph": "word",
        "code": "value",
        "list": "an item",
        "table": "cell",
        "quote": "quoted",
    }
    assert shown.count(words[kind]) == body.count(words[kind])


def test_text_has_no_direction_to_seek_while_thousands_of_pieces_come_into_it(view: View) -> None:
    """Chromium reads a `dir=auto` text anew for each: 50,000 times `*[` held the page for 15 s."""
    view.call("ops", ["text", "*["])
    view.page.evaluate(
        """() => {
            window.seen = [];
            new MutationObserver((records) => window.seen.push(...records)).observe(
                document.querySelector(".lnb-md"),
                { subtree: true, childList: true, attributes: true, attributeFilter: ["dir"] },
            );
        }"""
    )
    view.call("ops", ["text", "*[" * 2000])
    told = view.page.evaluate(
        "window.seen.map((r) => r.addedNodes.length > 1000 ? 'pieces' : r.attributeName)"
    )
    assert [one for one in told if one] == ["dir", "pieces", "dir"]
    assert view.page.locator(".lnb-md").get_attribute("dir") == "auto"


def test_partial_markers_at_the_end_are_not_shown(view: View) -> None:
    for source, shown in {
        "Some **bold": "Some bold",
        "Some `code": "Some code",
        "A [link](https://exa": "A link",
        "Text\n-": "Text",
        "Text\n\n#": "Text",
        "Text\n\n| a | b |": "Text",
    }.items():
        view.call("restart")
        view.call("ops", ["text", source])
        assert view.call("text").strip() == shown, source


def test_ending_shows_what_was_held_back(view: View) -> None:
    view.call("ops", ["text", "Some **bold"], ["status", "done"])
    assert view.call("text").strip() == "Some **bold"
