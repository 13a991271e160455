"""A DataFrame of pandas or polars as a Markdown table that says what it leaves out.

It imports neither; it knows a frame by what it can do. A list of records shows as one too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_ROWS = 60
MAX_COLUMNS = 20
MAX_CELL = 200
#: Characters of a whole table; fewer rows are shown where they are long.
MAX_TABLE = 20_000


def is_frame(value: Any) -> bool:
    """A pandas-like frame (`iloc`) or a polars-like one (`iter_rows`)."""
    kind = type(value)
    return all(hasattr(kind, name) for name in ("columns", "shape")) and (
        hasattr(kind, "iloc") or hasattr(kind, "iter_rows")
    )


def is_series(value: Any) -> bool:
    """A series or index of pandas, or a series of polars."""
    kind = type(value)
    return all(hasattr(kind, name) for name in ("to_frame", "dtype")) and not is_frame(value)


def write_table(frame: Any, *, escape: Callable[[str], str] | None = None) -> str:
    """The table, its shape, and a note of what was cut.

    `escape` writes the text of a cell, for people; then a whole table has no note. A model reads
    the text as it is, but for bars, and always gets the shape.

    Shows at most MAX_ROWS rows and MAX_COLUMNS columns, from both ends, MAX_CELL characters of a
    cell and MAX_TABLE in all. Floats keep 12 significant digits.
    """
    rows, columns = (int(size) for size in frame.shape)
    shown_rows = min(rows, MAX_ROWS)
    shown_columns = min(columns, MAX_COLUMNS)
    while True:
        lines, cells_cut = _write_lines(frame, shown_rows, shown_columns, escape or _escape_bars)
        if sum(map(len, lines)) <= MAX_TABLE or shown_rows <= 1:
            break
        shown_rows //= 2
    notes = []
    if shown_rows < rows:
        notes.append(f"{shown_rows:,} of the rows")
    if shown_columns < columns:
        notes.append(f"{shown_columns:,} of the columns")
    note = f"; shown: {' and '.join(notes)}, from both ends" if notes else ""
    if cells_cut:
        note += f"; long cells cut to {MAX_CELL} characters"
    if escape is not None and not note:
        return "\n".join(lines)
    shape = f"{_count(rows, 'row')} × {_count(columns, 'column')}"
    return "\n".join([*lines, "", f"({shape}{note})"])


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _write_lines(
    frame: Any, shown_rows: int, shown_columns: int, escape: Callable[[str], str]
) -> tuple[list[str], bool]:
    picked = _pick(int(frame.shape[1]), shown_columns)
    names = list(frame.columns)
    header = [_name_index(frame.index)] if _has_index(frame) else []
    header += ["…" if i is None else _label(names[i]) for i in picked]
    lines = [_write_row(header, escape)[0], "|" + " --- |" * len(header)]
    cells_cut = False
    for row in _iter_rows(frame, shown_rows, picked):
        line, was_cut = _write_row(row if row is not None else ["…"] * len(header), escape)
        cells_cut = cells_cut or was_cut
        lines.append(line)
    return lines, cells_cut


def _pick(total: int, shown: int) -> list[int | None]:
    """Indices of `shown` of `total` things, from both ends; None stands for the gap."""
    if shown >= total:
        return list(range(total))
    head = (shown + 1) // 2
    return [*range(head), None, *range(total - (shown - head), total)]


def _iter_rows(frame: Any, shown: int, columns: Sequence[int | None]) -> Iterator[list[str] | None]:
    """The cells of `shown` rows from both ends; None stands for the gap."""
    rows = int(frame.shape[0])
    if shown >= rows:
        yield from _iter_values(frame, 0, rows, columns)
        return
    head = (shown + 1) // 2
    yield from _iter_values(frame, 0, head, columns)
    yield None
    yield from _iter_values(frame, rows - (shown - head), shown - head, columns)


def _iter_values(
    frame: Any, start: int, count: int, columns: Sequence[int | None]
) -> Iterator[list[str]]:
    kept = [i for i in columns if i is not None]
    has_index = _has_index(frame)
    if has_index:
        values = frame.iloc[start : start + count, kept].itertuples(index=True, name=None)
    else:
        values = frame[:, kept].slice(start, count).iter_rows()
    for row in values:
        cells = [_label(row[0])] if has_index else []
        rest = iter(row[1:] if has_index else row)
        yield cells + ["…" if i is None else _write_value(next(rest)) for i in columns]


def _has_index(frame: Any) -> bool:
    return hasattr(type(frame), "iloc")


def _name_index(index: Any) -> str:
    """Its name, or those of its levels; "" where none has a name."""
    names = ["" if name is None else str(name) for name in index.names]
    return " / ".join(names) if any(names) else ""


def _label(value: Any) -> str:
    return " / ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _write_value(value: Any) -> str:
    # numpy's float64 is a float, too; its repr is not a number's.
    return f"{float(value):.12g}" if isinstance(value, float) else str(value)


def _write_row(cells: Sequence[str], escape: Callable[[str], str]) -> tuple[str, bool]:
    was_cut = any(len(cell) > MAX_CELL for cell in cells)
    short = [c if len(c) <= MAX_CELL else c[: MAX_CELL - 1] + "…" for c in cells]
    clean = [escape(" ".join(c.split())) for c in short]
    return "| " + " | ".join(clean) + " |", was_cut


def _escape_bars(text: str) -> str:
    return text.replace("|", "\\|")


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
