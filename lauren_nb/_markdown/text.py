r"""Text and code of a model's Markdown, escaped so that no parser reads anything into them.

It owns characters; structure is the business of `inline.py` and `neutraliser.py`.

JupyterLab cuts everything between two dollars, `\\(…\\)`, `\\[…\\]` or `\begin…\end` out of the
*source*, before Markdown: a pair of these could swallow a backtick, and so turn code into HTML.
MathJax then looks for pairs in the *page*. So none of them may be left in the source but in
formulas of ours and in fences that blank lines keep apart, and none in pairs in the page.
"""

from __future__ import annotations

import re

from lauren_nb._hazards import neutralise_text
from lauren_nb._markdown.fences import make_fence
from lauren_nb._markdown.links import get_target

#: What JupyterLab may take for the edge of a formula, in a source where dollars are no matter.
_EDGE = re.compile(r"\\(?:begin|end)\{|\\\\[()\[\]]|@@\d", re.IGNORECASE)
#: What would be more than text if a parser read it as no code: mistune lets emphasis end inside
#: of a code span, nbconvert lets `$$` do.
_RISKY = re.compile(r"<|\](?=[(\[:])|\$\$|(?<!http)(?<!https)://|www\.|xmpp:", re.IGNORECASE)
#: A backslash before these would begin a formula or a reference in the page.
_TEX = re.compile(r"[()\[\]{}$]|(?:begin|end|ref|eqref)\b", re.IGNORECASE)

_ADDRESS = r"""(?P<url>(?<![\w])https?://[^\s<>"'`{}|\\^\[\]$*]+) |"""
_MARKS = r"""
    (?P<cite>(?<=[\w\s.,;(])\[[\w\ ,.+-]{1,30}\](?=[\w\s.,;)]))
  | (?P<scheme>:(?=//)|(?<=xmpp):)
  | (?P<www>(?<=www)\.)
  | (?P<break><br\s*/?>)
  | (?P<at>(?<=@)@)
  | (?P<one>[&<>`\\$*_~\[\]!|{])
"""
_SPECIAL = re.compile(_ADDRESS + _MARKS, re.VERBOSE | re.IGNORECASE)
_NO_ADDRESS = re.compile(_MARKS, re.VERBOSE | re.IGNORECASE)
#: What stands for itself in `<code>`: words, spaces, and marks that begin nothing.
CODE_TEXT = r"[^\W_]|[ ,;/()'\"=+%?-]|(?<!www)\."
_CODE_MARK = re.compile(rf"(?!{CODE_TEXT})[\s\S]")
_NAMED = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
_LINE_START = re.compile(r"^(?:([#+=:-])|(\d{1,9})([.)])(?=\s|$))", re.MULTILINE)


def escape_text(text: str, *, dollar: str = "\\$", links: bool = True, br: str = "<br>") -> str:
    """One run of text as Markdown.

    `dollar` is what a dollar sign becomes, `br` what the tag `<br>` does; without `links` an
    address stays text. What stands before and after the run is unknown, so it is taken as bad.
    """

    def replace(match: re.Match[str]) -> str:
        found = match.group()
        match match.lastgroup:
            case "one" if not links and found in "[]":
                # marked takes backslashes off the brackets of a link's text, then reads it.
                return f"&#{ord(found)};"
            case "url":
                return _write_address(found)
            case "cite":
                return found
            case "scheme":
                return "&#58;"
            case "www":
                # What renderers take into an address of this kind, they do not agree on.
                return "&#46;"
            case "break":
                return br
            case "at":
                return "&#64;"
            case _:
                return _escape_one(found, text, match.start(), dollar)

    return (_SPECIAL if links else _NO_ADDRESS).sub(replace, text)


def escape_line(text: str) -> str:
    """A text that is no Markdown, such as a name, as one line: no link, no formula, no mark."""
    line = " ".join(neutralise_text(text).split())
    # One dollar is a dollar. A page that knows formulas makes one of two, unless a tag is between.
    dollar = "<span>\\$</span>" if line.count("$") > 1 else "\\$"
    return escape_text(line, dollar=dollar, links=False)


def _escape_one(character: str, text: str, position: int, dollar: str) -> str:
    before = text[position - 1] if position else ""
    after = text[position + 1 : position + 2]
    match character:
        case "&":
            return "&amp;" if after == "#" or after.isalnum() or not after else "&"
        case "<":
            return "&lt;"
        case ">":
            return "&gt;"
        case "`":
            # Not \`: JupyterLab's own search for code spans is content with any backtick.
            return "&#96;"
        case "$":
            return dollar
        case "\\":
            return _escape_backslash(text, position)
        case "*":
            return character if before.isspace() and after.isspace() else "\\*"
        case "_":
            return character if before.isalnum() and after.isalnum() else "\\_"
        case "!":
            return "\\!" if after in ("", "[") else character
        case "{":
            return "\\{" if after in ("", "#", ".", ":", "%") else character
        case _:
            return "\\" + character


def _escape_backslash(text: str, position: int) -> str:
    after = text[position + 1 : position + 2]
    if not after or _TEX.match(text, position + 1):
        return "<span>&#92;</span>"
    # What follows may be written with a mark before it, such as the < of an address.
    plain = (after.isalnum() or after == " ") and not _SPECIAL.match(text, position + 1)
    return "\\" if plain else "&#92;"


def _write_address(found: str) -> str:
    url = found.rstrip(".,;:!?_~&")
    if url.endswith(")") and url.count("(") < url.count(")"):
        url = url.rstrip(")")
    target = get_target(url)
    if target is None:
        return escape_text(found, links=False)
    rest = escape_text(found[len(url) :], links=False)
    if target.destination == url and not target.warning:
        return f"<{url}>{rest}"
    note = f" ({target.warning})" if target.warning else ""
    return f"[{escape_text(url, links=False)}{note}]({target.destination}){rest}"


def escape_line_starts(text: str) -> str:
    """Inline Markdown that no line of begins a heading, a list or a rule; empty lines go."""
    lines = [line.strip() for line in text.split("\n")]
    text = "\n".join(line for line in lines if line)
    return _LINE_START.sub(
        lambda match: f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}", text
    )


def write_code_span(code: str, *, in_table: bool = False) -> str:
    """`code` as a code span, or as a `<code>` element where a span could be misread."""
    code = " ".join(code.split("\n"))
    if not code.strip():
        return ""
    if _RISKY.search(code) or _EDGE.search(code) or (in_table and "|" in code):
        return f"<code>{encode_code(code)}</code>"
    fence = make_fence(code, least=1)
    padded = f" {code} " if code[0] in " `" or code[-1] in " `" else code
    return f"{fence}{padded}{fence}"


def write_fence(code: str, language: str, *, nested: bool) -> list[str]:
    """`code` as the lines of a fenced block, or of a `<pre>` where a fence could be misread.

    Only a fence at the margin hides dollars from JupyterLab.
    """
    if _EDGE.search(code) or (nested and "$" in code):
        return [f"<pre><code>{encode_code(code)}</code></pre>"]
    fence = make_fence(code)
    return [fence + language, *code.split("\n"), fence]


def encode_code(code: str) -> str:
    """`code` as HTML in which nothing that a Markdown parser knows stands for itself."""
    return _CODE_MARK.sub(
        lambda match: _NAMED.get(match.group()) or f"&#{ord(match.group())};", code
    )
