"""Turns of a panel: versions, branches, and conversations restored from messages."""

from __future__ import annotations

from lauren_ai import Message
from lauren_ai._types import ContentBlock
from lauren_nb.panel._history import restore
from lauren_nb.panel._tree import TurnTree


def questions(tree: TurnTree) -> list[str]:
    return [turn.question for turn in tree.path()]


def test_version_replaces_what_followed_and_can_be_chosen_back() -> None:
    tree = TurnTree()
    first = tree.add("a", None)
    second = tree.add("b", first.id)
    tree.add("c", second.id)
    other = tree.add("B", first.id)
    assert questions(tree) == ["a", "B"]
    assert tree.versions(other.id) == [second.id, other.id]
    tree.choose(second.id)
    assert questions(tree) == ["a", "b", "c"]


def test_epoch_grows_only_when_a_shown_turn_goes_away() -> None:
    tree = TurnTree()
    first = tree.add("a", None)
    tree.add("b", first.id)
    assert tree.epoch == 0
    tree.add("A", None)
    assert tree.epoch == 1
    tree.choose(first.id)
    assert tree.epoch == 2
    tree.clear()
    assert (tree.epoch, tree.path()) == (3, [])


def test_messages_are_those_of_the_branch_that_is_shown() -> None:
    tree = TurnTree()
    first = tree.add("a", None)
    first.messages = [Message.user("a"), Message.assistant("1")]
    tree.add("b", first.id).messages = [Message.user("b")]
    tree.add("B", first.id).messages = [Message.user("B")]
    assert [m.text() for m in tree.messages()] == ["a", "1", "B"]
    assert [m.text() for m in tree.messages(until=first.id)] == ["a", "1"]


def test_stored_messages_become_turns_with_thinking_calls_and_results() -> None:
    tree = TurnTree()
    restore(
        tree,
        [
            Message.user("How many?"),
            Message.assistant(
                [
                    ContentBlock.thinking_block("Hm."),
                    ContentBlock.tool_use_block("c1", "count", {"of": "rows"}),
                ]
            ),
            Message.user([ContentBlock.tool_result_block("c1", "12")]),
            Message.assistant("Twelve."),
            Message.user("Sure?"),
            Message.assistant("Yes."),
        ],
    )
    first, second = tree.path()
    assert (first.question, second.question) == ("How many?", "Sure?")
    thinking, call, text = first.view.parts
    assert (thinking["text"], thinking["done"]) == ("Hm.", True)
    assert (call["name"], call["input_text"], call["status"]) == ("count", '{"of": "rows"}', "done")
    assert (call["result"], text["text"], first.view.status) == ("12", "Twelve.", "done")
    assert len(first.messages) == 4
    assert second.text == "Yes."
