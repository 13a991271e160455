"""The user's namespace: a name of a `%%lauren` line looked up in it, and which names are theirs.

It evaluates nothing, and asks no value anything but what a looked-up name has after a dot.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from lauren_nb._errors import OptionError


def find_name(name: str, namespace: Mapping[str, Any], *, option: str) -> Any:
    """The object of that name, dots followed. Raises OptionError, which names `option`."""
    head, *rest = name.split(".")
    if head not in namespace:
        what = head if rest else "of that name"
        raise OptionError(f"{option} {name}: there is no variable {what} in this notebook.")
    value = namespace[head]
    for part in rest:
        if not hasattr(value, part):
            raise OptionError(f"{option} {name}: there is no {part} in it.")
        value = getattr(value, part)
    return value


def get_own_variables(namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> dict[str, Any]:
    """What the user made: no modules, no private names, and nothing that IPython put there, which
    `hidden` is (its `user_ns_hidden`)."""
    return {
        name: value
        for name, value in list(namespace.items())  # a copy: a cell may run beside this
        if isinstance(name, str)
        and not name.startswith("_")
        and hidden.get(name, hidden) is not value
        and not issubclass(type(value), ModuleType)  # isinstance would ask the value
    }
