"""Owns finished turns as the resting output draws them, and what it adds of its own."""

from __future__ import annotations

import re
from typing import Any

from lauren_nb._display.saved.answer import rest

#: Elements that the resting output adds to what a model may have: the folds and the footer.
OURS = re.compile(r"</?(?:details|summary|sub)>")


def make_turn(*parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    turn: dict[str, Any] = {
        "status": "done",
        "parts": list(parts),
        "footer": {},
        "error": None,
        "elapsed_ms": 4200,
    }
    return {**turn, **fields}


def text_part(text: str, format: str = "markdown") -> dict[str, Any]:
    return {"type": "text", "text": text, "format": format}


def tool_part(**fields: Any) -> dict[str, Any]:
    tool = {"type": "tool", "id": "1", "name": "plot", "input_text": "{}", "status": "done"}
    return {**tool, "result": None, **fields}


def markdown_of(turn: dict[str, Any]) -> str:
    return str(rest(turn)[0]["text/markdown"])
