"""How the steps of a chain rest: the earlier ones folded, the last one plain, each with its usage.

It knows the protocol's step parts only; what stands inside of them is `answer.py`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from lauren_nb._display.format import footer_line
from lauren_nb._hazards import neutralise_text
from lauren_nb._markdown.text import encode_code, escape_line

Part = Mapping[str, Any]

_MARKS = {"error": "✗ ", "interrupted": "■ "}
_NOT_FACTS = frozenset({"type", "title", "began_ms"})


def write_blocks(parts: Sequence[Part], write: Callable[[Part], str]) -> list[str]:
    """The Markdown of each part; the parts of a step stand inside its fold."""
    starts = [index for index, part in enumerate(parts) if part["type"] == "step"]
    blocks = [write(part) for part in parts[: starts[0] if starts else len(parts)]]
    for start, end in pairwise([*starts, len(parts)]):
        inside = [write(part) for part in parts[start + 1 : end]]
        if end == len(parts):
            # A lone step needs no name: its answer is the cell's, and so is its usage.
            blocks += [_write_heading(parts[start]) if len(starts) > 1 else "", *inside]
        else:
            blocks.append(_write_fold(parts[start], [block for block in inside if block]))
    return blocks


def write_plain_step(part: Part) -> str:
    """The step's line in plain text."""
    usage = _get_usage(part)
    line = f"── {_get_title(part)}" + (f" · {usage}" if usage else "")
    return neutralise_text(line)


def describe_step(part: Part) -> dict[str, Any]:
    """The facts of a step, for the output's metadata."""
    return {"name": part["title"], **{k: v for k, v in part.items() if k not in _NOT_FACTS}}


def _write_heading(part: Part) -> str:
    title = f"**{escape_line(_get_title(part))}**"
    usage = escape_line(_get_usage(part))
    return f"{title} <sub>{usage}</sub>" if usage else title


def _write_fold(part: Part, inside: list[str]) -> str:
    """A fold that is ours: the blank lines make the Markdown inside be read as such."""
    title, usage = _encode(_get_title(part)), _encode(_get_usage(part))
    summary = f"<b>{title}</b> <sub>{usage}</sub>" if usage else f"<b>{title}</b>"
    body = "\n\n".join(inside)
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def _get_title(part: Part) -> str:
    return _MARKS.get(part["status"], "") + " ".join(str(part["title"]).split())


def _get_usage(part: Part) -> str:
    return " ".join(footer_line(part).split())


def _encode(text: str) -> str:
    # A dollar in an element of its own has no partner: MathJax reads no formula across elements.
    return encode_code(neutralise_text(text)).replace("&#36;", "<span>&#36;</span>")
