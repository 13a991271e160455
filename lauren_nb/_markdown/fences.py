"""Fences of code, as CommonMark has them: what opens one, what closes it, which no text can end.

It reads no other Markdown and draws nothing; js/src/code/fence.ts reads the same in the page.
"""

from __future__ import annotations

import re

#: A line that opens a block: its fence, and what stands after it. Backticks may not stand after
#: backticks: that is a code span.
OPENING = re.compile(r" {0,3}(`{3,}(?![^\n]*`)|~{3,})[ \t]*([^\n]*)(?:\n|\Z)")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{0,40}")
#: Languages that renderers draw instead of showing: a drawing may load or link.
_DRAWN = frozenset({"mermaid", "geojson", "topojson", "stl", "math", "vega", "vega-lite"})
_RUN = re.compile("`+")


def get_closing(fence: str) -> re.Pattern[str]:
    """The line that closes a block which this fence opened."""
    return re.compile(rf"^ {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$", re.MULTILINE)


def read_language(info: str) -> str:
    """The language that a fence's first line names; "text" where a page would draw it."""
    language = _LANGUAGE.match(info.strip())
    name = language.group() if language else ""
    return "text" if name.lower() in _DRAWN else name


def make_fence(code: str, *, least: int = 3) -> str:
    """The backticks, `least` or more, that nothing in `code` ends."""
    return "`" * max(least, 1 + max(map(len, _RUN.findall(code)), default=0))
