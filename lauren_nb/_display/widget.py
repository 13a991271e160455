"""The widgets of a running cell: a small one a run, and one runtime a kernel that holds its code.

They carry messages between Python and the page; what a message means is `live.py`'s business.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

import anywidget
import traitlets

Handler = Callable[[dict[str, Any]], None]


@cache
def read_static(name: str) -> str:
    """A file of the built front end. Raises FileNotFoundError where it was not built."""
    path = files("lauren_nb") / "static" / name
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise FileNotFoundError(
            f"The front end is not built ({name} is missing). From a clone run `pip install .` "
            "again with Node 20 or newer on the path; a wheel brings it along."
        ) from None


class Runtime(anywidget.AnyWidget):
    """Holds the code that draws a turn, sent to the page once; views load it from here."""

    _esm = "export default {}"
    source = traitlets.Unicode().tag(sync=True)


class RunWidget(anywidget.AnyWidget):
    """The widget of one run. Made for a running cell, closed when its output is at rest.

    `_esm` is a loader of 3 KB, so that the second cell does not send the whole code again.
    """

    _esm = traitlets.Unicode().tag(sync=True)
    runtime = traitlets.Unicode().tag(sync=True)
    runtime_hash = traitlets.Unicode().tag(sync=True)

    def __init__(self, on_message: Handler) -> None:
        runtime = get_runtime()
        super().__init__(
            _esm=read_static("loader.js"),
            runtime=f"IPY_MODEL_{runtime.model_id}",
            runtime_hash=sha256(runtime.source.encode()).hexdigest(),
        )
        self.on_msg(lambda _widget, content, buffers: on_message(self.read(content, buffers)))
        _hear_in_subshell(self.comm)

    def read(self, content: Any, buffers: list[memoryview]) -> Any:
        """What the handler gets of a page's message."""
        return content

    def get_mimebundle(self) -> dict[str, Any]:
        """What displays the widget; a page without widgets, or a file saved now, shows the text."""
        note = "*The answer was being written when this was saved. Run the cell again.*"
        return {
            "text/plain": "lauren is answering…",
            "text/markdown": note,
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.model_id,
            },
        }


def _hear_in_subshell(comm: Any) -> None:
    """Let messages that come over a subshell be handled there, also while the cell blocks.

    ipykernel 7.4 sends them to the shell that last published on the comm (`_reply_subshell_for`,
    private), which is the blocked one. Delete this when a kernel has a public way to choose.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, default: default


_runtime: Runtime | None = None


def get_runtime() -> Runtime:
    """The runtime of this kernel, made for its first widget and again if it was closed."""
    global _runtime
    if _runtime is None or _runtime.comm is None:
        _runtime = Runtime(source=read_static("runtime.js"))
    return _runtime


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
