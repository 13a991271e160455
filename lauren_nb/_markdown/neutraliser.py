"""A model's Markdown made safe to rest in a notebook: `neutralise`.

It owns the parser; `blocks.py` and `inline.py` write what it finds. It trusts no renderer:
JupyterLab shows `text/markdown` of a fresh output without a sanitiser, and parsers disagree. So
the text is parsed once, without HTML, and written again in a form that all of them read alike.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from lauren_nb._hazards import neutralise_text
from lauren_nb._markdown.blocks import BlockWriter
from lauren_nb._markdown.inline import add_own_html
from lauren_nb._markdown.math import add_math
from lauren_nb._markdown.text import CODE_TEXT, write_fence

#: Levels of blocks in blocks; a deeper text is shown as it was written, in one fence.
_MAX_NESTING = 60
_OWN_PRE = re.compile(rf"<pre><code>((?:{CODE_TEXT}|&(?:lt|gt|amp|#\d{{1,7}});)*)</code></pre>\s*$")


def neutralise(markdown: str) -> str:
    r"""`markdown` in a form that shows the same and can neither run, load nor hide anything.

    HTML shows as text, images become links, links lead only to http(s), mailto and anchors and
    name their host where their text names another, `$` stays math only where it is a harmless
    formula, hidden characters become `\u{…}`. Never raises; time is linear in the length.
    """
    source = neutralise_text(markdown)
    tokens = _get_parser().parse(source)
    if any(token.level >= _MAX_NESTING - 2 for token in tokens):
        return "\n".join(write_fence(source.rstrip("\n"), "", nested=False))
    return BlockWriter(tokens).write()


@cache
def _get_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    parser.disable(["html_block", "html_inline"])
    # Every destination is a token, to be judged in `links.py`, not left as text.
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    parser.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    add_math(parser)
    add_own_html(parser)
    parser.block.ruler.before("fence", "own_pre", _read_own_pre)
    return parser


def _read_own_pre(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    start = state.bMarks[start_line] + state.tShift[start_line]
    if not state.src.startswith("<pre>", start):
        return False
    match = _OWN_PRE.match(state.src[start : state.eMarks[start_line]])
    if match is None:
        return False
    if not silent:
        state.push("fence", "", 0).content = neutralise_text(unescape(match[1]))
        state.line = start_line + 1
    return True
