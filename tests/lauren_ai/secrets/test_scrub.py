"""What a cassette keeps holds no secret, in whatever guise or however it was cut."""

from __future__ import annotations

import base64
import html
import json
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lauren_ai._secrets.find import (
    find_environment_secrets,
    find_header_secrets,
    find_url_secrets,
)
from lauren_ai._secrets.scrub import PLACEHOLDER, Scrubber

KEY = 's3cr+t/key=with%odd"chars\\0123456789'
SCRUBBER = Scrubber([KEY, None, "ollama"])


def encode64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "guise",
    [
        KEY,
        json.dumps(KEY)[1:-1],
        json.dumps(KEY)[1:-1].replace("/", "\\/"),
        json.dumps(json.dumps(KEY)[1:-1])[1:-1],
        html.escape(KEY),
        quote(quote(KEY, safe=""), safe=""),
        quote(KEY),
        quote(KEY, safe="").lower().replace(KEY.lower(), KEY),
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
        encode64(KEY),
        encode64("user:" + KEY),
        encode64("u:" + KEY + "!"),
        encode64(KEY).replace("+", "-").replace("/", "_").rstrip("="),
    ],
)
def test_a_known_secret_is_found_in_every_guise(guise: str) -> None:
    scrubbed = SCRUBBER.scrub_text(f"before {guise} after")
    assert scrubbed == f"before {PLACEHOLDER} after"


def test_a_placeholder_key_stays_an_ordinary_word() -> None:
    assert SCRUBBER.scrub_text("ollama and llama") == "ollama and llama"


@pytest.mark.parametrize("text", ["s3c...789", "s3c***", "…789", "s3cxxxxxx789"])
def test_a_shortened_key_goes_too(text: str) -> None:
    # OpenAI's 401: "Incorrect API key provided: sk-pro*****XYZ"
    assert SCRUBBER.scrub_text(f"provided: {text}") == f"provided: {PLACEHOLDER}"


@pytest.mark.parametrize(
    "text",
    [
        "sk-ant-api03-abcdef0123456789",
        "sk-proj-abcdef0123456789",
        "AIzaSyA0123456789abcdefghijk",
        "gsk_0123456789abcdefgh",
        "Bearer abcdef0123456789xyz",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0abc.c2lnbmF0dXJl",
        "org-a1b2c3d4e5f6",
        "proj_a1b2c3d4e5f6",
    ],
)
def test_what_looks_like_a_key_goes_whoevers_it_is(text: str) -> None:
    assert Scrubber([]).scrub_text(f"<{text}>") == f"<{PLACEHOLDER}>"


@pytest.mark.parametrize("text", ["sk-" * 100_000, "eyJaaaaaaaaaaaa-" * 60_000])
def test_a_hostile_text_takes_no_longer_than_another(text: str) -> None:
    """60 KB of it took 20 seconds, five times as much ten minutes."""
    assert Scrubber([]).scrub_text(text) == text


def test_the_organisation_of_an_error_goes() -> None:
    text = "over the limit of your organization 0a1b2c3d-0000-4000-8000-0123456789ab (see docs)"
    assert (
        Scrubber([]).scrub_text(text)
        == f"over the limit of your organization {PLACEHOLDER} (see docs)"
    )


@pytest.mark.parametrize(
    "text", ["sk-learn and scikit-learn-contrib", "key-performance-indicators", "wait... what"]
)
def test_ordinary_words_stay(text: str) -> None:
    assert SCRUBBER.scrub_text(text) == text


def test_a_field_named_like_a_key_goes_whatever_it_holds() -> None:
    body = {"api_key": "short", "auth": {"Authorization": "x y"}, "max_tokens": 5, "token": "abc"}
    assert Scrubber([]).scrub_json(body) == {
        "api_key": PLACEHOLDER,
        "auth": {"Authorization": PLACEHOLDER},
        "max_tokens": 5,
        "token": PLACEHOLDER,
    }


def test_a_schema_that_names_a_password_stays() -> None:
    schema = {"properties": {"password": {"type": "string"}}, "required": ["password"]}
    assert Scrubber([]).scrub_json(schema) == schema


