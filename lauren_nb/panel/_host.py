"""Where a panel lives: a kernel with IPython, or marimo, which has none. It draws nothing."""

from __future__ import annotations

import sys
from functools import cache
from types import ModuleType
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell

from lauren_nb._errors import OptionError
from lauren_nb._session.session import Session, get_session


def find_shell() -> InteractiveShell | None:
    """The shell of the kernel; None in marimo. Raises OptionError where there is no notebook."""
    shell = get_ipython()
    if shell is not None and getattr(shell, "kernel", None) is not None:
        return shell
    marimo = _get_marimo()
    if marimo is None or not marimo.running_in_notebook():
        raise OptionError("A ChatPanel needs a notebook: make it in a cell.")
    return None


def get_host_session(shell: InteractiveShell | None) -> Session:
    """The session of the shell, which gets the extension where it has none; or the one of marimo's
    kernel."""
    if shell is None:
        return _get_marimo_session()
    manager = shell.extension_manager
    assert manager is not None  # every shell has one
    manager.load_extension("lauren_nb")  # does nothing where it is loaded
    return get_session(shell)


def make_marimo_element(widget: object) -> Any:
    """The element that shows a widget in marimo. Raises OptionError outside of it."""
    marimo = _get_marimo()
    if marimo is None:
        raise OptionError("This is not marimo: use the panel, or its `widget`, as it is.")
    return marimo.ui.anywidget(widget)


@cache
def _get_marimo_session() -> Session:
    return Session()


def _get_marimo() -> ModuleType | None:
    """Only where it runs us: nobody else needs it installed."""
    return sys.modules.get("marimo")
