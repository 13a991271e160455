"""Block tokens of a model's Markdown, written again so that every parser reads the same.

It owns quotes, lists, tables, fences and the blank lines between them; `inline.py` writes
what is in a line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token

from lauren_nb._markdown.fences import read_language
from lauren_nb._markdown.inline import InlineWriter
from lauren_nb._markdown.math import write_formula
from lauren_nb._markdown.text import escape_line_starts, write_fence

_ALIGN = {"text-align:left": ":---", "text-align:right": "---:", "text-align:center": ":---:"}


@dataclass(slots=True, kw_only=True)
class _Container:
    """A quote, list or item: what its first and its further lines begin with.

    `tight` is a list, or its item, without blank lines; `interrupts` tells whether it may follow
    a paragraph without one.
    """

    first: str
    rest: str
    tight: bool = False
    interrupts: bool = True
    number: int | None = None
    used: bool = False


class BlockWriter:
    """Writes the block tokens of one text; `write` gives the Markdown."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._lines: list[str] = []
        self._containers: list[_Container] = []
        self._last = ""
        self._tight = _find_tight_lists(tokens)

    def write(self) -> str:
        """The whole text again, every block of it closed."""
        position = 0
        while position < len(self._tokens):
            position = self._write_block(position)
        return "\n".join(self._lines)

    def _write_block(self, position: int) -> int:
        """Write the block that begins at `position`; the position after it."""
        token = self._tokens[position]
        match token.type:
            case "paragraph_open":
                self._add_paragraph(self._tokens[position + 1])
                return position + 3
            case "heading_open":
                self._add_heading(int(token.tag[1]), self._tokens[position + 1])
                return position + 3
            case "table_open":
                return self._add_table(position)
            case "fence" | "code_block":
                self._add_code(token)
            case "math_block":
                self._add_formula(token)
            case "hr":
                # Underscores: the line under a paragraph that dashes make would be a heading.
                self._add_block("rule", ["___"])
            case _:
                self._change_containers(position)
        return position + 1

    def _change_containers(self, position: int) -> None:
        token = self._tokens[position]
        tight = position in self._tight
        match token.type:
            case "blockquote_open":
                self._containers.append(_Container(first="> ", rest="> "))
            case "bullet_list_open":
                self._containers.append(_Container(first="", rest="", tight=tight))
            case "ordered_list_open":
                start = token.attrGet("start")
                number = 1 if start is None else int(start)
                self._containers.append(
                    _Container(
                        first="", rest="", tight=tight, interrupts=number == 1, number=number
                    )
                )
            case "list_item_open":
                self._open_item(token)
            case "list_item_close" if not self._containers[-1].used:
                self._add_block("empty", [""])
                self._containers.pop()
            case _:
                self._containers.pop()
                self._last = "container"

    def _open_item(self, token: Token) -> None:
        parent = self._containers[-1]
        mark = token.markup
        if parent.number is not None:
            mark = f"{parent.number}{mark}"
            parent.number += 1
        self._containers.append(
            _Container(first=f"{mark} ", rest=" " * (len(mark) + 1), tight=parent.tight)
        )

    def _add_paragraph(self, inline: Token) -> None:
        text = escape_line_starts(InlineWriter().write(inline.children or []))
        if self._containers and not self._containers[-1].used:
            # Renderers make a form's checkbox of these.
            text = re.sub(r"^\\\[ \\\](?=\s)", "☐", text)
            text = re.sub(r"^\\\[[xX]\\\](?=\s)", "☑", text)
        if text:
            self._add_block("paragraph", text.split("\n"))

    def _add_heading(self, level: int, inline: Token) -> None:
        text = InlineWriter(one_line=True).write(inline.children or [])
        text = re.sub(r"#(?=#*$)", r"\\#", " ".join(text.split("\n")).strip())
        self._add_block("heading", [f"{'#' * level} {text}".rstrip()])

    def _add_code(self, token: Token) -> None:
        code = token.content.removesuffix("\n")
        language = read_language(token.info)
        self._add_block("fence", write_fence(code, language, nested=bool(self._containers)))

    def _add_formula(self, token: Token) -> None:
        formula = write_formula(token.content, display=True, in_table=False)
        if formula is not None:
            self._add_block("formula", [formula])
            return
        source = token.meta["source"]
        self._add_block("fence", write_fence(source, "latex", nested=bool(self._containers)))

    def _add_table(self, position: int) -> int:
        """Write the table at `position`; the position after it."""
        rows: list[list[str]] = []
        align: list[str] = []
        while (token := self._tokens[position]).type != "table_close":
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "th_open":
                align.append(_ALIGN.get(str(token.attrGet("style")), "---"))
            elif token.type == "inline":
                text = InlineWriter(in_table=True).write(token.children or [])
                rows[-1].append(" ".join(text.split("\n")).strip())
            position += 1
        rows.insert(1, align)
        self._add_block("table", [f"| {' | '.join(row)} |" for row in rows])
        return position + 1

    def _add_block(self, kind: str, lines: Sequence[str]) -> None:
        """Add a block, with a blank line before it where one is needed."""
        used = [container for container in self._containers if container.used]
        if self._lines and self._needs_blank(kind, used):
            self._lines.append("".join(c.rest for c in used).rstrip())
        for line in lines:
            prefix = ""
            for container in self._containers:
                prefix += container.rest if container.used else container.first
                container.used = True
            self._lines.append(prefix + line if line else prefix.rstrip())
        self._last = kind

    def _needs_blank(self, kind: str, used: Sequence[_Container]) -> bool:
        """Only in a tight list may blocks stand together, and only where none absorbs the next."""
        if not used or not used[-1].tight:
            return True
        opened = self._containers[len(used) :]
        if opened:
            return not opened[0].interrupts
        if kind == "paragraph":
            return self._last not in ("heading", "fence")
        return kind not in ("fence", "heading", "empty")


def _find_tight_lists(tokens: Sequence[Token]) -> set[int]:
    """Positions of the lists whose items' paragraphs are hidden: no blank lines in them."""
    tight: set[int] = set()
    open_lists: list[int] = []
    for position, token in enumerate(tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            open_lists.append(position)
            tight.add(position)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            open_lists.pop()
        elif (
            token.type == "paragraph_open"
            and not token.hidden
            and open_lists
            and token.level == tokens[open_lists[-1]].level + 2
        ):
            tight.discard(open_lists[-1])
    return tight
