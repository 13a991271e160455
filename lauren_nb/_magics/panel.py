"""`%lauren panel [NAME] [--dock]`: a chat panel in the cell, or in JupyterLab's right side."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from IPython.display import display

from lauren_nb._errors import OptionError
from lauren_nb._session.session import Session

if TYPE_CHECKING:
    from lauren_nb.panel._panel import ChatPanel

_USAGE = "Write: %lauren panel [NAME] [--dock]; NAME is a conversation to go on with."


async def show_panel(session: Session, arguments: list[str]) -> None:
    """[NAME] [--dock]: a chat, on conversation NAME; --dock puts it beside the notebook"""
    from lauren_nb.panel._panel import ChatPanel

    dock = "--dock" in arguments
    names = [word for word in arguments if word != "--dock"]
    if len(names) > 1 or any(name.startswith("-") for name in names):
        raise OptionError(_USAGE)
    if dock and find_spec("sidecar") is None:
        raise OptionError(
            "--dock needs the sidecar package and a reload of the page: pip install sidecar. "
            "Without --dock the panel opens in the cell."
        )
    panel = ChatPanel(conversation=names[0] if names else None)
    if dock:
        _dock(panel)
    else:
        display(panel)  # type: ignore[no-untyped-call]


def _dock(panel: ChatPanel) -> None:
    from sidecar import Sidecar

    with Sidecar(title=panel.title, anchor="right"):
        display(panel.widget)  # type: ignore[no-untyped-call]
    panel._show_transcript()
