"""Takes the code out of Markdown as people type it, in one pass. It draws nothing."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

from lauren_nb._markdown.fences import OPENING, get_closing

_TICKS = re.compile("`+")


def without_code(text: str) -> str:
    """`text` with a space for each fenced block and code span, as CommonMark finds them."""
    return "".join(_strip_spans(part) for part in _iter_prose(text))


def _iter_prose(text: str) -> Iterator[str]:
    """The parts outside of fenced blocks; a fence that never ends holds the rest."""
    lines: list[str] = []
    closing: re.Pattern[str] | None = None
    for line in text.splitlines(keepends=True):
        if closing is not None:
            closing = None if closing.match(line.rstrip()) else closing
        elif opening := OPENING.match(line):
            closing = get_closing(opening[1])
            yield "".join(lines) + " "
            lines.clear()
        else:
            lines.append(line)
    yield "".join(lines)


def _strip_spans(text: str) -> str:
    """A span ends at the next run of as many backticks; a run that has none is text."""
    places: defaultdict[int, list[int]] = defaultdict(list)
    runs = list(_TICKS.finditer(text))
    for run in runs:
        places[len(run[0])].append(run.start())
    kept: list[str] = []
    done = 0
    for run in runs:
        if run.start() < done:
            continue
        same = places[len(run[0])]
        after = bisect_right(same, run.start())
        if after < len(same):
            kept += [text[done : run.start()], " "]
            done = same[after] + len(run[0])
    return "".join([*kept, text[done:]])
