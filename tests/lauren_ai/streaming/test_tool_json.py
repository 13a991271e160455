"""Tool arguments: one strict JSON object, or a reason that the model can act on."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lauren_ai._json import (
    MAX_DEPTH,
    MalformedJSONError,
    ToolInputError,
    decode_json,
    parse_strict,
    parse_tool_input,
)

OBJECTS = st.dictionaries(
    st.text(),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    ),
)  # fmt: skip


@given(OBJECTS)
def test_every_json_object_is_read(value: dict[str, object]) -> None:
    assert parse_tool_input(json.dumps(value)) == value
    assert parse_tool_input(json.dumps(value, ensure_ascii=False)) == value


@pytest.mark.parametrize("text", ["", "  \n"])
def test_no_arguments_are_an_empty_object(text: str) -> None:
    assert parse_tool_input(text) == {}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": 1', "not valid JSON"),
        ('{"a": 1} x', "not valid JSON"),
        ('{"a": 1}{"b": 2}', "not valid JSON"),
        ("{'a': 1}", "not valid JSON"),
        ('{"a": 1e999}', "not valid JSON"),
        ('{"a": %s}' % ("9" * 5000), "not valid JSON"),
        ('{"a": NaN}', "NaN"),
        ('{"a": -Infinity}', "-Infinity"),
        ('{"a": 1, "a": 1}', "twice"),
        ('{"a": {"b": 1, "\\u0062": 1}}', "twice"),
        ('{"a": "\\ud83d"}', "surrogate"),
        ('{"a": "\ud83d"}', "surrogate"),
        ('{"a":' + "[" * 200 + "]" * 200 + "}", "levels deep"),
        ('{"a":' * 100_000, "levels deep"),
        ("null", "null"),
        ("[]", "an array"),
        ('"x"', "a string"),
        ("1", "a number"),
        ("true", "a boolean"),
    ],
    ids=lambda v: ascii(v)[:20],
)
def test_everything_else_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ToolInputError, match=reason):
        parse_tool_input(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('"\\ud83d"', "a lone surrogate"),
        ("[1e999]", "range"),
        ("[-1e999]", "range"),
        ("[Infinity]", "Infinity is not JSON"),
        ("[" * 200 + "]" * 200, "levels deep"),
        ("", "Expecting value"),
    ],
    ids=lambda v: ascii(v)[:20],
)
def test_a_value_that_could_not_be_written_again_is_refused(text: str, reason: str) -> None:
    with pytest.raises(MalformedJSONError, match=reason):
        parse_strict(text)


def test_of_a_key_that_comes_twice_the_last_counts_where_that_is_allowed() -> None:
    assert parse_strict('{"a": 1, "a": 2}') == {"a": 2}


def test_brackets_inside_strings_are_no_nesting() -> None:
    text = json.dumps({"code": "[{" * 500 + '\\"'})
    assert parse_tool_input(text)["code"].startswith("[{")
    assert decode_json(text.encode())["code"].startswith("[{")


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": "\xff"}', {"a": "\N{REPLACEMENT CHARACTER}"}),
        (b'{"a": "\\ud83d"}', {"a": "\N{REPLACEMENT CHARACTER}"}),
        (b'{"a": "\\ud83d\\ude00"}', {"a": "\N{GRINNING FACE}"}),
        (b'{"logprob": -Infinity, "b": NaN, "c": 1e999, "d": 1.5}',
         {"logprob": None, "b": None, "c": None, "d": 1.5}),
        (b"1" * 50, int("1" * 50)),
    ],
)  # fmt: skip
def test_a_providers_json_is_read_into_what_can_be_written_again(
    data: bytes, value: object
) -> None:
    assert decode_json(data) == value


@pytest.mark.parametrize("data", [b"", b"x", b"{", b"[" * (MAX_DEPTH + 1), b"9" * 9_000])
def test_what_is_no_json_has_one_error(data: bytes) -> None:
    with pytest.raises(MalformedJSONError):
        decode_json(data)


def test_a_text_of_many_quotes_that_never_ends_is_read_once() -> None:
    """40 KB of it took five seconds, one megabyte an hour, in which no cell could be stopped."""
    text = '{"' + '\\"' * 500_000 + "{" * (MAX_DEPTH + 1)
    with pytest.raises(ToolInputError, match="not valid JSON"):
        parse_tool_input(text)
    with pytest.raises(MalformedJSONError):
        decode_json(text.encode())
