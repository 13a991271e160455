"""The three ways to show a run: live in a page, at its end for a program, as text in a terminal.

A presenter is fed the turn's operations while it runs and leaves the resting output behind.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, TextIO
from uuid import uuid4

from IPython.core.interactiveshell import InteractiveShell

from lauren_nb._format import footer_line
from lauren_nb._live import Live
from lauren_nb._plain import neutralise_text
from lauren_nb._rest import rest
from lauren_nb._turn import Turn
from lauren_nb._view import RunView

#: Views whose page was reloaded in mid-run stay open: that page gets no resting output. The oldest
#: goes when there are more.
_lingering: deque[RunView] = deque()
MAX_LINGERING = 8


class Presenter(Protocol):
    """Made for one run by `make_presenter`; `finish` is called once, whatever happened."""

    turn: Turn

    def push(self, *op: Any) -> None: ...

    def finish(self) -> None: ...


def make_presenter(shell: InteractiveShell, turn: Turn, *, on_stop: Callable[[], None]) -> Presenter:
    """The presenter for where this shell runs. Called on the loop of the run."""
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return TerminalPresenter(turn)
    # Private to ipykernel, set for each request: nbclient, papermill and nbconvert have no person
    # who watches, and send False. Widget messages would only end up in the saved file.
    if getattr(kernel, "_allow_stdin", True):
        return LivePresenter(shell, turn, on_stop=on_stop)
    return HeadlessPresenter(shell, turn)


class LivePresenter:
    """A view that grows in the running cell, replaced by portable Markdown at the end."""

    def __init__(self, shell: InteractiveShell, turn: Turn, *, on_stop: Callable[[], None]) -> None:
        self.turn = turn
        self._shell = shell
        self._display_id = f"lauren-{uuid4().hex}"
        self._view = RunView(self._receive)
        self._live = Live(turn, self._view, on_stop=on_stop)
        self.push = self._live.push
        self._publish(self._view.get_mimebundle(), {}, update=False)

    def _receive(self, message: dict[str, Any]) -> None:
        self._live.receive(message)

    def finish(self) -> None:
        self._live.close()
        data, metadata = rest(self.turn.snapshot())
        self._publish(data, metadata, update=True)
        if self._live.attached > 1:
            _lingering.append(self._view)
            if len(_lingering) > MAX_LINGERING:
                _lingering.popleft().close()
        else:
            self._view.close()

    def _publish(self, data: dict[str, Any], metadata: dict[str, Any], *, update: bool) -> None:
        self._shell.display_pub.publish(
            data, metadata, transient={"display_id": self._display_id}, update=update
        )


class HeadlessPresenter:
    """One output at the end: for nbclient, papermill, nbconvert and nbval."""

    def __init__(self, shell: InteractiveShell, turn: Turn) -> None:
        self.turn = turn
        self._shell = shell

    def push(self, *op: Any) -> None:
        self.turn.apply(op)

    def finish(self) -> None:
        data, metadata = rest(self.turn.snapshot())
        self._shell.display_pub.publish(data, metadata)


class TerminalPresenter:
    """Plain text as it comes, thinking dimmed where the terminal has styles."""

    def __init__(self, turn: Turn, *, out: TextIO | None = None) -> None:
        self.turn = turn
        self._out = out or sys.stdout
        self._styled = self._out.isatty()
        self._section = ""

    def push(self, *op: Any) -> None:
        self.turn.apply(op)
        match op:
            case ["text", text]:
                self._write("text", text)
            case ["thinking", text]:
                self._write("thinking", text)
            case ["tool", _, name]:
                self._write("tool", f"→ {name} ")
            case ["args", _, text]:
                self._write("tool", text)
            case ["tool_status", _, change]:
                self._write("tool", f" [{change.get('status', '')}]")
            case ["notice", text] if text:
                self._write("notice", f"({text})")
            case ["progress", label, done, total] if total:
                self._out.write(f"\r{label}: {100 * done // total} %")
                self._out.flush()
                self._section = "progress"

    def finish(self) -> None:
        if self.turn.status == "interrupted":
            self._write("mark", "[interrupted]")
        line = footer_line({**self.turn.footer, "elapsed_ms": self.turn.elapsed_ms})
        self._write("footer", line)
        self._out.write("\n")
        self._out.flush()

    def _write(self, section: str, text: str) -> None:
        if section != self._section:
            self._out.write("\n\n" if self._section else "")
            self._section = section
        text = neutralise_text(text)
        if self._styled and section != "text":
            text = f"\x1b[2m{text}\x1b[22m"
        self._out.write(text)
        self._out.flush()
