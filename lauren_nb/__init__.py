"""lauren_nb: large language models in notebook cells. `%load_ext lauren_nb` gives `%%lauren`.

Importing it imports no provider and no widget; loading the extension does what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lauren_ai import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from lauren_nb.panel._panel import ChatPanel

__all__ = ["ChatPanel", "__version__", "load_ipython_extension", "unload_ipython_extension"]


def __getattr__(name: str) -> object:
    """`ChatPanel` is imported when it is first wanted: widgets take a while."""
    if name != "ChatPanel":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from lauren_nb.panel._panel import ChatPanel

    return ChatPanel


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Called by `%load_ext lauren_nb`."""
    from lauren_nb._magics.extension import load

    load(ipython)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """Called by `%unload_ext lauren_nb`."""
    from lauren_nb._magics.extension import unload

    unload(ipython)
