"""How an answer of `--format code` or `json` is shown: without the fence that a model put round it.

It draws nothing, and changes nothing of the answer that `-o` gives.
"""

from __future__ import annotations

import json
import re
from typing import NoReturn

from lauren_nb._markdown.text import read_language

OPENING = re.compile(r"[ ]{0,3}(`{3,}|~{3,})[ \t]*([^\n`]*)(?:\n|\Z)")


def strip_fence(text: str) -> tuple[str, str]:
    """The inside of a fence round the whole of `text`, and the language that it names; else
    `text` and "". A fence that was never closed, in an answer that was cut off, counts."""
    text = text.strip("\n")
    opening = OPENING.match(text)
    if opening is None:
        return text, ""
    fence, info = opening[1], opening[2]
    end = get_closing(fence).search(text, opening.end())
    if end is not None and text[end.end() :].strip():
        return text, ""  # something follows: the fence is a part of the answer
    inside = text[opening.end() : end.start() if end is not None else len(text)]
    return inside.removesuffix("\n"), read_language(info)


def get_closing(fence: str) -> re.Pattern[str]:
    """The line that closes a block which this fence opened."""
    return re.compile(rf"^ {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$", re.MULTILINE)


def indent_json(text: str) -> str | None:
    """`text` indented; None where it is no JSON, as NaN is none."""
    try:
        value = json.loads(text, parse_constant=_refuse)
        return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        return None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
