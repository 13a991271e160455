"""Finds the code blocks and the JSON in a model's text, which may be anything at all.

It owns the reading; which value a text has is `_output_parsers`' affair. No text takes longer than
its length allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lauren_ai._json import parse_strict

#: Possessive: a long line of tildes that is no fence is read once.
_FENCE = re.compile(r"^([ \t]*+)(`{3,}+|~{3,}+)[ \t]*+([^\n`]*+)$", re.MULTILINE)
#: What stands in brackets in prose: words, and nothing that only data has.
_WORDS = re.compile(r"[\[{][^\"'\[\]{}:]*[\]}]")
_OPENING = re.compile(r"[\[{]")
_IN_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+\\?+(?:"|\Z)|[\[\]{}]', re.DOTALL)


def iter_code_blocks(text: str) -> Iterator[tuple[str, str]]:
    """The language and the content of each closed fenced block, without its last line break.

    A block that is indented, as in a list, loses that indentation. Line breaks become `\\n`.
    """
    text = text.replace("\r\n", "\n")
    opened: re.Match[str] | None = None
    for match in _FENCE.finditer(text):
        if opened is None:
            opened = match
        elif match[2].startswith(opened[2]) and not match[3].strip():
            language = (opened[3].split() or [""])[0]
            content = text[opened.end() + 1 : max(opened.end() + 1, match.start() - 1)]
            yield language, _dedent(content, opened[1])
            opened = None


def _dedent(content: str, indent: str) -> str:
    """Each line without the white space that stands before its fence, as far as it has that."""
    if not indent:
        return content
    return re.sub(rf"^[ \t]{{1,{len(indent)}}}", "", content, flags=re.MULTILINE)


def read_json(text: str) -> Any:
    """The one JSON value of `text`: the whole, else a fenced block of it, else what its brackets
    hold. Words in brackets are prose. Raises ValueError where there is none, or more than one."""
    error = "it is empty"
    for candidate in _iter_candidates(text):
        try:
            return parse_strict(candidate)
        except ValueError as exc:
            error = str(exc)
    raise ValueError(error)


def _iter_candidates(text: str) -> Iterator[str]:
    """From the strictest reading to the loosest."""
    if text.strip():
        yield text
    blocks = iter_code_blocks(text)
    yield from (code for language, code in blocks if language.lower() in ("json", ""))
    start = min((i for i in (text.find("{"), text.find("[")) if i >= 0), default=-1)
    end = max(text.rfind("}"), text.rfind("]"))
    if 0 <= start < end:
        yield text[start : end + 1]
        data = [part for part in _iter_outermost(text) if not _is_prose(part)]
        if len(data) == 1:
            yield data[0]


def _iter_outermost(text: str) -> Iterator[str]:
    """Each part in brackets that stands in no other; the last one may not be closed."""
    end = 0
    while (opening := _OPENING.search(text, end)) is not None:
        start = opening.start()
        end = _find_end(text, start)
        yield text[start:end]


def _find_end(text: str, start: int) -> int:
    depth = 0
    for match in _IN_BRACKETS.finditer(text, start):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return len(text)


def _is_prose(part: str) -> bool:
    if not _WORDS.fullmatch(part):
        return False
    try:
        parse_strict(part)
    except ValueError:
        return True
    return False
