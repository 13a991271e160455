"""A conversation as a file: Markdown for people, JSON for programs. It writes no file itself."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from lauren_ai._conversations import encode_message
from lauren_nb._hazards import neutralise_text
from lauren_nb._markdown.neutraliser import neutralise
from lauren_nb._markdown.text import escape_text
from lauren_nb.panel._tree import PanelTurn

_NOT_IN_NAMES = re.compile(r"[^\w-]+")


#: Characters that a page draws again whenever a turn ends: JupyterLab took 4 s for 2,000,000.
MAX_TRANSCRIPT = 100_000


def write_markdown(title: str, turns: Sequence[PanelTurn]) -> str:
    """All turns; what a person, a model or a tool wrote is neutralised."""
    return "\n\n".join([_head(title), *map(_write_turn, turns)])


def write_transcript(title: str, turns: Sequence[PanelTurn]) -> str:
    """The newest turns that fit MAX_TRANSCRIPT, the last one in any case, and how many there were
    before them."""
    written, room = list[str](), MAX_TRANSCRIPT
    for turn in reversed(turns):
        block = _write_turn(turn)
        room -= len(block)
        if written and room < 0:
            break
        written.append(block)
    left = len(turns) - len(written)
    many = f"{left:,} earlier turn{'s are' if left > 1 else ' is'}"
    note = f'*{many} not kept here: `panel.export("chat.md")` writes the whole conversation.*'
    return "\n\n".join([_head(title), *([note] if left else []), *reversed(written)])


def _write_turn(turn: PanelTurn) -> str:
    from lauren_nb._display.saved.answer import rest  # its Markdown parser takes a while

    time = "" if turn.is_replayed else f" · {turn.at.astimezone():%Y-%m-%d %H:%M}"
    answer = rest(turn.view.snapshot())[0]["text/markdown"]
    return "\n\n".join(block for block in (quote_question(turn, time), answer) if block)


def _head(title: str) -> str:
    return f"#### {escape_text(_flatten(title), links=False)}"


def write_json(title: str, turns: Sequence[PanelTurn]) -> str:
    """Title, and for each turn the question, what names its files and variables, the time (ISO
    8601), what was shown, and the messages as the model reads them."""
    value = {
        "title": title,
        "turns": [
            {
                "question": turn.question,
                "attached": [mention.label for mention in turn.mentions],
                "at": turn.at.isoformat(timespec="seconds"),
                "answer": turn.view.snapshot(),
                "messages": [json.loads(encode_message(m)) for m in turn.messages],
            }
            for turn in turns
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=2)


def quote_question(turn: PanelTurn, time: str = "") -> str:
    """Who asked, what came along, and the question. Its names come first: a fence of the question
    that is not closed would swallow them."""
    lines = [f"**You**{time}", ""]
    if turn.mentions:
        labels = ", ".join(_flatten(mention.label) for mention in turn.mentions)
        lines += [f"Attached: {escape_text(labels, links=False)}", ""]
    lines += neutralise(turn.question).splitlines() or [""]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def make_filename(title: str, format: str) -> str:
    """A name for the file that is one on every system."""
    stem = _NOT_IN_NAMES.sub("-", title).strip("-").lower()[:60] or "chat"
    return f"{stem}.{'md' if format == 'markdown' else format}"


def _flatten(title: str) -> str:
    return " ".join(neutralise_text(title).split())
