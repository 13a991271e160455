"""Turns what a tool returned, or why it did not run, into what the model reads. It runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from lauren_ai._agents.types import ToolResult, ToolStatus
from lauren_ai._approval.call import ApprovalDecision, FrozenCall
from lauren_ai._exceptions import ToolExecutionError
from lauren_ai._json import replace_surrogates
from lauren_ai._types import ContentBlock

_DENIED: ToolStatus = "denied"
_CANCELLED: ToolStatus = "cancelled"
MAX_ITEMS = 10_000


def build_content(name: str, value: Any) -> str | list[ContentBlock]:
    """Text as it is, content blocks (text may stand between them) as they are, arrays and tables
    as they print themselves, anything else as JSON.

    Raises ToolExecutionError for what JSON cannot hold."""
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, ContentBlock):
        return [value]
    if isinstance(value, list | tuple) and _is_mixed(value):
        return [_as_block(v) for v in value]
    if isinstance(value, Iterator):
        value = _read_bounded(name, value)
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


def _is_mixed(values: Sequence[Any]) -> bool:
    return any(isinstance(v, ContentBlock) for v in values) and all(
        isinstance(v, str | ContentBlock) for v in values
    )


def _as_block(part: str | ContentBlock) -> ContentBlock:
    if isinstance(part, ContentBlock):
        return part
    return ContentBlock.text_block(replace_surrogates(part))


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
