from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest

from lauren_nb._display.saved.answer import rest
from tests.support.hostile_texts import PAYLOADS, make_mess
from tests.support.renderers import RENDERERS, find_faults, get_text, render_commonmark
from tests.support.saved_turns import OURS, make_turn, markdown_of, text_part, tool_part


def test_answer_thinking_calls_and_footer_stand_in_order() -> None:
    turn = make_turn(
        {"type": "thinking", "text": "*Hm*.", "done": True, "elapsed_ms": 3000},
        text_part("**Done**"),
        tool_part(input_text='{"a": 1}', result="ok"),
        footer={"model": "m-1", "input_tokens": 12, "output_tokens": 3, "cost_usd": 0.01},
    )
    assert markdown_of(turn) == (
        "<details><summary>Thought for 3.0 s</summary>\n\n*Hm*.\n\n</details>\n\n"
        '**Done**\n\n→ `plot` ran: `{"a": 1}`\n\n'
        "<details><summary>Result</summary>\n\n```\nok\n```\n\n</details>\n\n"
        "<sub>m-1 · 12 in · 3 out · \\$0.0100 · 4.2 s</sub>"
    )


def test_metadata_keep_the_facts() -> None:
    footer = {"model": "m-1", "provider": "p", "output_tokens": 3, "stop_reason": "end_turn"}
    _, metadata = rest(make_turn(text_part("x"), footer=footer))
    assert metadata["lauren"].items() >= {**footer, "elapsed_ms": 4200, "status": "done"}.items()
    json.dumps(metadata)


@pytest.mark.parametrize("status", ["interrupted", "error"])
def test_a_partial_answer_is_kept_and_marked(status: str) -> None:
    error = {"title": "x", "message": "429 <b>"} if status == "error" else None
    data, _ = rest(make_turn(text_part("half an"), status=status, error=error))
    assert "half an" in data["text/markdown"]
    assert ("interrupted" if status == "interrupted" else "failed") in data["text/markdown"]
    assert "half an" in data["text/plain"]
    assert ("429 <b>" in data["text/plain"]) is (status == "error")


def test_a_denied_call_says_so() -> None:
    assert "was denied" in markdown_of(make_turn(tool_part(status="denied")))


def test_formats_rest_as_blocks_that_keep_lines() -> None:
    assert markdown_of(make_turn(text_part("a\n  b", "text"))).startswith("```\na\n  b\n```")
    assert markdown_of(make_turn(text_part("x = 1", "code"))).startswith("```python\nx = 1\n```")
    assert '{\n  "a": 1\n}' in markdown_of(make_turn(text_part('{"a":1}', "json")))
    assert "not json" in markdown_of(make_turn(text_part("not json", "json")))
    assert "[[" in markdown_of(make_turn(text_part("[" * 200_000, "json")))


def test_a_long_result_is_cut_and_says_so() -> None:
    text = markdown_of(make_turn(tool_part(result="x" * 10_000)))
    assert len(text) < 5_000
    assert "10,000 characters" in text


def test_plain_text_has_no_live_escapes() -> None:
    data, _ = rest(make_turn(text_part("\x1b[2Jx\u202e"), tool_part(name="\x07")))
    assert "\x1b" not in data["text/plain"]
    assert "\u202e" not in data["text/plain"]
    assert "\x07" not in data["text/plain"]


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
def test_hostile_text_in_any_field_is_only_text(render: Any) -> None:
    for payload in PAYLOADS:
        turn = make_turn(
            text_part(payload),
            {"type": "thinking", "text": payload, "done": True},
            *(text_part(payload, name) for name in ("text", "code", "json")),
            tool_part(name=payload, input_text=payload, result=payload),
            footer={"model": payload, "stop_reason": payload, "provider": payload},
            status="error",
            error={"title": payload, "message": payload},
        )
        html = render(markdown_of(turn))
        faults = [f for f in find_faults(html) if not OURS.fullmatch(f)]
        assert faults == [], (payload, html)


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
def test_no_part_reaches_into_another_or_into_what_follows(render: Any) -> None:
    rng = random.Random(17)
    for _ in range(400):
        mess = [make_mess(rng) for _ in range(6)]
        turn = make_turn(
            {"type": "thinking", "text": f"x {mess[0]}", "done": True},
            tool_part(name=mess[1][:40], input_text=mess[2], result=f"x {mess[3]}"),
            text_part(mess[4], rng.choice(["markdown", "markdown", "text", "code", "json"])),
            footer={"model": f"{mess[5]} THE MODEL", "cost_usd": 0.01},
        )
        markdown = f"{markdown_of(turn)}\n\nWhat follows is <b>bold</b>."
        html = render(markdown)
        faults = [f for f in find_faults(html) if not OURS.fullmatch(f) and f != "<b>"]
        assert faults == [], (mess, html)
        folds = 2 + markdown.count("<summary>Arguments</summary>")
        assert html.count("<details>") == html.count("</details>") == folds, (mess, html)
        footer, follows = re.split(r"</sub>(?:</p>)?\s*(?=<p>What)", html.rpartition("<sub>")[2])
        assert "THE MODEL · $0.0100" in get_text(footer), (mess, html)
        assert follows.startswith("<p>What follows is <b>bold</b>.</p>"), (mess, html)


def test_the_answer_inside_a_fold_reads_as_markdown() -> None:
    html = render_commonmark(markdown_of(make_turn({"type": "thinking", "text": "a **b**"})))
    assert "<strong>b</strong>" in html
    assert "Thinking" in get_text(html)
