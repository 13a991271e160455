"""Looks a name of a `%%lauren` line up in the user's namespace. It evaluates nothing."""

from __future__ import annotations

from collections.abc import Mapping
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
