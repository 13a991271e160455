"""The widget of a chat panel, and what a saved notebook keeps of it. It knows no model."""

from __future__ import annotations

from typing import Any

import traitlets
from IPython.core.interactiveshell import InteractiveShell

from lauren_nb._view import Handler, RunView

MAX_TRANSCRIPTS = 4
#: By it the page knows the output that it hides while the panel itself is there.
MARK = '<div class="lauren-transcript"></div>'


class PanelView(RunView):
    """One a panel; any number of pages may show it. Closed by the panel."""

    view = traitlets.Unicode("panel").tag(sync=True)

    def __init__(self, on_message: Handler) -> None:
        super().__init__(on_message)

    def get_mimebundle(self) -> dict[str, Any]:
        """No Markdown: the transcript is an output of its own."""
        bundle = super().get_mimebundle()
        del bundle["text/markdown"]
        return bundle | {"text/plain": "A chat panel. What was said in it follows."}


class Transcripts:
    """The readable outputs below the shown panels; used on the kernel's own thread.

    An output of its own, because JupyterLab makes a new view of a widget whenever its output is
    updated (a draft and the focus would be lost), and shows nothing else of an output whose widget
    it cannot find. The page hides it while the panel is alive.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._ids: list[str] = []

    def add(self, display_id: str, text: str) -> None:
        """Show one more; the oldest is updated no longer when there are many."""
        self._ids = [*self._ids, display_id][-MAX_TRANSCRIPTS:]
        self._publish(display_id, text, update=False)

    def update(self, text: str) -> None:
        for display_id in self._ids:
            self._publish(display_id, text, update=True)

    def _publish(self, display_id: str, text: str, *, update: bool) -> None:
        data = {"text/markdown": f"{MARK}\n\n{text}", "text/plain": text}
        metadata = {"lauren": {"transcript": True}}
        self._shell.display_pub.publish(
            data, metadata, transient={"display_id": display_id}, update=update
        )
