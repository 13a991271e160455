"""The transcript below a panel: the newest turns, within what a page can draw again in one go."""

from __future__ import annotations

from lauren_nb.panel._export import MAX_TRANSCRIPT, write_markdown, write_transcript
from lauren_nb.panel._tree import PanelTurn, TurnTree


def make_turns(count: int, *, size: int) -> list[PanelTurn]:
    tree = TurnTree()
    for n in range(count):
        turn = tree.add(f"Question {n}", tree.last.id if tree.last else None)
        turn.view.apply(["text", f"Answer {n}. " + "words " * (size // 6)])
        turn.view.apply(["status", "done"])
    return tree.path()


def test_short_chat_is_kept_whole() -> None:
    turns = make_turns(3, size=100)
    assert write_transcript("Chat", turns) == write_markdown("Chat", turns)


def test_long_chat_keeps_its_newest_turns_and_says_what_is_left_out() -> None:
    turns = make_turns(2000, size=1000)
    kept = write_transcript("Chat", turns)
    assert len(kept) < MAX_TRANSCRIPT + 300
    assert kept.count("**You**") > 80
    assert "Answer 1999." in kept and "Answer 1950." in kept and "Answer 0." not in kept
    left = 2000 - kept.count("**You**")
    assert f"*{left:,} earlier turns are not kept here" in kept
    assert kept.index("#### Chat") < kept.index("earlier turns") < kept.index("**You**")


def test_last_turn_is_whole_however_long_it_is() -> None:
    turns = make_turns(2, size=3 * MAX_TRANSCRIPT)
    kept = write_transcript("Chat", turns)
    assert len(kept) > 3 * MAX_TRANSCRIPT - 100
    assert "*1 earlier turn is not kept here" in kept and "Answer 1." in kept
