from __future__ import annotations

import io
import re
from typing import Any

import pytest

from lauren_nb._display.saved.answer import rest
from lauren_nb._display.terminal import TerminalPresenter
from lauren_nb._display.turn import Turn
from tests.support.hostile_texts import PAYLOADS
from tests.support.renderers import RENDERERS, find_faults, get_text, render_commonmark

OURS = re.compile(r"</?(?:details|summary|sub|b)>")
OPS: list[list[Any]] = [
    ["step", "draft", 0],
    ["thinking", "Hm."],
    ["thinking_end"],
    ["text", "A **bold** one."],
    ["step_end", {"status": "done", "input_tokens": 3, "cost_usd": 0.25}],
    ["step", "final", 10],
    ["text", '[{"a": "1|2"}]'],
    ["value", "| a |\n| --- |\n| 1&#124;2 |", "markdown"],
    ["step_end", {"status": "done", "output_tokens": 4}],
    ["status", "done"],
]


def make_turn(*ops: list[Any]) -> dict[str, Any]:
    turn = Turn()
    for op in ops:
        turn.apply(op)
    return turn.snapshot()


def test_thinking_and_text_of_an_earlier_step_read_as_markdown_inside_its_fold() -> None:
    html = render_commonmark(rest(make_turn(*OPS))[0]["text/markdown"])
    fold, _, plain = html.rpartition("</details>")
    assert "<strong>bold</strong>" in fold
    assert fold.count("<details>") == 2
    assert "<td>1|2</td>" in plain


def test_plain_text_has_each_step_under_its_line() -> None:
    plain = rest(make_turn(*OPS))[0]["text/plain"]
    assert plain.index("── draft · 3 in · $0.25") < plain.index("A **bold** one.")
    assert "── final · 4 out\n\n| a |\n| --- |\n| 1|2 |" in plain


def test_a_lone_step_has_no_heading() -> None:
    markdown = rest(make_turn(["step", "only", 0], ["text", "Yes."], ["status", "done"]))[0]
    assert markdown["text/markdown"].startswith("Yes.\n")


def test_a_dollar_in_a_fold_stands_alone() -> None:
    markdown = rest(make_turn(*OPS))[0]["text/markdown"]
    assert "$" not in markdown.partition("</summary>")[0]
    assert "<span>&#36;</span>0.25" in markdown


def test_an_end_without_a_step_changes_nothing() -> None:
    turn = make_turn(["text", "a"], ["step_end", {"status": "error"}])
    assert turn["parts"] == [{"type": "text", "text": "a", "format": "markdown"}]


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
def test_hostile_steps_are_only_text(render: Any) -> None:
    for payload in PAYLOADS:
        end = {"status": "error", "model": payload, "stop_reason": payload, "cost_usd": 0.5}
        ops: list[list[Any]] = [
            op
            for format in ("markdown", "json")
            for op in (
                ["step", payload, 0],
                ["thinking", payload],
                ["thinking_end"],
                ["text", payload],
                ["step_end", end],
                ["step", payload, 0],
                ["value", payload, format],
                ["step_end", end],
            )
        ]
        html = render(rest(make_turn(*ops))[0]["text/markdown"])
        faults = [f for f in find_faults(html) if not OURS.fullmatch(f)]
        assert faults == [], (payload, html)


async def test_a_terminal_shows_the_steps_as_they_come() -> None:
    out = io.StringIO()
    presenter = TerminalPresenter(Turn(), on_stop=lambda: None, out=out)
    for op in OPS:
        presenter.push(*op)
    presenter.finish()
    text = re.sub(r"\n+", "\n", out.getvalue())
    assert text.startswith("── draft\nHm.\nA **bold** one.\n── final\n[{")
    assert "| 1|2 |" in text


def test_the_fold_of_a_step_reads_as_its_title() -> None:
    html = render_commonmark(rest(make_turn(*OPS))[0]["text/markdown"])
    assert get_text(html).split()[:4] == ["draft", "3", "in", "·"]
