"""lauren_nb: large language models in notebook cells. `%load_ext lauren_nb` gives `%%lauren`.

Importing it imports no provider and no widget; loading the extension does what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["load_ipython_extension", "unload_ipython_extension"]
__version__ = "0.1.0"


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Called by `%load_ext lauren_nb`."""
    from lauren_nb._extension import load

    load(ipython)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """Called by `%unload_ext lauren_nb`."""
    from lauren_nb._extension import unload

    unload(ipython)
