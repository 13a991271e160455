"""How an answer of `--format code` or `json` is shown: without the fence that a model put round it.

Whole (`strip_fence`) or as it comes (`AnswerReader`); a page has js/src/code/answer_fence.ts.
It draws nothing, and changes nothing of the answer that `-o` gives.
"""

from __future__ import annotations

import json
import re

from lauren_ai._json import MalformedJSONError, parse_strict
from lauren_nb._markdown.fences import OPENING, get_closing, read_language


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


def indent_json(text: str) -> str | None:
    """`text` indented; None where it is no JSON, as NaN is none."""
    try:
        return json.dumps(parse_strict(text), indent=2, ensure_ascii=False)
    except MalformedJSONError:
        return None


_MAYBE_OPENING = re.compile(r" {0,3}(?:`{0,2}|~{0,2}|`{3,}[^`\n]*|~{3,}[^\n]*)")
_MAYBE_CLOSING = re.compile(r" {0,3}(?:`*|~*)[ \t]*")
#: No opening fence is longer, so a line without an end is shown.
MAX_LINE = 2048


class AnswerReader:
    """Made for one answer: `feed` with each piece, then `end`; both give what may be shown.

    Nothing that a later piece could make a part of the fence is given yet. `is_void` turns true
    when text follows the fence: it was a part of the answer, so the whole is to be shown instead
    of what was given; all later text is given as it is.
    """

    def __init__(self) -> None:
        self.is_void = False
        self._state = "start"
        self._held = ""
        self._feed = ""  # a line's end that is held: the fence may stand on the next
        self._at_start = True  # of a line
        self._closing = OPENING

    def feed(self, text: str) -> str:
        """What may be shown now."""
        self._held += text
        return self._read(last=False)

    def end(self) -> str:
        """What was held."""
        return self._read(last=True)

    def _read(self, *, last: bool) -> str:
        if self._state == "start":
            self._open(last=last)
        shown = self._read_inside(last=last) if self._state == "inside" else ""
        if self._state == "after" and self._held.strip():
            self._state = "plain"
            self.is_void = True
            self._held = ""
        elif self._state == "plain":
            shown, self._held = self._held, ""
        return shown

    def _open(self, *, last: bool) -> None:
        self._held = self._held.lstrip("\n")
        line, feed, _ = self._held.partition("\n")
        if not (feed or last) and len(line) < MAX_LINE and _MAYBE_OPENING.fullmatch(line):
            return
        opening = OPENING.match(self._held)
        if opening is None:
            self._state = "plain"
            return
        self._state = "inside"
        self._closing = get_closing(opening[1])
        self._held = self._held[opening.end() :]

    def _read_inside(self, *, last: bool) -> str:
        shown: list[str] = []
        while self._held:
            line, feed, rest = self._held.partition("\n")
            if self._at_start and (feed or last) and self._closing.fullmatch(line):
                self._state, self._held = "after", rest
                break
            if self._at_start and not (feed or last) and self._may_close(line):
                break
            shown += [self._feed, line]
            self._feed, self._at_start, self._held = feed, bool(feed), rest
        return "".join(shown)

    def _may_close(self, line: str) -> bool:
        return len(line) < MAX_LINE and _MAYBE_CLOSING.fullmatch(line) is not None
