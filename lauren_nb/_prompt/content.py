"""How a Python value reads in a prompt: text, table, JSON or image, within stated sizes.

It imports none of pandas, polars, numpy, matplotlib or PIL; it knows their values by what they
can do. `tables.py` writes tables, `images.py` makes image blocks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from lauren_ai import ContentBlock, Message
from lauren_nb._cuts import cut_middle
from lauren_nb._prompt.images import to_image_block
from lauren_nb._prompt.tables import is_frame, is_series, write_table

#: Characters of any value but a str and a table; what is longer is cut, and says so.
MAX_CHARACTERS = 20_000


def to_content(value: Any) -> str | ContentBlock:
    """`value` as a prompt has it.

    A str and a ContentBlock stay as they are, whole. A DataFrame or Series becomes a Markdown
    table with its shape, a figure or picture an image block, a dict, list or tuple JSON where it
    can be, an array its text with shape and dtype, anything else its `str()`.
    """
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, ContentBlock):
        return value
    if (rich := to_rich_content(value)) is not None:
        return rich
    if isinstance(value, dict | list | tuple):
        return cut(_write_json(value))
    if _is_array(value):
        return f"{cut(str(value))}\n(shape {tuple(value.shape)}, dtype {value.dtype})"
    return cut(str(value))


def to_rich_content(value: Any) -> str | ContentBlock | None:
    """A DataFrame or Series as a Markdown table, a figure or picture as an image block; None for
    anything else."""
    image = to_image_block(value)
    if image is not None:
        return image
    if is_series(value):
        return write_table(value.to_frame())
    return write_table(value) if is_frame(value) else None


def to_message(parts: Sequence[str | ContentBlock]) -> Message:
    """The user's message of these parts: one text where they are all text."""
    texts = [part for part in parts if isinstance(part, str)]
    if len(texts) == len(parts):
        return Message.user("".join(texts))
    return Message.from_multimodal("user", parts)


def cut(text: str) -> str:
    """`text` within MAX_CHARACTERS."""
    return cut_middle(text, MAX_CHARACTERS)


def _is_array(value: Any) -> bool:
    """An array of numpy, torch, jax and the like; not a lone number."""
    kind = type(value)
    return all(hasattr(kind, name) for name in ("shape", "dtype", "ndim")) and value.ndim > 0


def _write_json(value: dict[Any, Any] | list[Any] | tuple[Any, ...]) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=_to_json)
    except (TypeError, ValueError, RecursionError):
        return str(value)


def _to_json(value: Any) -> Any:
    """Numbers and arrays of numpy, dates and times; json asks for what it does not know."""
    for method in ("tolist", "isoformat"):
        if callable(getattr(type(value), method, None)):
            return getattr(value, method)()
    raise TypeError(f"{type(value).__name__} has no JSON")
