"""The state of a turn changes by operations alone, as the page's own does."""

from __future__ import annotations

from typing import Any

import pytest

from lauren_nb._display.turn import Turn


def make_turn(*ops: list[Any], format: str = "markdown") -> Turn:
    turn = Turn(format=format)
    for op in ops:
        turn.apply(op)
    return turn


def test_pieces_of_text_grow_one_part() -> None:
    turn = make_turn(["text", "a"], ["text", "b"])
    assert turn.parts == [{"type": "text", "text": "ab", "format": "markdown"}]
    assert turn.text == "ab"


def test_text_has_the_format_of_its_cell() -> None:
    assert make_turn(["text", "a"], format="json").parts[0]["format"] == "json"


def test_text_alone_is_the_answer() -> None:
    turn = make_turn(["thinking", "hm"], ["thinking_end", 5], ["text", "yes"], ["notice", "wait"])
    assert turn.text == "yes"


def test_thinking_that_ended_is_not_opened_again() -> None:
    turn = make_turn(["thinking", "a"], ["thinking_end", 5], ["thinking", "b"])
    assert [(p["text"], p["done"]) for p in turn.parts] == [("a", True), ("b", False)]
    assert turn.parts[0]["elapsed_ms"] == 5


def test_notice_goes_when_something_else_comes() -> None:
    assert [p["type"] for p in make_turn(["notice", "wait"], ["text", "a"]).parts] == ["text"]
    assert make_turn(["notice", "wait"], ["notice", ""]).parts == []
    assert make_turn(["notice", "wait"], ["status", "error"]).parts == []


def test_calls_side_by_side_keep_their_own_arguments() -> None:
    turn = make_turn(
        ["tool", "1", "add"],
        ["tool", "2", "sub"],
        ["args", "1", '{"a"'],
        ["args", "2", "{}"],
        ["args", "1", ": 1}"],
        ["tool_status", "1", {"status": "done", "result": "3"}],
    )
    assert [(p["name"], p["input_text"], p["status"]) for p in turn.parts] == [
        ("add", '{"a": 1}', "done"),
        ("sub", "{}", "writing"),
    ]


def test_footer_is_merged() -> None:
    turn = make_turn(["footer", {"model": "m"}], ["footer", {"input_tokens": 3}])
    assert turn.footer == {"model": "m", "input_tokens": 3}


def test_clock_stops_when_the_turn_ends() -> None:
    turn = make_turn(["elapsed", 7], ["status", "done"])
    assert turn.elapsed_ms == 7


def test_unknown_operation_is_refused() -> None:
    with pytest.raises(ValueError, match="Unknown operation"):
        make_turn(["dance"])


def test_snapshot_does_not_change_with_the_turn() -> None:
    turn = make_turn(["text", "a"], ["footer", {"model": "m"}])
    snapshot = turn.snapshot()
    turn.apply(["text", "b"])
    turn.apply(["footer", {"model": "n"}])
    assert snapshot["parts"][0]["text"] == "a"
    assert snapshot["footer"] == {"model": "m"}
