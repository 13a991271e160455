"""The widget of a chat panel. It knows no model."""

from __future__ import annotations

from typing import Any

import traitlets

from lauren_nb._display.widget import Handler, RunWidget


class PanelWidget(RunWidget):
    """One a panel; any number of pages may show it. Closed by the panel."""

    view = traitlets.Unicode("panel").tag(sync=True)

    def __init__(self, on_message: Handler) -> None:
        super().__init__(on_message)

    def read(self, content: Any, buffers: list[memoryview]) -> Any:
        """With the bytes of the files, whatever the page itself may call `buffers`."""
        return content | {"buffers": buffers} if isinstance(content, dict) else content

    def get_mimebundle(self) -> dict[str, Any]:
        """No Markdown: the transcript is an output of its own."""
        bundle = super().get_mimebundle()
        del bundle["text/markdown"]
        return bundle | {"text/plain": "A chat panel. What was said in it follows."}
