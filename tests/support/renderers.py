"""Markdown renderers that notebooks meet, and what their HTML may hold.

JupyterLab's own path (formulas cut out, Markdown, formulas put back) is ported from
`@jupyterlab/rendermime` 4.6, `latex.ts`; there `marked` parses what markdown-it parses here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt
from nbconvert.filters.markdown_mistune import markdown2html_mistune

_SPLIT = re.compile(
    r"(\$\$?|\\(?:begin|end)\{[a-z]*\*?\}|\\[{}$]|[{}]|(?:\n\s*)+|@@\d+@@|\\\\[()\[\]])",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^(?P<fence>`{3,}|(~T){3,})[^`\n]*\n([\s\S]*?)^(?P=fence)`*$", re.MULTILINE)
_SPAN = re.compile(r"(^|[^\\])(`+)([^\n]*?[^`\n])\2(?!`)", re.MULTILINE)

_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def cut_math(text: str) -> tuple[str, list[str]]:
    """`removeMath`: the text with placeholders, and the formulas."""
    has_code = "`" in text or "~~~" in text
    if has_code:
        text = text.replace("~", "~T")
        text = _FENCE.sub(lambda m: m.group().replace("$", "~D"), text)
        text = _SPAN.sub(lambda m: m.group().replace("$", "~D"), text)
    blocks = _SPLIT.split(text.replace("\r\n", "\n").replace("\r", "\n"))
    math: list[str] = []
    start = last = None
    end = ""
    braces = 0
    i = 1
    while i < len(blocks):
        block = blocks[i]
        if block.startswith("@"):
            blocks[i] = f"@@{len(math)}@@"
            math.append(block)
        elif start is not None:
            if block == end:
                if braces:
                    last = i
                else:
                    _cut(blocks, start, i, math, has_code)
                    start = last = None
            elif re.search(r"\n.*\n", block):
                if last is not None:
                    i = last
                    _cut(blocks, start, i, math, has_code)
                start = last = None
                braces = 0
            elif block == "{":
                braces += 1
            elif block == "}" and braces:
                braces -= 1
        elif block in ("$", "$$"):
            start, end, braces = i, block, 0
        elif block in ("\\\\(", "\\\\["):
            start, end, braces = i, "\\\\)" if block[-1] == "(" else "\\\\]", 0
        elif block[1:6] == "begin":
            start, end, braces = i, "\\end" + block[6:], 0
        i += 2
    if start is not None and last is not None:
        _cut(blocks, start, last, math, has_code)
    return _restore("".join(blocks), has_code), math


def _cut(blocks: list[str], start: int, end: int, math: list[str], has_code: bool) -> None:
    formula = "".join(blocks[start : end + 1])
    formula = formula.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    blocks[start : end + 1] = [f"@@{len(math)}@@"] + [""] * (end - start)
    math.append(_restore(formula, has_code))


def _restore(text: str, has_code: bool) -> str:
    if not has_code:
        return text
    return re.sub("~([TD])", lambda m: "~" if m[1] == "T" else "$", text)


def _put_back(html: str, math: list[str]) -> str:
    return re.sub(r"@@(\d+)@@", lambda m: math[int(m[1])] if int(m[1]) < len(math) else "", html)


def render_jupyterlab(markdown: str) -> str:
    text, math = cut_math(markdown)
    return _put_back(_PARSER.render(text), math)


def render_commonmark(markdown: str) -> str:
    return str(_PARSER.render(markdown))


def render_nbconvert(markdown: str) -> str:
    return str(markdown2html_mistune(markdown))


RENDERERS: dict[str, Callable[[str], str]] = {
    "jupyterlab": render_jupyterlab,
    "commonmark": render_commonmark,
    "nbconvert": render_nbconvert,
}

_TAGS = re.compile(
    "p|br|hr|h[1-6]|em|strong|del|s|code|pre|blockquote|ul|ol|li|table|thead|tbody|tr|th|td|a|span"
)
_HREF = re.compile(r"(?:https?://[A-Za-z0-9]|mailto:)[^\s\"'<>`\\]*|#.*", re.IGNORECASE)
#: Attributes that the renderers themselves add: anchors of headings, colours of code.
_OWN = re.compile(
    r"(?:code class (?:language-[\w+#.-]*)|(?:th|td) style text-align: ?(?:left|right|center);?"
    r"|(?:th|td) align (?:left|right|center)|ol start \d+|h[1-6] id [^<>]*"
    r"|a class anchor-link|(?:div|span) class (?:highlight(?: hl-[\w+#.-]*)?|[a-z][a-z0-9]{0,2}))",
    re.IGNORECASE,
)


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.text: list[str] = []
        self.structure: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.structure.append(tag)
        has_class = any(name == "class" for name, _ in attrs)
        if not _TAGS.fullmatch(tag) and not (tag == "div" and has_class):
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            if tag == "a" and name == "href" and _HREF.fullmatch(value or ""):
                self.structure.append(str(value))
            elif not _OWN.fullmatch(f"{tag} {name} {value}"):
                self.faults.append(f"<{tag} {name}={value!r}>")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("declaration")

    def handle_pi(self, data: str) -> None:
        self.faults.append("processing instruction")

    def unknown_decl(self, data: str) -> None:
        self.faults.append("unknown declaration")


def _parse(html: str) -> Any:
    checker = _Checker()
    checker.feed(html)
    checker.close()
    return checker


def find_faults(html: str) -> list[str]:
    """Tags, attributes and addresses of `html` that are not on the list."""
    return list(_parse(html).faults)


def get_structure(html: str) -> list[str]:
    """Tags and addresses of `html`, in order."""
    return list(_parse(html).structure)


def get_text(html: str) -> str:
    """The text of `html`, white space collapsed."""
    return " ".join("".join(_parse(html).text).split())
