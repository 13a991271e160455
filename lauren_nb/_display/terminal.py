"""Shows a run in a terminal: text as it comes, questions on a line, Ctrl-C.

It is one of the presenters; `presenters.py` chooses.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from html import unescape
from typing import Any, TextIO

from lauren_ai import PendingApproval
from lauren_nb._approval.approver import Approver
from lauren_nb._display.answer_fence import AnswerReader
from lauren_nb._display.format import footer_line
from lauren_nb._display.turn import Turn
from lauren_nb._hazards import neutralise_text, visible
from lauren_nb._kernel.interrupts import raise_on_sigint, stop_on_sigint
from lauren_nb._kernel.stdin import StdinClosedError


class TerminalPresenter:
    """Plain text as it comes, thinking dimmed where the terminal has styles."""

    can_ask = True

    def __init__(
        self, turn: Turn, *, on_stop: Callable[[], object], out: TextIO | None = None
    ) -> None:
        self.turn = turn
        self._on_stop = on_stop
        self._out = out or sys.stdout
        self._styled = self._out.isatty()
        self._section = ""
        self._reader: AnswerReader | None = None
        self._sigint = ExitStack()
        self._sigint.enter_context(stop_on_sigint(on_stop))

    def push(self, *op: Any) -> None:
        self.turn.apply(op)
        match op:
            case ["text", text]:
                self._write_answer(text)
            case ["thinking", text]:
                self._write("thinking", text)
            case ["tool", _, name]:
                self._write("tool", f"→ {visible(name)} ")
            case ["args", _, text]:
                self._write("tool", text)
            case ["tool_status", _, {"status": str(status), **rest_of}]:
                result = rest_of.get("result")
                self._write("tool", f" [{status}]" + (f" {result}" if result else ""))
            case ["notice", text] if text:
                self._write("notice", f"({text})")
            case ["step", title, _]:
                self._section = self._section and "next"
                self._write("step", f"── {title}")
            case ["step_end", {"status": "error" | "interrupted" as status}]:
                self._write("step", f"[{status}]")
            case ["value", text, format]:
                self._write("value", unescape(text) if format == "markdown" else text)
            case ["progress", label, done, total, *_] if total:
                self._out.write(f"\r{label}: {100 * done // total} %")
                self._out.flush()
                self._section = "progress"

    def listen(self, approver: Approver) -> None:
        """A terminal has no clicks."""

    async def ask(self, approver: Approver, pending: PendingApproval) -> None:
        try:
            await approver.ask(pending, self._read_line, decided_by="terminal")
        except StdinClosedError:
            approver.deny(pending, "The terminal was closed.")

    async def _read_line(self, question: str) -> str:
        """Blocks the loop: two readers of one terminal would take each other's keys."""
        self._out.write("\n")
        self._section = ""
        try:
            with raise_on_sigint():
                return input(question)  # noqa: ASYNC250
        except EOFError:
            raise StdinClosedError from None
        except KeyboardInterrupt:
            self._on_stop()
            raise StdinClosedError from None

    def finish(self) -> None:
        self._end_answer()
        self._sigint.close()
        if self.turn.status == "interrupted":
            self._write("mark", "[interrupted]")
        elif note := self.turn.footer.get("stop_note"):
            detail = self.turn.footer.get("stop_detail")
            self._write("mark", f"[{note}]" + (f" {detail}" if detail else ""))
        line = footer_line({**self.turn.footer, "elapsed_ms": self.turn.elapsed_ms})
        self._write("footer", line)
        self._out.write("\n")
        self._out.flush()

    def _write_answer(self, text: str) -> None:
        """The answer's text, less the fence that a model put round the whole of code or JSON."""
        if self.turn.format not in ("code", "json"):
            self._write("text", text)
            return
        self._reader = self._reader or AnswerReader()
        was_void = self._reader.is_void
        shown = self._reader.feed(text)
        if self._reader.is_void and not was_void:
            self._write("notice", "(That was not the whole answer. Here it is.)")
            shown = str(self.turn.parts[-1]["text"])
        if shown:
            self._write("text", shown)

    def _end_answer(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None and (shown := reader.end()):
            self._write("text", shown)

    def _write(self, section: str, text: str) -> None:
        if section not in ("text", "notice"):
            self._end_answer()
        if section != self._section:
            self._out.write("\n\n" if self._section else "")
            self._section = section
        text = neutralise_text(text)
        if self._styled and section != "text":
            text = f"\x1b[2m{text}\x1b[22m"
        self._out.write(text)
        self._out.flush()
