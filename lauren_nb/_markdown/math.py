r"""Formulas in a model's Markdown: where they are, and which of them may be typeset.

It owns the parser rules for `$…$`, `$$…$$`, `\(…\)`, `\[…\]` and `\begin…\end`, and nothing else.

JupyterLab cuts formulas out before it parses Markdown and puts them back after. MathJax runs
there with all packages; its Safe extension filters the protocols of links, classes, ids, styles.
What is left can still link (`\href`, http and file), load a package (`\require`), restyle or name
elements (`\class`, `\cssId`, `\style`, `\data`), draw over what stands above and below
(`\smash` has no height: a black rule in it covers the lines that tell which tools ran), and define
macros that stay for the whole page (`\def`, `\newcommand`, …), so that one answer rewrites the
formulas of others or expands without end. Formulas with those commands are shown as code. KaTeX's
dangerous commands (`\html…`, `\includegraphics`, `\url`) are among them, for other renderers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

#: A longer formula is shown as code; MathJax has a buffer of the same order.
MAX_FORMULA = 4000
_MAX_LINES = 60

_BEGIN = re.compile(r"\\begin\{([a-zA-Z]+\*?)\}")
_FORBIDDEN = re.compile(
    r"\\(?:href|url|require|class|cssId|style|data|html\w*|unicode|includegraphics|bbox|mmlToken"
    r"|x?def|[egx]def|(?:re|provide)?new(?:command|environment|tagform)|renew\w*|provide\w*|(?:future)?let"
    r"|Declare\w*|DeclareMathOperator|Newextarrow|skew|mathtip|texttip|toggle|tooltip|action\w*"
    r"|begingroup|endgroup|sandbox|global|long|csname|catcode|input|include|write\w*|verb"
    r"|define\w*|usetagform|mathtoolsset|label|ref|eqref|enclose|loop|repeat|smash)(?![a-zA-Z])",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_BRACE = re.compile(r"\\[{}$]|[{}]")
_ENVIRONMENT = re.compile(r"\\(begin|end)(?![a-zA-Z])(?:\{([a-zA-Z]+\*?)\})?")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula found in a text: its TeX, whether it stands on its own, and where it ends."""

    tex: str
    display: bool
    end: int


def write_formula(tex: str, *, display: bool, in_table: bool) -> str | None:
    """The formula as Markdown; None if it must not be typeset."""
    tex = " ".join(_COMMENT.sub("", tex).split())
    if not tex or len(tex) > MAX_FORMULA or _FORBIDDEN.search(tex) or not _is_balanced(tex):
        return None
    # A renderer that knows no math must find no code, no address and no placeholder in it.
    if any(mark in tex for mark in ("`", "://", "@@", "\\u{")) or re.search(r"(?<!\\)\$", tex):
        return None
    if tex.endswith("\\"):
        return None
    if not display:
        tex = re.sub(r"\\\\(?=[()\[\]])", r"\\\\ ", tex)  # An edge of a formula to nbconvert.
    tex = tex.replace("<", r"\lt ").replace(">", r"\gt ")
    tex = tex.replace("](", "]{}(").replace("![", "!{}[").replace("][", "]{}[")
    if in_table:
        tex = tex.replace(r"\|", r"\Vert ").replace("|", r"\vert ")
    mark = "$$" if display else "$"
    return f"{mark}{tex.strip()}{mark}"


def _is_balanced(tex: str) -> bool:
    """Whether braces and environments match.

    Else JupyterLab reads on to a later dollar, and nbconvert to a later end, over blank lines.
    """
    names: list[str] = []
    for kind, name in _ENVIRONMENT.findall(tex):
        if kind == "begin" and name:
            names.append(name)
        elif not names or names.pop() != name:
            return False
    if names:
        return False
    depth = 0
    for brace in _BRACE.findall(tex):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            return False
    return depth == 0


def find_formula(text: str, start: int, end: int) -> Formula | None:
    """The formula that begins at `start`, if it is closed before `end`."""
    end = min(end, start + MAX_FORMULA)
    if text.startswith("$$", start):
        return _find_until(text, start + 2, end, "$$", True)
    if text[start] == "$":
        return _find_dollars(text, start, end)
    if text.startswith("\\(", start):
        return _find_until(text, start + 2, end, "\\)", False)
    if text.startswith("\\[", start):
        # \[1\] is a bracketed number; models set formulas off by spaces or lines.
        found = _find_until(text, start + 2, end, "\\]", True)
        spaced = found and text[start + 2].isspace() and text[found.end - 3].isspace()
        return found if spaced else None
    match = _BEGIN.match(text, start, end)
    if match is None:
        return None
    found = _find_until(text, match.end(), end, f"\\end{{{match[1]}}}", True)
    return found and Formula(text[start : found.end], True, found.end)


def _find_until(text: str, start: int, end: int, closer: str, display: bool) -> Formula | None:
    position = text.find(closer, start, end)
    if position < 0 or not text[start:position].strip():
        return None
    return Formula(text[start:position], display, position + len(closer))


def _find_dollars(text: str, start: int, end: int) -> Formula | None:
    """`$x$`, but not `$5 and $10`: no space inside the dollars, no letter or digit after them."""
    position = start + 1
    if position >= end or text[position].isspace():
        return None
    while (position := text.find("$", position, end)) >= 0 and text[position - 1] == "\\":
        position += 1
    if position < 0 or text[position - 1].isspace() or text[position + 1 : position + 2].isalnum():
        return None
    return Formula(text[start + 1 : position], False, position + 1)


def _read_inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
        return False
    found = find_formula(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        token = state.push("math", "", 0)
        token.content = found.tex
        token.meta = {"source": state.src[state.pos : found.end], "display": found.display}
    state.pos = found.end
    return True


def _read_block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    if state.is_code_block(start_line):
        return False
    start = state.bMarks[start_line] + state.tShift[start_line]
    if not state.src.startswith(("$$", "\\[", "\\begin{"), start):
        return False
    last = start_line
    limit = min(end_line, start_line + _MAX_LINES)
    while last < limit and not state.isEmpty(last) and state.sCount[last] >= state.blkIndent:
        last += 1
    text = state.getLines(start_line, last, state.blkIndent, False).lstrip()
    found = find_formula(text, 0, len(text)) if text else None
    if found is None or text[found.end :].partition("\n")[0].strip():
        return False
    if not silent:
        token = state.push("math_block", "", 0)
        token.content = found.tex
        token.meta = {"source": text[: found.end], "display": True}
        state.line = start_line + text.count("\n", 0, found.end) + 1
    return True


def add_math(parser: MarkdownIt) -> None:
    """Teach `parser` formulas: tokens "math" and "math_block", the source in `meta`."""
    parser.inline.ruler.before("escape", "math", _read_inline)
    parser.block.ruler.before(
        "fence", "math_block", _read_block, {"alt": ["paragraph", "blockquote", "list"]}
    )
