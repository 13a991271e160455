"""The items and the results of `%%lauren chain --map`: what runs, what is kept, what `-o` gets.

It runs nothing. pandas is not imported; a Series is known by what it can do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any

from lauren_nb._chains.value import as_record, escape_cell
from lauren_nb._errors import OptionError
from lauren_nb._prompt.interpolation import make_scope
from lauren_nb._prompt.tables import Records, is_frame, write_table

#: Failed rows that are listed under the table, and the characters of each; all of them, whole,
#: are in `errors`.
MAX_LISTED = 10
MAX_ERROR = 500


class MapResults(list[Any]):
    """One result an item, in their order; None where a row failed or did not run.

    Made by a `--map` cell over anything but a Series. `errors` has the message of each row that
    failed, by its number from 0.
    """

    errors: dict[int, str]


@dataclass(slots=True, kw_only=True)
class MapTable:
    """The rows of one cell: made anew by each run of it, with what the run before has left.

    `key` and `uses`, variables by name, are what the answers depend on beside the items."""

    source: Any
    items: list[Any]
    key: object
    uses: Mapping[str, Any] = field(default_factory=dict)
    results: dict[int, Any] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    output: Any = None
    kept: int = 0

    @property
    def open_rows(self) -> list[int]:
        return [row for row in range(len(self.items)) if row not in self.results]

    def take_over(self, before: MapTable, value: Any) -> None:
        """Keep the results of a run that did the same for the same items.

        `value` is what the variable holds now: where it is no longer what that run has left there,
        nothing is kept; a row that was set to None or NaN in it runs again. A variable that has
        got another value makes all run again; one that was changed in place is not noticed.
        """
        if value is not before.output or before.key != self.key:
            return
        if self.uses.keys() != before.uses.keys():
            return
        if not all(_is_same(self.uses[name], before.uses[name]) for name in self.uses):
            return
        left: list[Any] = list(value)
        for row in range(min(len(self.items), len(left))):
            if _is_same(self.items[row], before.items[row]) and not _is_missing(left[row]):
                self.results[row] = left[row]
        self.kept = len(self.results)

    def build_output(self, name: str) -> Any:
        """A Series with the source's index where that is one, else a MapResults."""
        values = [self.results.get(row) for row in range(len(self.items))]
        if _is_indexed(self.source):
            index = self.source.index
            made = type(self.source)(values, index=index, name=name, dtype=object)
            self.output = made.infer_objects()
            # By row where labels repeat: none may hide another's failure.
            labels = index if index.is_unique else range(len(index))
            self.output.attrs["errors"] = {labels[row]: text for row, text in self.errors.items()}
        else:
            self.output = MapResults(values)
            self.output.errors = dict(self.errors)
        return self.output

    def write(self, name: str) -> str:
        """Markdown: the items beside their results, then the rows that failed."""
        if not self.items:
            return "There are no items, so nothing ran."
        parts = [write_table(self._build_records(name), escape=escape_cell)]
        if self.kept:
            count = (
                "1 row keeps its result" if self.kept == 1 else f"{self.kept:,} rows keep theirs"
            )
            parts.append(f"{count} from the run before; `del {name}` makes all run again.")
        if self.errors:
            parts.append(f"**{len(self.errors):,} of {len(self.items):,} rows failed:**")
            rows = sorted(self.errors)[:MAX_LISTED]
            parts.append("\n".join(f"- {escape_cell(self._describe_error(r))}" for r in rows))
            if len(self.errors) > MAX_LISTED:
                parts.append(f"(and {len(self.errors) - MAX_LISTED:,} more)")
        return "\n\n".join(parts)

    def _describe_error(self, row: int) -> str:
        text = " ".join(f"{self._label(row)}: {self.errors[row]}".split())
        return text if len(text) <= MAX_ERROR else text[: MAX_ERROR - 1] + "…"

    def _build_records(self, name: str) -> Records:
        """Beside each item its result, or the fields of it where all results are records."""
        fields = {row: as_record(result) for row, result in self.results.items()}
        is_spread = bool(fields) and all(
            record is not None and "item" not in record for record in fields.values()
        )
        rows: list[Mapping[str, Any]] = []
        for row, item in enumerate(self.items):
            shown = fields.get(row) if is_spread else {name: _show(self.results.get(row))}
            rows.append({"": self._label(row), "item": _show(item), **(shown or {})})
        return Records.build(rows)

    def _label(self, row: int) -> Any:
        return self.source.index[row] if _is_indexed(self.source) else row


def find_items(expression: str, namespace: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    """What `--map` names, and its items. Raises OptionError."""
    try:
        source = eval(compile(expression, "<--map>", "eval"), make_scope(namespace))
    except Exception as exc:  # the user's own expression: whatever it raises is shown, and chained
        reason = exc.msg if isinstance(exc, SyntaxError) else f"{type(exc).__name__}: {exc}"
        raise OptionError(
            f"--map {expression}: {reason}. Name a list or a column: df.text, or in quotes: "
            "\"df['text']\"."
        ) from exc
    if is_frame(source):
        raise OptionError(f"--map {expression}: that is a whole DataFrame. Name one column of it.")
    is_list = isinstance(source, Iterable) and isinstance(source, Sized)
    if not is_list or isinstance(source, str | bytes | Mapping):
        raise OptionError(
            f"--map {expression}: that is {type(source).__name__}, no list and no column."
        )
    return source, list(source)


def _is_indexed(source: Any) -> bool:
    """A Series of pandas."""
    kind = type(source)
    return all(hasattr(kind, name) for name in ("iloc", "index", "to_frame", "infer_objects"))


def _is_missing(value: Any) -> bool:
    return value is None or _is_nan(value)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and value != value


def _is_same(first: Any, second: Any) -> bool:
    if first is second or (_is_nan(first) and _is_nan(second)):
        return True
    try:
        return type(first) is type(second) and bool(first == second)
    except (TypeError, ValueError):  # arrays have more than one answer, pandas' NA has none
        return False


def _show(value: Any) -> Any:
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str):
        return str(value)
    return "" if value is None else value
