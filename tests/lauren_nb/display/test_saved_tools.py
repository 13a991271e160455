from __future__ import annotations

import json
from typing import Any

import pytest

from lauren_nb._display.saved.answer import rest
from lauren_nb._display.saved.tools import MAX_RESULT, describe_call, write_plain_tool, write_tool
from lauren_nb._display.turn import Turn
from lauren_nb._hazards import visible
from tests.support.hostile_texts import PAYLOADS
from tests.support.renderers import RENDERERS, find_faults, get_text, render_commonmark
from tests.support.saved_turns import OURS, make_turn, tool_part

AT = "2026-11-23T13:03:05+01:00"


def decided(state: str = "approved", by: str = "click", **fields: Any) -> dict[str, Any]:
    question = {"digest": "d1", "text": '{\n  "a": 1\n}', "can_always": True, "expires_ms": 300_000}
    return {**question, "state": state, "decided_by": by, "decided_at": AT, "reason": "", **fields}


def test_an_approved_call_names_who_and_when_in_utc() -> None:
    part = tool_part(input_text='{"a": 1}', approval=decided())
    assert write_tool(part) == (
        '→ `plot` ran: `{"a": 1}` · approved by click, 2026-11-23 12:03:05 UTC'
    )


@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("policy", "by policy"),
        ("input box", "by input box"),
        ("grant", "by an earlier Always"),
        ("timeout", "by the time limit"),
        ("cancelled", "because the run ended"),
    ],
)
def test_who_decided_reads_as_words(by: str, words: str) -> None:
    assert f"denied {words}, 2026" in write_tool(tool_part(approval=decided("denied", by)))


def test_a_denial_keeps_its_reason() -> None:
    approval = decided("denied", reason="Not *this*\ntable")
    part = tool_part(status="denied", approval=approval)
    assert "was denied" in write_tool(part)
    html = render_commonmark(write_tool(part))
    assert get_text(html).rstrip().endswith("UTC: Not *this* table")
    assert "<em>" not in html
    assert write_plain_tool(part).endswith("UTC: Not *this* table")


def test_an_edited_call_keeps_what_was_asked_and_what_ran() -> None:
    approval = decided(edited_text='{\n  "a": 2\n}')
    text = write_tool(tool_part(input_text='{"a": 1}', approval=approval))
    assert text.index("with changed arguments") < text.index('"a": 2') < text.index("asked for")
    assert '"a": 1' in text.partition("asked for")[2]


@pytest.mark.parametrize(
    ("status", "words"),
    [("done", "ran"), ("error", "failed"), ("denied", "was denied"), ("cancelled", "was stopped")],
)
def test_each_end_has_its_words(status: str, words: str) -> None:
    assert write_tool(tool_part(status=status)).startswith(f"→ `plot` {words}")


def test_a_status_of_a_newer_kernel_is_no_error() -> None:
    assert "`plot`" in write_tool(tool_part(status="later"))


def test_space_inside_a_string_argument_is_kept() -> None:
    assert '`{"a": "x  y"}`' in write_tool(tool_part(input_text='{\n  "a": "x  y"\n}'))


def test_long_arguments_stand_in_a_fold() -> None:
    code = "x = 1\n" * 100
    text = write_tool(tool_part(input_text=json.dumps({"code": code})))
    line, _, fold = text.partition("\n\n")
    assert len(line) < 400
    assert line.endswith("…`")
    assert "<summary>Arguments</summary>" in fold
    assert json.dumps(code) in fold


def test_hidden_characters_of_a_call_are_shown_in_both_forms() -> None:
    hidden = "a\u202eb\u200bc\x1b[2J\u2028"
    approval = decided("denied", hidden, reason=hidden, edited_text=f'{{"{hidden}": 1}}')
    part = tool_part(name=hidden, input_text=f'{{"x": "{hidden}"}}', approval=approval)
    for text in (write_tool(part), write_plain_tool(part)):
        assert visible(hidden)[:10] in text
        assert not set(text) & set("\u202e\u200b\x1b\u2028")


@pytest.mark.parametrize("render", RENDERERS.values(), ids=RENDERERS)
def test_hostile_text_in_any_field_of_an_approval_is_only_text(render: Any) -> None:
    for payload in PAYLOADS:
        approval = decided("denied", payload, reason=payload, text=payload, edited_text=payload)
        part = tool_part(name=payload, input_text=payload, result=payload, approval=approval)
        html = render(rest(make_turn(part))[0]["text/markdown"])
        faults = [f for f in find_faults(html) if not OURS.fullmatch(f)]
        assert faults == [], (payload, html)


def test_an_endless_string_is_read_in_linear_time() -> None:
    text = '"\\"' * 300_000  # quadratic: minutes
    assert "→ `plot` ran" in write_tool(tool_part(input_text=text))


def test_metadata_keep_the_audit_of_each_call() -> None:
    approval = decided(edited_text='{"a": 2}', reason="")
    parts = [tool_part(input_text='{"a": 1}', approval=approval, result="x" * 9_000), tool_part()]
    first, second = rest(make_turn(*parts))[1]["lauren"]["tool_calls"]
    assert (first["name"], first["status"], first["input_text"]) == ("plot", "done", '{"a": 1}')
    assert first["approval"] == {
        "state": "approved",
        "decided_by": "click",
        "decided_at": AT,
        "digest": "d1",
        "text": '{\n  "a": 1\n}',
        "edited_text": '{"a": 2}',
    }
    assert len(first["result"]) == MAX_RESULT
    assert "approval" not in second
    json.dumps([first, second])


def test_an_answer_without_calls_has_no_audit() -> None:
    assert "tool_calls" not in rest(make_turn())[1]["lauren"]


def make_waiting() -> Turn:
    turn = Turn()
    turn.apply(["tool", "t", "plot"])
    question = {"state": "waiting", "digest": "d1", "text": "{}", "can_always": False}
    turn.apply(["tool_status", "t", {"status": "waiting", "approval": question}])
    return turn


def test_a_decision_is_merged_into_what_was_asked() -> None:
    turn = make_waiting()
    turn.apply(["tool_status", "t", {"approval": {"state": "approved", "decided_by": "click"}}])
    (part,) = turn.parts
    assert part["approval"] == {
        "state": "approved",
        "digest": "d1",
        "text": "{}",
        "can_always": False,
        "decided_by": "click",
    }
    assert describe_call(part)["approval"]["digest"] == "d1"


def test_a_decision_takes_the_note_away_and_a_later_one_stays() -> None:
    turn = make_waiting()
    turn.apply(["tool_status", "t", {"note": "a: must be a number"}])
    assert turn.parts[0]["note"] == "a: must be a number"
    turn.apply(["tool_status", "t", {"approval": {"state": "denied"}}])
    assert "note" not in turn.parts[0]
    turn.apply(["tool_status", "t", {"note": "Somebody else was first."}])
    assert turn.parts[0]["note"] == "Somebody else was first."


def test_a_snapshot_taken_before_a_decision_does_not_change_with_it() -> None:
    turn = make_waiting()
    before = turn.snapshot()["parts"][0]["approval"]
    turn.apply(["tool_status", "t", {"approval": {"state": "denied"}}])
    assert before["state"] == "waiting"
