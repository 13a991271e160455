"""What a tool call leaves in the notebook: what was asked, who decided, what ran, what came back.

It knows the protocol's tool parts only; where they stand in the answer is `answer.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

from lauren_nb._cuts import cut_end
from lauren_nb._hazards import neutralise_text, visible
from lauren_nb._markdown.text import escape_line, write_code_span, write_fence

#: Characters of a call's arguments on its line, and of its result and arguments in their folds.
MAX_ARGUMENTS = 300
MAX_RESULT = 4_000
_STATUS = {
    "done": "ran",
    "error": "failed",
    "denied": "was denied",
    "cancelled": "was stopped",
    "running": "was running",
    "waiting": "was waiting for approval",
    "writing": "was not complete",
}
_WHO = {
    "timeout": "by the time limit",
    "cancelled": "because the run ended",
    "grant": "by an earlier Always",
}
_KEPT = ("state", "decided_by", "decided_at", "reason", "digest", "text", "edited_text")
_STRING_OR_SPACE = re.compile(r'("(?:[^"\\]|\\.)*"?)|((?<=[{\[])\s+|\s+(?=[}\]]))|\s+', re.DOTALL)


def write_tool(part: Mapping[str, Any]) -> str:
    """One line, and folds for a result and for arguments too long for the line."""
    line = _join(part, name=write_code_span, code=write_code_span, text=_write_prose)
    blocks = [line]
    arguments = _get_executed(part)
    if len(_fit(arguments)) > MAX_ARGUMENTS:
        blocks.append(_fold("Arguments", arguments))
    if part.get("result"):
        blocks.append(_fold("Result", part["result"]))
    return "\n\n".join(blocks)


def write_plain_tool(part: Mapping[str, Any]) -> str:
    """The same line for `text/plain`."""
    return _join(part, name=str, code=str, text=_write_line)


def describe_call(part: Mapping[str, Any]) -> dict[str, Any]:
    """The audit for the output's metadata: the call, the decision, the head of the result."""
    approval = part.get("approval")
    call = {k: part.get(k) for k in ("name", "status", "input_text", "duration_ms")}
    if approval:
        call["approval"] = {k: approval[k] for k in _KEPT if approval.get(k)}
    if part.get("result"):
        call["result"] = part["result"][:MAX_RESULT]
    return call


def _join(part: Mapping[str, Any], *, name: Any, code: Any, text: Any) -> str:
    """The line's pieces, each through its writer: names and arguments are code, reasons prose."""
    approval = part.get("approval") or {}
    edited = bool(approval.get("edited_text"))
    line = f"→ {name(visible(part['name']))} {_STATUS.get(part['status'], 'was called')}"
    arguments = cut_end(_fit(_get_executed(part)), MAX_ARGUMENTS)
    if arguments:
        line += f"{' with changed arguments' if edited else ''}: {code(arguments)}"
    if edited:
        asked = _fit(approval.get("text") or part["input_text"])
        line += f" · asked for {code(cut_end(asked, MAX_ARGUMENTS))}"
    if approval.get("state") in ("approved", "denied"):
        line += " · " + text(_describe_decision(approval))
        if approval.get("reason"):
            line += ": " + text(approval["reason"])
    return line


def _describe_decision(approval: Mapping[str, Any]) -> str:
    """`approved by click, 2026-11-23 12:03:05 UTC`."""
    by = approval.get("decided_by")
    words = [str(approval["state"])]
    if by:
        words.append(_WHO.get(by) or f"by {by}")
    at = _format_time(approval.get("decided_at"))
    return " ".join(words) + (f", {at}" if at else "")


def _format_time(iso: str | None) -> str:
    return "" if not iso else f"{datetime.fromisoformat(iso).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _get_executed(part: Mapping[str, Any]) -> str:
    approval = part.get("approval") or {}
    return str(approval.get("edited_text") or part["input_text"])


def _fit(json_text: str) -> str:
    """On one line: white space inside strings is left as it is."""
    flat = _STRING_OR_SPACE.sub(_tidy, json_text)
    return visible(flat.strip())


def _tidy(match: re.Match[str]) -> str:
    string, at_bracket = match.groups()
    return string or ("" if at_bracket else " ")


def _write_prose(text: str) -> str:
    return escape_line(text)


def _write_line(text: str) -> str:
    return " ".join(neutralise_text(text).split())


def _fold(title: str, text: str) -> str:
    head = cut_end(text, MAX_RESULT, mark=f"\n… ({len(text):,} characters in all)")
    body = "\n".join(write_fence(neutralise_text(head).strip("\n"), "", nested=False))
    return f"<details><summary>{escape(title)}</summary>\n\n{body}\n\n</details>"
