"""The output that a run leaves: portable Markdown and plain text, with the facts as metadata.

It draws from a finished turn (the protocol's `turn`), and knows no widget and no kernel.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape, unescape
from typing import Any

from lauren_nb._display.answer_fence import indent_json, strip_fence
from lauren_nb._display.format import footer_line, format_elapsed
from lauren_nb._display.saved.steps import describe_step, write_blocks, write_plain_step
from lauren_nb._display.saved.tools import describe_call, write_plain_tool, write_tool
from lauren_nb._hazards import neutralise_text
from lauren_nb._markdown.neutraliser import neutralise
from lauren_nb._markdown.text import escape_line, write_code_span, write_fence

Bundle = dict[str, Any]

_NO_JSON = "Not valid JSON, so shown as text."
_MARKS = {"interrupted": "**■ interrupted**", "error": "**✗ failed**"}


def rest(turn: Mapping[str, Any]) -> tuple[Bundle, Bundle]:
    """(data, metadata) of the display message that takes the live view's place.

    Everything that a model or a tool wrote is neutralised; the folds and the footer are ours.
    """
    parts = turn["parts"]
    footer = {**turn["footer"], "elapsed_ms": turn["elapsed_ms"]}
    blocks = write_blocks(parts, _write_part)
    plain = [_write_plain(part) for part in parts]
    if turn["error"] is not None:
        message = neutralise_text(turn["error"]["message"])
        blocks.append(f"{_MARKS['error']} · {write_code_span(message)}")
        plain.append(f"[failed] {message}")
    elif turn["status"] in _MARKS:
        blocks.append(_MARKS[turn["status"]])
        plain.append(f"[{turn['status']}]")
    elif note := footer.get("stop_note"):
        detail = neutralise_text(footer.get("stop_detail") or "")
        blocks.append(
            f"**■ {escape_line(note)}**" + (f" {write_code_span(detail)}" if detail else "")
        )
        plain.append(f"[{note}]" + (f" {detail}" if detail else ""))
    # The names of models and stop reasons come from a server: they are text like all else.
    line = " ".join(neutralise_text(footer_line(footer)).split())
    blocks.append(f"<sub>{escape_line(line)}</sub>" if line else "")
    plain.append(line)
    data = {
        "text/markdown": "\n\n".join(b for b in blocks if b),
        "text/plain": "\n\n".join(p for p in plain if p),
    }
    facts = {**footer, "status": turn["status"]}
    if calls := [describe_call(part) for part in parts if part["type"] == "tool"]:
        facts["tool_calls"] = calls
    if steps := [describe_step(part) for part in parts if part["type"] == "step"]:
        facts["steps"] = steps
    return data, {"lauren": facts}


def _write_part(part: Mapping[str, Any]) -> str:
    match part["type"]:
        case "text":
            return _write_text(part)
        case "thinking":
            elapsed = part.get("elapsed_ms")
            title = f"Thought for {format_elapsed(elapsed)}" if elapsed else "Thinking"
            return _fold(title, neutralise(part["text"])) if part["text"].strip() else ""
        case "tool":
            return write_tool(part)
    return ""


def _write_text(part: Mapping[str, Any]) -> str:
    if part["format"] == "markdown":
        return neutralise(part["text"])
    text, language, note = _read_data(part)
    fence = write_fence(neutralise_text(text).strip("\n"), language, nested=False)
    return "\n".join([*fence, "", f"<sub>{note}</sub>"] if note else fence)


def _read_data(part: Mapping[str, Any]) -> tuple[str, str, str]:
    """The text of a part that is no Markdown, its language, and a notice where it is not what was
    asked for. A value's text is ours, so a fence in it is the user's."""
    text, format = part["text"], part["format"]
    if format not in ("code", "json") or not text.strip():
        return text, "", ""
    inside, named = (text, "") if part.get("value") else strip_fence(text)
    if format == "code":
        return inside, named or "python", ""
    indented = indent_json(inside)
    return (text, "", _NO_JSON) if indented is None else (indented, "json", "")


def _fold(title: str, body: str) -> str:
    """A fold that is ours: the blank lines make the Markdown inside be read as such."""
    return f"<details><summary>{escape(title)}</summary>\n\n{body}\n\n</details>"


def _write_plain(part: Mapping[str, Any]) -> str:
    match part["type"]:
        case "text":
            # A value's marks are entities, so that they show to the letter.
            is_data = part.get("value") and part["format"] == "markdown"
            text = unescape(part["text"]) if is_data else _read_data(part)[0]
            return neutralise_text(text).strip("\n")
        case "tool":
            return write_plain_tool(part)
        case "step":
            return write_plain_step(part)
    return ""
