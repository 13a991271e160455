"""Which requests are the same, and how a miss is explained."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from lauren_ai._cassettes.file import Exchange, WireRequest
from lauren_ai._cassettes.match import Pattern, explain_miss, shorten_data, write_canonical


def ask(*, provider: str = "anthropic", path: str = "/v1/messages", **body: Any) -> WireRequest:
    base = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    return WireRequest(provider=provider, method="POST", path=path, body={**base, **body})


def kept(request: WireRequest) -> Exchange:
    return Exchange(request=request, status=200, headers={}, chunks=())


TOOLS: list[dict[str, Any]] = [
    {"name": "b", "input_schema": {"required": ["x", "y"]}},
    {"name": "a"},
]
BUDGET = {"type": "enabled", "budget_tokens": 8_000}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"max_tokens": 5}, {"max_completion_tokens": 5}),
        ({"max_tokens": 4096}, {}),
        ({"max_output_tokens": 4096, "model": "qwen3-8b"}, {"model": "qwen3-8b"}),
        ({"max_tokens": 12_096, "thinking": BUDGET}, {"thinking": BUDGET}),
        ({"metadata": {"user_id": "u1"}}, {}),
        ({"stream_options": {"include_usage": True}}, {}),
        ({"stop": ["x", "y"]}, {"stop": ["y", "x"]}),
        (
            {"tools": TOOLS},
            {"tools": [{"name": "a"}, {**TOOLS[0], "cache_control": {"type": "e"}}]},
        ),
        ({"system": "<A at 0x7f00deadbeef>"}, {"system": "<A at 0x7faabbccdd00>"}),
        (
            {
                "messages": [
                    {"tool_calls": [{"id": "call_1", "type": "function"}]},
                    {"tool_call_id": "call_1"},
                ]
            },
            {
                "messages": [
                    {"tool_calls": [{"id": "call_x", "type": "function"}]},
                    {"tool_call_id": "call_x"},
                ]
            },
        ),
    ],
    ids="order name limit output_limit thinking_limit metadata stream_options "
    "stop tools address ids".split(),
)
def test_what_changes_no_answer_makes_no_difference(one: Any, other: Any) -> None:
    assert write_canonical(ask(**one)) == write_canonical(ask(**other))


@pytest.mark.parametrize(
    "change",
    [
        {"provider": "openai"},
        {"path": "/v1/messages/count_tokens"},
        {"model": "n"},
        {"temperature": 0.5},
        {"max_tokens": 5},
        {"max_tokens": 64_000},
        {"max_tokens": 4096, "thinking": {"budget_tokens": "many"}},
        {"system": "s"},
        {"messages": [{"role": "user", "content": "hi "}]},
        {"messages": [{"role": "user", "content": "hi"}, {"role": "user", "content": "hi"}]},
    ],
)
def test_what_may_change_the_answer_makes_another_request(change: Any) -> None:
    assert write_canonical(ask()) != write_canonical(ask(**change))


def test_results_that_are_swapped_between_calls_are_another_request() -> None:
    calls = [{"type": "tool_use", "id": "a"}, {"type": "tool_use", "id": "b"}]
    one = [*calls, {"tool_use_id": "a", "content": "1"}, {"tool_use_id": "b", "content": "2"}]
    other = [*calls, {"tool_use_id": "b", "content": "1"}, {"tool_use_id": "a", "content": "2"}]
    assert write_canonical(ask(messages=one)) != write_canonical(ask(messages=other))


def test_an_image_is_kept_as_size_and_digest_and_matches_a_redrawn_one() -> None:
    def draw(seed: int) -> WireRequest:
        data = base64.b64encode(bytes([seed]) * 900).decode()
        url = {"url": f"data:image/png;base64,{data}"}
        return ask(messages=[{"content": [{"image_url": url}, {"source": {"data": data}}]}])

    one = write_canonical(
        WireRequest(provider="p", method="POST", path="/", body=shorten_data(draw(1).body))
    )
    other = write_canonical(
        WireRequest(provider="p", method="POST", path="/", body=shorten_data(draw(2).body))
    )
    assert len(one) < 400
    assert "data:image/png;base64,[900 bytes, sha256 " in one
    assert one != other
    assert Pattern(one).matches(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my key is abcdef, yes", True),
        ("my key is , yes", True),
        ("my key is abcdef, no", False),
        ("is abcdef, yes", False),
        ("my key is, yes", False),
    ],
)
def test_a_scrubbed_secret_matches_whatever_stands_there(text: str, expected: bool) -> None:
    assert Pattern("my key is [secret removed], yes").matches(text) is expected


def test_a_pattern_without_anything_left_out_matches_nothing_more() -> None:
    assert not Pattern("abc").matches("abcd")


def test_a_miss_shows_the_nearest_request_and_what_differs() -> None:
    recorded = [
        kept(ask(messages=[{"role": "user", "content": "Write a sonnet about the sea."}])),
        kept(ask(messages=[{"role": "user", "content": "Summarise the table for a manager."}])),
        kept(ask(provider="openai", path="/chat/completions")),
    ]
    asked = ask(messages=[{"role": "user", "content": "Summarise the table for a child."}])
    diff = explain_miss(asked, recorded).splitlines()
    assert '-    content: "Summarise the table for a manager."' in diff
    assert '+    content: "Summarise the table for a child."' in diff
    assert not [line for line in diff if "sonnet" in line]


def test_a_long_text_differs_in_the_lines_that_changed() -> None:
    text = "\n".join(f"row {i}" for i in range(200))
    changed = text.replace("row 150", "row one hundred and fifty")
    diff = explain_miss(ask(system=changed), [kept(ask(system=text))]).splitlines()
    assert [line for line in diff if line[0] in "+-"][2:] == [
        "-    row 150",
        "+    row one hundred and fifty",
    ]


def test_a_diff_is_cut_where_nothing_is_alike() -> None:
    one, other = ("\n".join(f"{word} {i}" for i in range(500)) for word in ("a", "b"))
    lines = explain_miss(ask(system=one), [kept(ask(system=other))]).splitlines()
    assert len(lines) == 41
    assert lines[-1].endswith("more lines differ")


def test_a_diff_shows_what_is_invisible() -> None:
    diff = explain_miss(ask(system="a\x1b[31m\nb\u202e"), [kept(ask(system="a\nb"))])
    assert "\x1b" not in diff and "\u202e" not in diff
    assert "a\\u{1B}[31m" in diff and "b\\u{202E}" in diff


def test_an_empty_cassette_has_nothing_near() -> None:
    assert explain_miss(ask(), []) == ""
