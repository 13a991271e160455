"""Tool calls of servers that number them badly: told apart or refused, never merged."""

from __future__ import annotations

from typing import Any

import pytest

from lauren_ai import TransportError
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._transport.openai.tools import ToolCallTracker
from lauren_ai._types import CompletionChunk


def entry(
    index: int | None = None,
    id: str | None = None,
    name: str | None = None,
    args: Any = None,
) -> dict[str, Any]:
    value: dict[str, Any] = {"function": {"name": name, "arguments": args}}
    if index is not None:
        value["index"] = index
    if id is not None:
        value["id"] = id
    return value


def read(*entries: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    snapshot = Accumulator(provider="test", model="m")
    tracker = ToolCallTracker(snapshot)
    chunks: list[CompletionChunk] = []
    for value in entries:
        tracker.feed(value, chunks)
    tracker.close_all()
    snapshot.stop_reason, snapshot.is_complete = "tool_use", True
    calls = snapshot.build_completion().tool_calls
    joined: dict[str, str] = {}
    for chunk in chunks:
        assert chunk.tool_call_delta is not None
        delta = chunk.tool_call_delta
        joined[delta.tool_use_id] = joined.get(delta.tool_use_id, "") + delta.input_delta
    assert len(joined) == len(snapshot.blocks)  # the chunks tell them apart as the snapshot does
    return [(call.name, call.input) for call in calls]


F, G = ("f", {"x": 1}), ("g", {"y": 2})


@pytest.mark.parametrize(
    ("entries", "calls"),
    [
        pytest.param(
            [entry(0, "a", "f", ""), entry(0, args='{"x"'), entry(0, args=": 1}")], [F], id="ok"
        ),
        pytest.param(
            [entry(0, "a", "f", '{"x":'), entry(1, "b", "g", '{"y":'), entry(0, args="1}"),
             entry(1, args="2}")], [F, G], id="in-turns",
        ),
        pytest.param(
            [entry(None, "a", "f", '{"x":1}'), entry(None, "b", "g", '{"y":2}')], [F, G],
            id="no-index",
        ),
        pytest.param(
            [entry(0, "a", "f", '{"x":1}'), entry(0, "b", "g", '{"y":2}')], [F, G], id="always-0"
        ),
        pytest.param(
            [entry(0, "a", "f", '{"x":'), entry(0, "a", "f", "1}")], [F], id="id-repeated"
        ),
        pytest.param(
            [entry(0, None, "f", '{"x":1}'), entry(0, None, "f", '{"x":1}')], [F, F],
            id="same-name-twice-without-ids",
        ),
        pytest.param(
            [entry(0, None, "f", '{"x":'), entry(0, None, "f", "1}")], [F], id="name-repeated"
        ),
        pytest.param(
            [entry(0, "a", "f", ""), entry(0, None, "f", '{"x":'), entry(0, None, "f", "1} ")],
            [F], id="name-repeated-id-once",
        ),
        pytest.param(
            [entry(None, "a", "f", ""), entry(args='{"x":1}'), entry(None, "b", "g", ""),
             entry(args='{"y":'), entry(args="2}")], [F, G], id="fragments-without-index",
        ),
        pytest.param(
            [entry(0, "a", "f", '{"x":1}'), entry(0, "b", "g", ""), entry(0, args='{"y":2}')],
            [F, G], id="always-0-fragments",
        ),
        pytest.param([entry(0, None, "f", '{"x":'), entry(0, "a", None, "1}")], [F], id="late-id"),
        pytest.param([entry(7, "a", "f", '{"x":1}'), entry(9, "b", "g", '{"y":2}')], [F, G],
                     id="gapped"),
        pytest.param([entry(0, "a", "f", {"x": 1})], [F], id="object-arguments"),
        pytest.param([entry(0, "a", "f")], [("f", {})], id="no-arguments"),
        pytest.param([entry(0, "a", "f", "{}"), entry(0, "b", None, "{}")], [("f", {})],
                     id="second-has-no-name"),
    ],
)  # fmt: skip
def test_calls_are_told_apart(
    entries: list[dict[str, Any]], calls: list[tuple[str, dict[str, Any]]]
) -> None:
    assert read(*entries) == calls


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([entry(0, args='{"x":1}')], id="arguments-without-a-call"),
        pytest.param([entry(0, "a", "f", "{}"), entry(1, "a", "g", "{}")], id="one-id-two-indexes"),
        pytest.param(
            [entry(0, "a", "f", '{"x'), entry(0, "a", None, {"x": 1})], id="text-and-object"
        ),
        pytest.param(
            [entry(0, "a", "f", ""), entry(0, "b", "g", ""), entry(0, args='{"x":1}')],
            id="two-calls-await-arguments-at-one-index",
        ),
        pytest.param(
            [entry(None, "a", "f", ""), entry(None, "b", "g", ""), entry(args='{"x":1}')],
            id="two-calls-await-arguments-without-index",
        ),
        pytest.param(
            [entry(0, "a", "f", '{"x":'), entry(1, "b", "g", ""), entry(args="1}")],
            id="index-lost-while-two-are-written",
        ),
        pytest.param(
            [entry(0, "a", "f", ""), entry(0, "a", "g", '{"y":2}')], id="one-id-two-names"
        ),
    ],
)
def test_what_stays_ambiguous_is_refused(entries: list[dict[str, Any]]) -> None:
    with pytest.raises(TransportError):
        read(*entries)


@pytest.mark.parametrize("odd", [[], {}, 1, 1.5, True, "x", ["a"]], ids=repr)
@pytest.mark.parametrize("field", ["index", "id", "function", "type"])
def test_odd_types_in_an_entry_are_survived(field: str, odd: Any) -> None:
    value = {**entry(0, "a", "f", "{}"), field: odd}
    try:
        read(value, value)
    except TransportError as error:
        assert "tool call" in str(error)


def test_a_call_that_the_server_gave_no_id_gets_one_of_its_own() -> None:
    snapshot = Accumulator(provider="test", model="m")
    tracker = ToolCallTracker(snapshot)
    tracker.feed(entry(0, None, "f", "{}"), [])
    tracker.feed(entry(1, None, "f", "{}"), [])
    ids = {block.tool_use_id for block in snapshot.blocks}
    assert len(ids) == 2
    assert all(ids)
