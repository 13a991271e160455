"""What a saved notebook keeps of a chat panel: a readable output below it. It knows no model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from IPython.core.interactiveshell import InteractiveShell

MAX_TRANSCRIPTS = 4
#: By it the page knows the output that it hides while the panel itself is there.
MARK = '<div class="lauren-transcript"></div>'
FOLDED = "What was said in the docked chat"
#: Characters of transcript that are worth one second of waiting before they are sent again.
PACE = 100_000


class Transcripts:
    """The outputs below the shown panels; used on the kernel's own thread and `loop`.

    `write` gives the whole transcript. An output of its own, because JupyterLab makes a new view
    of a widget whenever its output is updated (a draft and the focus would be lost), and shows
    nothing else of an output whose widget it cannot find. The page hides it while the panel is
    alive.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        loop: asyncio.AbstractEventLoop,
        write: Callable[[], str],
    ) -> None:
        self._shell = shell
        self._loop = loop
        self._write = write
        self._shown: list[tuple[str, bool]] = []
        self._size = 0
        self._due: asyncio.TimerHandle | None = None
        shell.events.register("post_run_cell", self._finish_cell)

    def show_below(self, panel: dict[str, Any]) -> None:
        """Show the panel, and its transcript; of many, the oldest is updated no longer."""
        self._shell.display_pub.publish(panel)
        self._add(is_folded=False)

    def show_folded(self) -> None:
        """Show the transcript alone, folded: the panel stands outside of the notebook."""
        self._add(is_folded=True)

    def _add(self, *, is_folded: bool) -> None:
        self._shown = [*self._shown, (f"lauren-panel-{uuid4().hex}", is_folded)][-MAX_TRANSCRIPTS:]
        self._publish(*self._shown[-1], self._write(), update=False)

    def note_change(self) -> None:
        """Send it again soon: the later, the longer it is."""
        if self._due is None:
            self._due = self._loop.call_later(self._size / PACE, self._update)

    def close(self) -> None:
        if self._finish_cell in self._shell.events.callbacks["post_run_cell"]:
            self._shell.events.unregister("post_run_cell", self._finish_cell)

    def _finish_cell(self, result: object) -> None:
        """A program (nbclient, papermill) drops what comes when the cell has ended."""
        if self._due is not None:
            self._due.cancel()
            self._update()

    def _update(self) -> None:
        self._due = None
        text = self._write()
        for display_id, is_folded in self._shown:
            self._publish(display_id, is_folded, text, update=True)

    def _publish(self, display_id: str, is_folded: bool, text: str, *, update: bool) -> None:
        self._size = len(text)
        folded = f"<details><summary>{FOLDED}</summary>\n\n{text}\n\n</details>"
        self._shell.display_pub.publish(
            {"text/markdown": folded if is_folded else f"{MARK}\n\n{text}", "text/plain": text},
            {"lauren": {"transcript": True}},
            transient={"display_id": display_id},
            update=update,
        )
