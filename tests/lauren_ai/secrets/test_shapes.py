"""Messages and recordings know the same keys: what one takes out, the other does too."""

from __future__ import annotations

import re

import pytest

from lauren_ai._secrets.redaction import MASK, redact
from lauren_ai._secrets.scrub import PLACEHOLDER, Scrubber
from lauren_ai._secrets.shapes import _SHAPES

WHOLE = [
    "sk-ant-api03-abcdef0123456789",
    "sk-proj-abcdef0123456789",
    "rk_live_abcdef0123456789",
    "gsk_0123456789abcdefgh",
    "hf_0123456789abcdefgh",
    "xai-0123456789abcdefgh",
    "AIzaSyA0123456789abcdefghijk",
    "ya29.a0AfH6SMBx-0123456789_abc",
    "ghp_0123456789abcdefghij",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0abc.c2lnbmF0dXJl",
    "Bearer abcdef0123456789xyz",
]


@pytest.mark.parametrize("key", WHOLE)
def test_a_whole_key_goes_whoevers_it_is(key: str) -> None:
    assert Scrubber([]).scrub_text(f"<{key}>") == f"<{PLACEHOLDER}>"
    assert redact(f"<{key}>") == f"<{MASK}>"


def test_each_shape_has_an_example() -> None:
    for begin, rest in _SHAPES:
        assert any(re.fullmatch(begin + rest, key) for key in WHOLE), begin


@pytest.mark.parametrize("key", WHOLE)
def test_a_message_may_not_show_the_beginning_of_a_key_either(key: str) -> None:
    assert redact(f"<{key[:16]}...>") == f"<{MASK}>"


@pytest.mark.parametrize("key", WHOLE)
def test_what_is_cut_of_a_known_key_goes_from_both(key: str) -> None:
    shown = f"{key[:6]}****{key[-4:]}"
    assert shown[:6] not in Scrubber([key]).scrub_text(f"<{shown}>")
    assert redact(f"<{shown}>", key) == f"<{MASK}>"


@pytest.mark.parametrize(
    "text",
    ["sk-learn and scikit-learn-contrib", "sk_learn_pipeline_of_2_steps", "a bearer of news"],
)
def test_ordinary_words_stay(text: str) -> None:
    assert Scrubber([]).scrub_text(text) == text
