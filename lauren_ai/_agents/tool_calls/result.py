"""Turns what a tool returned, or why it did not run, into what the model reads. It runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from lauren_ai._agents.images import ToContent, find_figure, to_image
from lauren_ai._agents.types import ToolResult, ToolStatus
from lauren_ai._approval.call import ApprovalDecision, FrozenCall
from lauren_ai._exceptions import ToolExecutionError
from lauren_ai._json import replace_surrogates
from lauren_ai._types import ContentBlock

_DENIED: ToolStatus = "denied"
_CANCELLED: ToolStatus = "cancelled"
MAX_ITEMS = 10_000
#: Of a list that may hold images: no provider takes more of them in a request.
MAX_PARTS = 100


def build_content(
    name: str, value: Any, *, to_content: ToContent | None = None
) -> str | list[ContentBlock]:
    """Text as it is, content blocks as they are, images and figures as blocks, arrays and tables
    as they print themselves, anything else as JSON. A list may mix them.

    `to_content` is asked before, for all but text and blocks. Raises ToolExecutionError for what
    JSON cannot hold, and what a value raises that shows itself."""
    if isinstance(value, Iterator):
        value = _read_bounded(name, value)
    if isinstance(value, list | tuple):
        if (mixed := _build_mixed(name, value, to_content)) is not None:
            return mixed
    else:
        value = _as_part(value, to_content)
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, ContentBlock):
        return [value]
    from pydantic_core import PydanticSerializationError, to_json

    try:
        simple = value if not _is_array(value) else _simplify(value)
        return simple if isinstance(simple, str) else to_json(simple, fallback=_simplify).decode()
    except (PydanticSerializationError, ValueError, RecursionError) as exc:
        why = str(exc).removeprefix("Error serializing to JSON: ")
        raise ToolExecutionError(
            f"The tool {name!r} returned a {type(value).__name__}, which is not JSON ({why}). "
            "Return text, or data that JSON can hold."
        ) from exc


def _as_part(value: Any, to_content: ToContent | None) -> Any:
    """The value as text or as a block, where it is more than data."""
    if isinstance(value, str | ContentBlock):
        return value
    made = None if to_content is None else to_content(value)
    return made or to_image(value) or value


def _drop_repeated(values: Sequence[Any]) -> Iterator[Any]:
    """Without axes of a figure that stands there as well: both are one picture."""
    figures: list[Any] = []
    for value in values:
        figure = find_figure(value)
        if figure is not None and any(figure is known for known in figures):
            continue
        figures.append(figure)
        yield value


def _build_mixed(
    name: str, values: Sequence[Any], to_content: ToContent | None
) -> str | list[ContentBlock] | None:
    """The content of a list that holds more than data; None for data."""
    if len(values) > MAX_PARTS:
        return None
    values = list(_drop_repeated(values))
    parts = [_as_part(value, to_content) for value in values]
    if not any(
        isinstance(part, ContentBlock) or part is not v
        for part, v in zip(parts, values, strict=True)
    ):
        return None
    contents = [build_content(name, part) for part in parts]
    if all(isinstance(content, str) for content in contents):
        return "\n\n".join(map(str, contents))
    texts = (ContentBlock.text_block(c) if isinstance(c, str) else c for c in contents if c)
    return [b for t in texts for b in (t if isinstance(t, list) else [t])]


def _read_bounded(name: str, values: Iterator[Any]) -> list[Any]:
    """An iterator may have no end."""
    items = list(islice(values, MAX_ITEMS + 1))
    if len(items) > MAX_ITEMS:
        raise ToolExecutionError(
            f"The tool {name!r} returned an iterator of over {MAX_ITEMS:,} items. Return a list."
        )
    return items


def _is_array(value: object) -> bool:
    """Of numpy, pandas, polars, torch, …: what numpy can read."""
    return hasattr(type(value), "__array__")


def _simplify(value: Any) -> Any:
    """A single number as Python's, an array or a table as it prints itself: shortened."""
    if not _is_array(value):
        raise TypeError(f"no JSON for {type(value).__name__}")
    if getattr(value, "ndim", None) == 0:
        return value.item()
    return replace_surrogates(str(value))


def build_result(
    call: FrozenCall,
    content: str | list[ContentBlock],
    *,
    status: ToolStatus,
    decision: ApprovalDecision | None = None,
    duration_ms: float | None = None,
) -> ToolResult:
    """The result of a call; where a person edited it, the model is told what really ran."""
    ran, original = call, None
    if decision is not None and decision.is_edited:
        ran, original = decision.call, call.input
        note = f"[Before approving, the user changed the arguments to {ran.canonical}]"
        if isinstance(content, str):
            content = f"{note}\n{content}"
        else:
            content = [ContentBlock.text_block(note), *content]
    return ToolResult(
        tool_use_id=call.tool_use_id,
        name=call.name,
        content=content,
        status=status,
        input=ran.input,
        original_input=original,
        decision=decision,
        duration_ms=duration_ms,
    )


def build_denial(call: FrozenCall, decision: ApprovalDecision) -> ToolResult:
    """A refused call; the model reads the reason word for word, once."""
    who, status = decision.decided_by, _DENIED
    if who == "cancelled":
        text, status = "The run was stopped before this call was approved.", _CANCELLED
    elif who == "timeout":
        text = "This call needed approval and got none, so it was not run."
    elif who == "policy":
        text = "The approval policy denied this call, so it was not run."
    else:
        text = "The user denied this call, so it was not run."
    if decision.reason:
        text += f" Reason: {replace_surrogates(decision.reason)}"
    return build_result(call, text, status=status, decision=decision)


def describe_error(error: BaseException) -> str:
    """An exception as the model reads it: its type and message, no traceback."""
    if isinstance(error, ToolExecutionError):
        return str(error)
    text = replace_surrogates(str(error))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
