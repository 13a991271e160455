"""Lets an object stand in a chain with `|`. It runs nothing; `_chains` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar


class Pipeable:
    """Base of what chains are made of: `a | b` is `chain(a, b)`, a Chain, functions included."""

    __slots__ = ()

    #: `chain`, which `_chains` gives when it is imported: it stands above all that is piped.
    _chain: ClassVar[Callable[..., Any]]

    def __or__(self, other: Any) -> Any:
        return Pipeable._chain(self, other)

    def __ror__(self, other: Any) -> Any:
        return Pipeable._chain(other, self)
