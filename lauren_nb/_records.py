"""A table of records with the few methods of a frame that `_tables.py` needs.

pandas and polars are not required for a list of records to show as a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Records:
    """Rows under named columns, read as polars' frames are."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]

    @classmethod
    def build(cls, records: Sequence[Mapping[str, Any]]) -> Records:
        """Every key of any record is a column, in the order of their first appearance; where a
        record lacks it, the cell is empty."""
        columns = tuple(dict.fromkeys(key for record in records for key in record))
        return cls(columns, [[record.get(key, "") for key in columns] for record in records])

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows), len(self.columns)

    def __getitem__(self, key: tuple[slice, Sequence[int]]) -> Records:
        """`frame[:, columns]`."""
        _, kept = key
        names = tuple(self.columns[i] for i in kept)
        return Records(names, [[row[i] for i in kept] for row in self.rows])

    def slice(self, start: int, count: int) -> Records:
        return Records(self.columns, self.rows[start : start + count])

    def iter_rows(self) -> Iterator[Sequence[Any]]:
        return iter(self.rows)
