"""Takes thoughts out of a text that begins with `<think>…</think>`, in pieces cut anywhere.

Servers without a parser for a model's thoughts leave them in the answer. Only at its start are they
thoughts: further on, and in code, the tag is text. It does no I/O.
"""

from __future__ import annotations

from typing import Literal

_OPEN, _CLOSE = "<think>", "</think>"
Piece = tuple[Literal["thinking", "text"], str]


class ThinkTags:
    """Made for one response: `feed` gives each piece of text its kind, `end` what was held back."""

    def __init__(self) -> None:
        self._state: Literal["start", "open", "inside", "after", "text"] = "start"
        self._held = ""

    def feed(self, text: str) -> list[Piece]:
        if self._state == "text":
            return [("text", text)] if text else []
        text = self._held + text
        self._held = ""
        pieces: list[Piece] = []
        if self._state == "start":
            text = self._read_start(text)
        if self._state == "open":
            text = text.lstrip()
            self._state = "inside" if text else "open"
        if self._state == "inside":
            text = self._read_inside(text, pieces)
        if self._state == "after":
            text = text.lstrip()
            self._state = "text" if text else "after"
        if self._state == "text" and text:
            pieces.append(("text", text))
        return pieces

    def end(self) -> list[Piece]:
        """What was held back when the answer ended."""
        held, self._held = self._held, ""
        kind: Literal["thinking", "text"] = "thinking" if self._state == "inside" else "text"
        return [(kind, held)] if held else []

    def _read_start(self, text: str) -> str:
        body = text.lstrip()
        if body.startswith(_OPEN):
            self._state = "open"
            return body[len(_OPEN) :]
        if _OPEN.startswith(body):
            self._held = text
            return ""
        self._state = "text"
        return text

    def _read_inside(self, text: str, pieces: list[Piece]) -> str:
        thought, found, rest = text.partition(_CLOSE)
        if found:
            self._state = "after"
        else:
            # The tag may be cut: no more of the text is looked at again than its length.
            size = next(n for n in range(len(_CLOSE) - 1, -1, -1) if thought.endswith(_CLOSE[:n]))
            thought, self._held = thought[: len(thought) - size], thought[len(thought) - size :]
        if thought:
            pieces.append(("thinking", thought))
        return rest
