"""Holds the kernel to the examples in tests/protocol.json, to which js/check.mjs holds the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import (
    Any,
    Literal,
    Union,
    get_args,
    get_origin,
    get_overloads,
    get_type_hints,
    is_typeddict,
)

import pytest

from lauren_nb import _protocol
from lauren_nb._approval.approver import Action, read_message
from lauren_nb._display.turn import Turn
from lauren_nb._protocol import CellMessage, Push, ToPanel, TurnState
from lauren_nb.panel._inbox import FIELDS, check_message

EXAMPLES = json.loads((Path(__file__).parents[1] / "protocol.json").read_text(encoding="utf-8"))
CELL, PANEL = EXAMPLES["cell"], EXAMPLES["panel"]
OPS = [op for message in CELL["to_page"] if message["kind"] == "delta" for op in message["ops"]]
TYPED = {kind.__name__: kind for kind in vars(_protocol).values() if is_typeddict(kind)}
BASES = {"StepEnd": "Footer", "StepPart": "Footer", "PanelHead": "QueueState"}

Seen = set[tuple[str, str]]


def check(value: Any, kind: Any) -> Seen:
    """Which keys of which types `value` has. Raises TypeError where it is not a `kind`."""
    if is_typeddict(kind):
        return check_dict(value, kind)
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return check_union(value, args)
    if origin is Literal and value in args:
        return set()
    if origin is list and type(value) is list:
        return set[tuple[str, str]]().union(*(check(item, args[0]) for item in value))
    if origin is tuple and type(value) is list and len(value) == len(args):
        pairs = zip(value, args, strict=True)
        return set[tuple[str, str]]().union(*(check(item, arg) for item, arg in pairs))
    if origin is dict and type(value) is dict:
        return set[tuple[str, str]]().union(*(check(item, args[1]) for item in value.values()))
    if kind is Any or type(value) is kind or (kind is float and type(value) is int):
        return set()
    raise TypeError(f"{json.dumps(value)[:200]} is not a {kind}")


def check_dict(value: Any, kind: Any) -> Seen:
    hints = get_type_hints(kind)
    if type(value) is not dict or not kind.__required_keys__ <= value.keys() <= hints.keys():
        raise TypeError(f"{json.dumps(value)[:200]} is not a {kind.__name__}")
    seen = {(get_owner(kind, name), name) for name in value}
    return seen.union(*(check(member, hints[name]) for name, member in value.items()))


def get_owner(kind: Any, member: str) -> str:
    """The type that declares the member: one that inherits it needs no example of its own."""
    base = BASES.get(kind.__name__, "")
    return base if base and member in TYPED[base].__annotations__ else kind.__name__


def check_union(value: Any, kinds: tuple[Any, ...]) -> Seen:
    problems: list[TypeError] = []
    for kind in kinds:
        try:
            return check(value, NoneType if kind is None else kind)
        except TypeError as error:
            problems.append(error)
    raise TypeError("\n".join(map(str, problems)))


def read_overloads() -> Iterator[tuple[str, list[Any], int]]:
    """Each operation of `Push`: its name, the types of what follows, how many of them must come."""
    for overload in get_overloads(Push.__call__):
        hints = get_type_hints(overload)
        (names, *kinds), optional = list(hints.values())[:-1], len(overload.__defaults__ or ())
        for name in get_args(names):
            yield name, kinds, len(kinds) - optional


def known(value: Any) -> Any:
    """Without members that are None: they mean the same as those that are not there."""
    if isinstance(value, dict):
        return {name: known(member) for name, member in value.items() if member is not None}
    return [known(item) for item in value] if isinstance(value, list) else value


def test_every_message_and_member_that_the_kernel_may_write_has_an_example() -> None:
    operations = {name: kinds for name, kinds, _ in read_overloads()}
    seen = check(CELL["turn"], TurnState)
    for message in CELL["to_page"]:
        seen |= check(message, CellMessage)
    for message in PANEL["to_page"]:
        seen |= check(message, ToPanel)
    for name, *values in OPS:
        pairs = zip(values, operations[name], strict=False)
        seen = seen.union(*(check(value, kind) for value, kind in pairs))
    members = {
        (get_owner(kind, key), key) for kind in TYPED.values() for key in get_type_hints(kind)
    }
    assert seen == members


def test_every_operation_has_an_example_and_no_other_is_used() -> None:
    operations = {name: (kinds, least) for name, kinds, least in read_overloads()}
    assert {op[0] for op in OPS} == operations.keys()
    for name, *values in OPS:
        kinds, least = operations[name]
        assert least <= len(values) <= len(kinds), name


def test_the_kernel_makes_of_operations_what_the_page_makes_of_them() -> None:
    turn = Turn()
    for op in OPS:
        turn.apply(op)
        check(turn.snapshot(), TurnState)
    assert known(turn.snapshot()) == known(CELL["turn"])


def test_the_kernel_takes_every_message_of_a_cells_page() -> None:
    decisions = [message for message in CELL["from_page"] if message["kind"] == "decide"]
    assert {message["kind"] for message in CELL["from_page"]} == {"attach", "stop", "decide"}
    assert {read_message(message).action for message in decisions} == set(get_args(Action))


def test_the_kernel_takes_every_message_of_a_panels_page(caplog: pytest.LogCaptureFixture) -> None:
    assert [check_message(message) for message in PANEL["from_page"]] == PANEL["from_page"]
    assert {message["kind"] for message in PANEL["from_page"]} == FIELDS.keys()
    assert caplog.text == ""


@pytest.mark.parametrize(
    "message",
    [
        {"kind": "tick", "seq": 1},
        {"kind": "tick", "seq": 1, "elapsed_ms": 1, "at": 2},
        {"kind": "tick", "seq": True, "elapsed_ms": 1},
        {"kind": "tick", "seq": "1", "elapsed_ms": 1},
        {"kind": "dance"},
    ],
)
def test_a_message_that_is_not_of_the_protocol_is_told(message: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="is not a"):
        check(message, CellMessage)
