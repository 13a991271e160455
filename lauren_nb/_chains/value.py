"""How the value of a step shows: records as a table, data as JSON, text as it is.

It owns the form only; `-o` gets the value itself. Nothing here is neutralised: the resting output
and the page do that with all text, and data is escaped so that it shows to the letter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

from lauren_nb._options.parse import Format
from lauren_nb._prompt.content import cut
from lauren_nb._prompt.tables import Records, is_frame, is_series, write_table

#: Items of a list that show one a line; a longer one is cut, and says so.
MAX_ITEMS = 200
#: What begins something in Markdown: marks anywhere, at the start also of headings, lists, rules.
_MARK = re.compile(r"[\\`*_\[\]<>|~$&!]|^[#+=:-]|(?:(?<=^\d)|(?<=^\d\d)|(?<=^\d{3}))[.)](?=\s|$)")


def write_value(value: Any) -> tuple[str, Format]:
    """The text that shows `value`, and the format of that text.

    A list of records, a DataFrame or a Series is a Markdown table, a list of texts a Markdown
    list, other data JSON, an object of no such kind its str. All are cut to a stated size.
    """
    if isinstance(value, str):
        return value, "text"
    if is_series(value):
        value = value.to_frame()
    if is_frame(value):
        return write_table(value, escape=escape_cell), "markdown"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray) and value:
        records = [record for item in value if (record := as_record(item)) is not None]
        if len(records) == len(value):
            return write_table(Records.build(records), escape=escape_cell), "markdown"
        if all(isinstance(item, str) for item in value):
            return _write_list(value), "markdown"
    try:
        text = json.dumps(to_plain(value), indent=2, ensure_ascii=False, allow_nan=False)
        return cut(text), "json"
    except (TypeError, ValueError, RecursionError):
        return cut(str(value)), "text"


def as_record(value: Any) -> Mapping[str, Any] | None:
    """The fields of a mapping, a pydantic model or a dataclass; None for anything else."""
    fields = value if isinstance(value, Mapping) else _get_fields(value) or {}
    return {str(key): _flatten(field) for key, field in fields.items()} or None


def to_plain(value: Any) -> Any:
    """`value` with models and dataclasses as dicts, for `json.dumps`."""
    fields = _get_fields(value)
    if fields is not None:
        value = fields
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [to_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    for method in ("tolist", "isoformat"):
        if callable(getattr(type(value), method, None)):
            return getattr(value, method)()
    raise TypeError(f"{type(value).__name__} has no JSON")


def escape_cell(text: str) -> str:
    """`text` as Markdown that shows it to the letter, in a cell of a table or in a line.

    Entities, as backslashes before brackets are formulas in notebooks; `html.unescape` is the
    way back.
    """
    return _MARK.sub(lambda match: f"&#{ord(match[0])};", text)


def _get_fields(value: Any) -> dict[str, Any] | None:
    if hasattr(type(value), "model_dump") and hasattr(type(value), "model_fields"):
        dumped: dict[str, Any] = value.model_dump(mode="json")
        return dumped
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return None


def _flatten(field: Any) -> Any:
    """A field as a cell of a table has it."""
    if field is None:
        return ""
    if not isinstance(field, Mapping | list | tuple):
        return field
    try:
        return json.dumps(to_plain(field), ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return str(field)


def _write_list(items: Sequence[str]) -> str:
    lines = [f"- {escape_cell(' '.join(item.split()))}" for item in items[:MAX_ITEMS]]
    if len(items) > MAX_ITEMS:
        lines.append(f"\n({len(items):,} items; shown: the first {MAX_ITEMS:,})")
    return cut("\n".join(lines))
