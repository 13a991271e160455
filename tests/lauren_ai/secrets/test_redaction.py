"""Keys leave messages, whole, shortened and masked; ordinary words stay."""

from __future__ import annotations

import pytest

from lauren_ai._secrets.redaction import MAX_CHARS, redact, redact_url

SECRET = "zq81-0f-custom-key-7731"


@pytest.mark.parametrize(
    "text",
    [
        "key sk-ant-api03-abcdefghijkl refused",
        "key sk-proj-****************wxyz refused",
        "key sk-proj...wxyz refused",
        "key AIzaSyA1234567890abcdefg refused",
        "header Authorization: Bearer abcdef refused",
        "key gsk_abcdefghijklmnop refused",
        "key ab12****wx refused",
    ],
)
def test_what_looks_like_a_key_is_masked_without_knowing_it(text: str) -> None:
    masked = redact(text)
    assert "[key]" in masked
    assert "abc" not in masked
    assert "wx" not in masked
    assert masked.endswith(" refused")


@pytest.mark.parametrize(
    "shown",
    [SECRET, "zq8...731", "zq81…7731", "zq81****7731", "…7731", "zq81...", "zq81xxxxxxxx7731"],
)
def test_a_known_secret_is_masked_whole_or_shortened(shown: str) -> None:
    masked = redact(f"The key {shown} is wrong... really", SECRET)
    assert "zq8" not in masked
    assert "731" not in masked
    assert masked.endswith("is wrong... really")


@pytest.mark.parametrize(
    "shown",
    [
        "Zq+9...tV6u", "Zq+9/x****tV6u", "Zq+9/xY7…", "tV6u", "Zq+9/x", "key=tV6u.", '"Zq+9"',
        "Zq%2B9%2FxY7%3DkL.m2~Pw8R4tV6u", "Zq+9\\/xY7=kL.m2~Pw8R4tV6u", "ZQ+9/XY7=KL.M2~PW8R4TV6U",
    ],
)  # fmt: skip
def test_a_known_secret_of_any_characters_is_masked_in_part_or_as_it_is_written(shown: str) -> None:
    masked = redact(f"The key {shown} is wrong", "Zq+9/xY7=kL.m2~Pw8R4tV6u")
    assert "[key]" in masked
    assert not [part for part in ("Zq+", "Zq%", "V6u", "TV6U") if part in masked]
    assert masked.endswith(" is wrong")


@pytest.mark.parametrize(
    "text",
    [
        "No model named gpt-9. Wait 3 s... then ask again.",
        "Unsupported parameter: 'max_tokens'; keyword missing, see key-value docs.",
        "The skill task-force risked 1*2*3.",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert redact(text, "none", "ollama", None, "", "unsupported-missing-key") == text


def test_messages_are_bounded_and_quickly_read() -> None:
    assert len(redact("a" * 10_000_000, SECRET)) <= MAX_CHARS + 1
    assert len(redact("*" * 100_000)) <= MAX_CHARS + 1


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://u:p@h:1/v1?k=s#f", "http://h:1/v1"),
        ("https://api.example.org/v1", "https://api.example.org/v1"),
        ("http://[bad", "an address that cannot be read"),
    ],
)
def test_addresses_show_no_user_and_no_query(url: str, shown: str) -> None:
    assert redact_url(url) == shown
