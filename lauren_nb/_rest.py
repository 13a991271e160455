"""The output that a run leaves: portable Markdown and plain text, with the facts as metadata.

It draws from a finished turn (the protocol's `turn`), and knows no widget and no kernel.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape, unescape
from typing import Any

from lauren_nb._format import footer_line, format_elapsed
from lauren_nb._md_text import escape_text, write_code_span, write_fence
from lauren_nb._plain import neutralise_text
from lauren_nb._rest_steps import describe_step, write_blocks, write_plain_step
from lauren_nb._rest_tools import describe_call, write_plain_tool, write_tool
from lauren_nb._safe_markdown import neutralise

Bundle = dict[str, Any]

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
    # The names of models and stop reasons come from a server: they are text like all else.
    line = " ".join(neutralise_text(footer_line(footer)).split())
    blocks.append(f"<sub>{escape_text(line, links=False)}</sub>" if line else "")
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
            return _write_text(part["text"], part["format"])
        case "thinking":
            elapsed = part.get("elapsed_ms")
            title = f"Thought for {format_elapsed(elapsed)}" if elapsed else "Thinking"
            return _fold(title, neutralise(part["text"])) if part["text"].strip() else ""
        case "tool":
            return write_tool(part)
    return ""


def _write_text(text: str, format: str) -> str:
    if format == "markdown":
        return neutralise(text)
    if format == "json":
        text = _indent(text)
    language = {"code": "python", "json": "json"}.get(format, "")
    return "\n".join(write_fence(neutralise_text(text).strip("\n"), language, nested=False))


def _fold(title: str, body: str) -> str:
    """A fold that is ours: the blank lines make the Markdown inside be read as such."""
    return f"<details><summary>{escape(title)}</summary>\n\n{body}\n\n</details>"


def _indent(text: str) -> str:
    """JSON indented; anything else as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _write_plain(part: Mapping[str, Any]) -> str:
    match part["type"]:
        case "text":
            # A value's marks are entities, so that they show to the letter.
            is_data = part.get("value") and part["format"] == "markdown"
            text = unescape(part["text"]) if is_data else part["text"]
            return neutralise_text(text).strip("\n")
        case "tool":
            return write_plain_tool(part)
        case "step":
            return write_plain_step(part)
    return ""
