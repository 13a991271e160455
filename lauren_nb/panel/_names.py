"""Which of the user's names a panel's page offers after `@`, each with its type.

No value is read: only its type's name. What a chosen name brings along is `_mentions.py`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lauren_nb._errors import OptionError
from lauren_nb._prompt.namespace import get_own_variables
from lauren_nb._session.session import Session

MAX_NAMES = 50
MAX_CHARACTERS = 100


def list_names(prefix: str, session: Session) -> list[tuple[str, str]]:
    """At most MAX_NAMES pairs of a name that begins with `prefix` and its type; those that have
    its very case come first. No modules, no private names, nothing that IPython put there."""
    start = prefix.casefold()
    own = get_own_variables(session.namespace, _get_hidden(session))
    found = [
        (name, type(value).__name__[:MAX_CHARACTERS])
        for name, value in own.items()
        if name.isidentifier() and len(name) <= MAX_CHARACTERS and name.casefold().startswith(start)
    ]
    found.sort(key=lambda pair: (not pair[0].startswith(prefix), pair[0].casefold(), pair[0]))
    return found[:MAX_NAMES]


def _get_hidden(session: Session) -> Mapping[str, Any]:
    """What IPython put into the namespace; marimo puts nothing there that has a plain name."""
    try:
        hidden: Mapping[str, Any] = session.shell.user_ns_hidden
    except OptionError:
        return {}
    return hidden
