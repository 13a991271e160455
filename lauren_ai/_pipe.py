"""Lets an object stand in a chain with `|`. It runs nothing; `_chains` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lauren_ai._chains import Chain


class Pipeable:
    """Base of what chains are made of: `a | b` is `chain(a, b)`, functions included."""

    __slots__ = ()

    def __or__(self, other: Any) -> Chain:
        from lauren_ai._chains import chain

        return chain(self, other)

    def __ror__(self, other: Any) -> Chain:
        from lauren_ai._chains import chain

        return chain(other, self)
