from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lauren_nb._hazards import neutralise_text, visible

HAZARDS = [
    chr(int(entry["cp"].removeprefix("U+"), 16))
    for entry in json.loads(
        (Path(__file__).parents[2] / "wire" / "unicode_display_hazards.json").read_text("utf-8")
    )
]
FAMILY = "👩🏽\u200d👩\u200d👧"


def shown(character: str) -> str:
    return f"\\u{{{ord(character):X}}}"


def test_every_hazard_is_shown_in_any_place_of_a_card() -> None:
    assert len(HAZARDS) > 4000
    for hazard in HAZARDS:
        for before, after in (("", ""), ("a", "b"), ("👩", "👧"), ("م", "م"), (" ", " ")):
            assert visible(before + hazard + after) == before + shown(hazard) + after


def test_a_card_leaves_what_is_seen_as_it_is() -> None:
    text = "plain text, Ünïcode, 漢字, עברית, ไทย, 👩🏽 = 1 < 2 \\ `x`"
    assert visible(text) == text


@pytest.mark.parametrize("hazard", ["\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0041", "\xad"])
def test_what_reorders_or_hides_is_shown_in_plain_text(hazard: str) -> None:
    for before, after in (("", ""), ("a", "b"), ("👩", "👧"), ("م", "م")):
        assert neutralise_text(before + hazard + after) == before + shown(hazard) + after


def test_terminal_sequences_do_not_act() -> None:
    text = "\x1b[31mred\x1b]8;;http://evil/\x07link\x1b]8;;\x07\x9b2J\b\x7f\x00"
    assert neutralise_text(text) == (
        "\\u{1B}[31mred\\u{1B}]8;;http://evil/\\u{7}link\\u{1B}]8;;\\u{7}\\u{9B}2J"
        "\\u{8}\\u{7F}\\u{0}"
    )


def test_line_breaks_are_one_kind_and_tabs_stay() -> None:
    assert neutralise_text("a\r\nb\rc\n\td") == "a\nb\nc\n\td"
    assert neutralise_text("a\u2028b\x85c") == "a\\u{2028}b\\u{85}c"


@pytest.mark.parametrize(
    "text",
    [
        FAMILY,
        "❤️ 1️⃣ 🏳️\u200d🌈",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می\u200cخواهم",
        "क\u094d\u200dष",
        "a\u00a0b\u3000c",
    ],
)
def test_emoji_and_scripts_that_need_joiners_stay_whole(text: str) -> None:
    assert neutralise_text(text) == text


@pytest.mark.parametrize(
    "text",
    ["a\u200db", "a\ufe0f", "❤\ufe0f\ufe0e\ufe0f", "\u200d👧", "👩\u200d", "👩\u200d\u200d👧"],
)
def test_joiners_and_selectors_that_join_nothing_are_shown(text: str) -> None:
    assert neutralise_text(text) != text


@given(st.text())
def test_plain_text_holds_no_control_and_is_stable(text: str) -> None:
    clean = neutralise_text(text)
    assert neutralise_text(clean) == clean
    assert not any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in clean)
    clean.encode("utf-8")
