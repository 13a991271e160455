"""Inline tokens of a model's Markdown, written again so that every parser reads the same.

It keeps emphasis, code, formulas and safe links; images become links that name their host.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from lauren_nb._hazards import neutralise_text
from lauren_nb._markdown.links import Target, get_note, get_target
from lauren_nb._markdown.math import write_formula
from lauren_nb._markdown.text import CODE_TEXT, escape_text, write_code_span

#: HTML that this package writes itself; read back, so that a second pass changes nothing.
_OWN_CODE = re.compile(rf"<code>((?:{CODE_TEXT}|&(?:lt|gt|amp|#\d{{1,7}});)+)</code>")
_OWN_CHARACTER = re.compile(r"<span>(?:\\(\$)|&#(92);)</span>")


class InlineWriter:
    """Writes the children of one inline token; `write` gives the Markdown."""

    def __init__(self, *, in_table: bool = False, one_line: bool = False) -> None:
        self._in_table = in_table
        self._one_line = one_line or in_table
        self._pieces: list[str] = []
        self._open: list[tuple[str, int, Target | None]] = []
        #: The plain text of the link that is open; None outside of links.
        self._link_text: list[str] | None = None
        self._dollar = "\\$"

    def write(self, tokens: Sequence[Token]) -> str:
        """The Markdown of `tokens`; lines are not yet safe to begin a block."""
        # A lone dollar is text. Two make a formula in JupyterLab's page, unless a tag stands
        # between them, as GitHub's manual says, too.
        if sum(t.content.count("$") + (t.type == "math") for t in tokens) > 1:
            self._dollar = "<span>\\$</span>"
        for token in tokens:
            self._write_token(token)
        return "".join(self._pieces)

    def _write_token(self, token: Token) -> None:
        match token.type:
            case "text":
                self._add_text(token.content)
            case "code_inline":
                self._add_code(token.content)
            case "math" | "math_block":
                self._add_formula(token)
            case "softbreak":
                self._add(" " if self._one_line else "\n")
            case "hardbreak":
                self._add("<br>" if self._in_table else " " if self._one_line else "\\\n")
            case "image":
                self._add_image(token)
            case "link_open":
                self._open_link(str(token.attrGet("href") or ""))
            case "em_open" | "strong_open" | "s_open":
                self._begin(token.markup, None)
            case "em_close" | "strong_close" | "s_close" | "link_close":
                self._close()
            case _:
                self._add_text(token.content)

    def _add_text(self, text: str) -> None:
        # Entities are resolved by now, and may have made a hidden character.
        text = neutralise_text(text)
        br = "<br>" if self._in_table else " " if self._one_line else "\\\n"
        self._add(escape_text(text, dollar=self._dollar, links=not self._in_link(), br=br))
        if self._link_text is not None:
            self._link_text.append(text)

    def _add_code(self, code: str) -> None:
        self._add(write_code_span(neutralise_text(code), in_table=self._in_table))
        if self._link_text is not None:
            self._link_text.append(code)

    def _add(self, piece: str) -> None:
        if not piece:
            return
        last = next((p[-1] for p in reversed(self._pieces) if p), "")
        # Two spans or formulas side by side would become one.
        if last in "`$" and last == piece[0]:
            piece = " " + piece
        self._pieces.append(piece)

    def _add_formula(self, token: Token) -> None:
        formula = write_formula(
            token.content, display=bool(token.meta["display"]), in_table=self._in_table
        )
        if formula is None or self._in_link():
            self._add_code(token.meta["source"])
        else:
            self._add(formula)

    def _add_image(self, token: Token) -> None:
        url = str(token.attrGet("src") or "")
        alt = neutralise_text(" ".join(_get_plain_text(token.children or []).split()))
        target = get_target(url)
        if target is not None and target.host:
            place = target.warning or target.host
        else:
            scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]{0,15}(?=:)", url)
            place = f"{scheme.group()}: address" if scheme else "no web address"
            target = None
        label = f"image: {alt or 'no description'} ({place})"
        text = escape_text(label, dollar=self._dollar, links=False, br=" ")
        if self._link_text is not None:
            self._link_text.append(label)
        linked = target is not None and not self._in_link()
        self._add(f"[{text}]({target.destination})" if target and linked else text)

    def _in_link(self) -> bool:
        return self._link_text is not None

    def _open_link(self, url: str) -> None:
        target = get_target(url)
        self._begin("" if target is None else "[", target)
        if target is not None:
            self._link_text = []

    def _begin(self, mark: str, target: Target | None) -> None:
        self._pieces.append(mark)
        self._open.append((mark, len(self._pieces) - 1, target))

    def _close(self) -> None:
        mark, start, target = self._open.pop()
        if target is not None:
            self._close_link(start, target)
        elif any(self._pieces[i].strip() for i in range(start + 1, len(self._pieces))):
            self._pieces.append(mark)
        else:
            del self._pieces[start]

    def _close_link(self, start: int, target: Target) -> None:
        plain = "".join(self._link_text or ())
        self._link_text = None
        note = get_note(plain, target)
        if plain == target.destination and target.host and not note:
            self._pieces[start:] = [f"<{plain}>"]
            return
        text = "".join(self._pieces[start + 1 :])
        if not text.strip():
            text = escape_text(target.destination, links=False)
        if note:
            text += f" ({escape_text(note, links=False)})"
        self._pieces[start:] = [f"[{text}]({target.destination})"]


def _get_plain_text(tokens: Sequence[Token]) -> str:
    return "".join(
        _get_plain_text(token.children) if token.children else token.content or " "
        for token in tokens
        if not token.type.endswith(("_open", "_close"))
    )


def _read_own_html(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] != "<":
        return False
    code = _OWN_CODE.match(state.src, state.pos, state.posMax)
    character = _OWN_CHARACTER.match(state.src, state.pos, state.posMax)
    match = code or character
    if match is None:
        return False
    if not silent:
        token = state.push("code_inline" if code else "text", "", 0)
        token.content = unescape(code[1]) if code else "$" if match[1] else "\\"
    state.pos = match.end()
    return True


def add_own_html(parser: MarkdownIt) -> None:
    """Teach `parser` the few elements that this package writes."""
    parser.inline.ruler.before("autolink", "own_html", _read_own_html)
