"""Owns a turn in each state that a view can show."""

from __future__ import annotations

from typing import Any

from tests.js_dom.cards import ARGUMENTS, DIGEST, as_text

ANSWER = (
    "## A title\n\nA [link](https://a.example), `code`, **bold** and $x^2$.\n\n> quoted\n\n"
    "- one\n- two\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n![alt](https://b.example/i.png)\n\n"
    "```python\n# a comment\n@cache\ndef f(x: int = 1) -> str:\n    return 'text'\n```\n"
)
THINKING = {"type": "thinking", "text": "Let me see.", "done": False}
FOOTER = {"model": "claude-x", "input_tokens": 12, "output_tokens": 34, "cost_usd": 0.01}
TEXT = {"type": "text", "text": ANSWER, "format": "markdown"}


def build_turn(status: str, *parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    turn = {"status": status, "parts": list(parts), "footer": FOOTER, "error": None}
    return turn | {"elapsed_ms": 2000} | fields


ASKED = {"state": "waiting", "digest": DIGEST, "text": as_text(ARGUMENTS), "can_always": True}
CALL = {"type": "tool", "id": "c", "name": "plot", "input_text": '{"a": 1}', "result": None}
TURNS = {
    "waiting": build_turn("waiting"),
    "streaming": build_turn("streaming", TEXT),
    "thinking": build_turn("streaming", THINKING),
    "done": build_turn("done", {**THINKING, "done": True}, TEXT),
    "tool waiting": build_turn(
        "streaming",
        {**CALL, "status": "waiting", "approval": {**ASKED, "expires_ms": 298_000}},
    ),
    "tool done": build_turn("done", {**CALL, "status": "done", "result": "a plot"}, TEXT),
    "error": build_turn("error", TEXT, error={"title": "Overloaded", "message": "Try again."}),
    "interrupted": build_turn("interrupted", TEXT),
}
