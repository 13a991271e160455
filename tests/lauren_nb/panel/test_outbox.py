"""Owns that no message to a panel's page is long: turns come in pages, and none is left out."""

from __future__ import annotations

import json
from typing import Any

from lauren_nb._display.turn import Turn
from lauren_nb.panel._outbox import OLDER, PAGE_CHARS, SHOWN, PanelWire
from lauren_nb.panel._tree import TurnTree


def make_wire(texts: list[str]) -> tuple[PanelWire, TurnTree, list[dict[str, Any]]]:
    sent: list[dict[str, Any]] = []
    tree = TurnTree()
    for text in texts:
        add(tree, text)
    return PanelWire(tree, {}, send=sent.append, describe=dict), tree, sent


def add(tree: TurnTree, text: str) -> str:
    view = Turn()
    view.apply(["text", text])
    view.apply(["status", "done"])
    return tree.add("Why?", tree.last.id if tree.last else None, view=view).id


def read_all(wire: PanelWire, sent: list[dict[str, Any]]) -> list[str]:
    """The ids that a page has once it asked for all older ones, oldest first."""
    wire.send_whole()
    ids = [entry["id"] for entry in sent[-1]["entries"]]
    while sent[-1]["left"]:
        wire.send_older(ids[0])
        ids = [*(entry["id"] for entry in sent[-1]["entries"]), *ids]
    return ids


def test_pages_hold_every_turn_once_in_order() -> None:
    wire, tree, sent = make_wire([f"answer {i}" for i in range(200)])
    assert read_all(wire, sent) == [turn.id for turn in tree.path()]
    assert max(len(message["entries"]) for message in sent[1:]) <= OLDER
    assert len(sent[0]["entries"]) == SHOWN


def test_long_answers_come_in_messages_of_bounded_size() -> None:
    wire, tree, sent = make_wire(["long " * 12_000] * 30)
    assert read_all(wire, sent) == [turn.id for turn in tree.path()]
    assert all(len(json.dumps(message)) < PAGE_CHARS * 1.1 for message in sent)


def test_turn_that_is_larger_than_a_page_comes_alone() -> None:
    wire, tree, sent = make_wire(["a", "b" * PAGE_CHARS * 2, "c"])
    assert read_all(wire, sent) == [turn.id for turn in tree.path()]
    assert [len(message["entries"]) for message in sent] == [1, 1, 1]


def test_new_turn_brings_only_itself_after_a_page_was_cut() -> None:
    wire, tree, sent = make_wire(["long " * 30_000] * 5)
    wire.send_whole()
    new = add(tree, "new")
    wire.tell()
    assert [entry["id"] for entry in sent[-1]["entries"]] == [new]
    assert {turn_id for turn_id, _ in sent[-1]["order"]} <= {
        new,
        *(entry["id"] for entry in sent[0]["entries"]),
    }
    assert sent[-1]["left"] == 4