def test_scrubbing_changes_nothing_of_the_callers() -> None:
    body = {"messages": [{"content": f"my key is {KEY}"}]}
    SCRUBBER.scrub_json(body)
    assert body == {"messages": [{"content": f"my key is {KEY}"}]}


@given(st.lists(st.integers(0, len(KEY) + 20), max_size=8))
def test_a_secret_that_is_cut_between_chunks_is_found(cuts: list[int]) -> None:
    body = f"0123456789{KEY}0123456789"
    marks = [0, *sorted(cuts), len(body)]
    chunks = [body[a:b] for a, b in pairwise(marks)]
    scrubbed = SCRUBBER.scrub_chunks(chunks)
    assert len(scrubbed) == len(chunks)
    assert "".join(scrubbed) == f"0123456789{PLACEHOLDER}0123456789"


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_a_secret_that_a_model_says_in_pieces_is_found(size: int) -> None:
    said = f"Your key is {KEY}, is it not?"
    pieces = [said[i : i + size] for i in range(0, len(said), size)]
    events = [
        "event: content_block_delta\ndata: "
        + json.dumps({"index": 0, "delta": {"type": "text_delta", "text": piece}})
        + "\n\n"
        for piece in pieces
    ]
    scrubbed = SCRUBBER.scrub_chunks(events)
    lines = [line for line in "".join(scrubbed).splitlines() if line.startswith("data: ")]
    text = "".join(json.loads(line[6:])["delta"]["text"] for line in lines)
    assert text == f"Your key is {PLACEHOLDER}, is it not?"
    assert len(lines) == len(events)


def test_blocks_that_are_written_side_by_side_are_told_apart() -> None:
    half = len(KEY) // 2
    said = [(0, KEY[:half]), (1, "words "), (0, KEY[half:]), (1, "and more")]
    events = [f"data: {json.dumps({'index': i, 'text': piece})}\n\n" for i, piece in said]
    scrubbed = [json.loads(e[6:]) for e in SCRUBBER.scrub_chunks(events)]
    assert [e["text"] for e in scrubbed if e["index"] == 0] == [PLACEHOLDER, ""]
    assert [e["text"] for e in scrubbed if e["index"] == 1] == ["words ", "and more"]


def test_a_secret_written_in_escapes_is_found() -> None:
    escaped = "".join(f"\\u{ord(c):04x}" for c in KEY)
    assert json.loads(SCRUBBER.scrub_chunks([f'{{"echo": "{escaped}"}}'])[0]) == {
        "echo": PLACEHOLDER
    }


def test_a_body_without_secrets_stays_byte_for_byte() -> None:
    chunks = ['data: {"a":  "b" }\r\n', "\r", "\n: ping\n\ndata: [DONE]\n\n", "data: {broken"]
    assert SCRUBBER.scrub_chunks(chunks) == chunks


def test_the_secrets_of_headers_are_their_values_and_parts() -> None:
    basic = base64.b64encode(b"anna:hunter2hunter2").decode()
    found = set(
        find_header_secrets(
            {
                "Cookie": "session=abcdefgh1234; theme=dark",
                "Proxy-Authorization": f"Basic {basic}",
                "anthropic-beta": "interleaved-thinking-2025",
            }
        )
    )
    assert {"abcdefgh1234", basic, "hunter2hunter2"} <= found
    assert "interleaved-thinking-2025" not in found


def test_the_secrets_of_an_address_are_its_user_password_and_query() -> None:
    found = [*find_url_secrets("https://anna:pa55word@host/v1?api-version=2&code=abcdef")]
    assert found == ["anna", "pa55word", "2", "abcdef"]


def test_variables_named_like_keys_are_secret_but_for_plain_words() -> None:
    environ = {
        "OPENAI_API_KEY": "abc123def456",
        "DB_PASSWORD": "correct-horse-battery-staple",
        "APP_SECRET": "development",
        "TOKENIZERS_PARALLELISM": "12345678",
        "HOME": "0123456789",
    }
    assert [*find_environment_secrets(environ)] == ["abc123def456", "correct-horse-battery-staple"]
