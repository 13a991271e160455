"""Loads the magics into a shell and takes them out again. The magics themselves are elsewhere."""

from __future__ import annotations

import threading
from importlib import import_module

from IPython.core.interactiveshell import InteractiveShell

from lauren_nb._errors import OptionError
from lauren_nb._magics import awaiting
from lauren_nb._magics.completion import Matcher, make_matcher
from lauren_nb._magics.magic import make_magics
from lauren_nb._session.session import Session, sessions

_ALWAYS = ("genai_prices", "lauren_nb._display.saved.answer", "lauren_nb._chains.cell")
_NEEDED = {
    "anthropic": ("lauren_ai._transport.anthropic", "anthropic", *_ALWAYS),
    "openai": ("lauren_ai._transport.openai", "httpx_aiohttp", *_ALWAYS),
}
_matchers: dict[InteractiveShell, Matcher] = {}


def load(shell: InteractiveShell) -> None:
    """Register `%lauren` and `%%lauren`; loading twice is loading once."""
    if shell in sessions:
        return
    session = Session(shell)
    matcher = make_matcher(session)
    awaiting.install(shell.input_transformer_manager)
    line_magic, cell_magic = make_magics(session)
    register = shell.magics_manager.register_function
    register(line_magic, "line", "lauren")
    register(cell_magic, "cell", "lauren")
    shell.Completer.custom_matchers.append(matcher)
    shell.events.register("post_run_cell", session.failures.note)
    sessions[shell], _matchers[shell] = session, matcher
    _import_ahead(session)


def unload(shell: InteractiveShell) -> None:
    """Leave the shell as it was before `load`."""
    session = sessions.pop(shell)
    shell.Completer.custom_matchers.remove(_matchers.pop(shell))
    shell.events.unregister("post_run_cell", session.failures.note)
    awaiting.uninstall(shell.input_transformer_manager)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("lauren", None)
    # Where not IPython calls this, it would take the extension for loaded and never load it again.
    manager = shell.extension_manager
    assert manager is not None  # every shell has one
    manager.loaded.discard("lauren_nb")


def _import_ahead(session: Session) -> None:
    """Import what the first run needs while the user still writes it: the SDK takes a second."""
    try:
        provider = session.choose(None).provider
    except OptionError:  # a LAUREN_MODEL that means nothing: the first run says so
        return
    names = _NEEDED["anthropic" if provider == "anthropic" else "openai"]

    def run() -> None:
        for name in names:
            import_module(name)

    threading.Thread(target=run, name="lauren-import", daemon=True).start()
