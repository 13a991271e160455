"""Reads the JSON that providers send, whatever it holds, and the strict JSON that a model wrote.

It knows no provider's shapes and runs no tool. What it gives can always be written again: no lone
surrogates, no NaN, no bottomless nesting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any, NoReturn

import msgspec

#: Levels of brackets. A real tool call has a dozen; readers and writers fail from about 1,000.
MAX_DEPTH = 100
#: A text that is not closed goes to the end: it is read once, not once more for each quote in it.
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+\\?+(?:"|\Z)|[\[\]{}]', re.DOTALL)


class MalformedJSONError(ValueError):
    """What was read is not JSON that can be kept. Its message says why, to follow a colon."""


def decode_json(data: bytes) -> Any:
    """The value of `data`. Invalid UTF-8 and lone surrogates become U+FFFD, NaN and numbers out
    of range None: servers send them in fields that matter little. Raises MalformedJSONError."""
    check_depth(data)
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError):
        pass
    try:
        value = json.loads(
            data.decode("utf-8", "replace"),
            parse_constant=lambda _: None,
            parse_float=lambda text: number if isfinite(number := float(text)) else None,
        )
    except (ValueError, RecursionError) as exc:
        raise MalformedJSONError(str(exc)) from exc
    return json.loads(replace_surrogates(json.dumps(value, ensure_ascii=False)))


def check_depth(data: bytes) -> None:
    """Raises MalformedJSONError over MAX_DEPTH levels of nesting."""
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for match in _BRACKETS.finditer(data):
        bracket = match[0]
        if bracket in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise MalformedJSONError(f"nested over {MAX_DEPTH} levels deep")
        elif bracket in b"]}":
            depth -= 1


def read_count(value: object) -> int | None:
    """A number of tokens, never negative; None for what is no whole number. Some proxies write
    counts as 5.0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else None


def encode_json(value: Any) -> str:
    """Compact JSON text. Unlike msgspec's, integers may be of any size."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def overlay(under: object, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Both as one object, deep, in which `extra` rules; None in it stays None."""
    merged = dict(under) if isinstance(under, Mapping) else {}
    for key, value in extra.items():
        is_object = isinstance(value, Mapping)
        merged[key] = overlay(merged.get(key), value) if is_object else value
    return merged


def replace_surrogates(text: str) -> str:
    """`text` that any encoding can write: surrogate pairs are joined, lone ones U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def parse_strict(text: str, *, unique_keys: bool = False) -> Any:
    """The one JSON value in `text`, if it can be written again: what cannot would break every
    later request of a conversation.

    Raises MalformedJSONError on what is not JSON, NaN, Infinity and numbers out of range, trailing
    text, lone surrogates, deep nesting, and with `unique_keys` on a key that comes twice.
    """
    pairs_hook = _read_unique if unique_keys else None
    try:
        check_depth(text.encode())  # raises on lone surrogates too
        value = json.loads(text, object_pairs_hook=pairs_hook, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except MalformedJSONError:
        raise
    except UnicodeEncodeError as exc:
        raise MalformedJSONError("a lone surrogate is not text") from exc
    except (ValueError, RecursionError) as exc:
        raise MalformedJSONError(str(exc)) from exc
    return value


def _read_unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise MalformedJSONError("a key comes twice, write each key once")
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedJSONError(f"{name} is not JSON")


class ToolInputError(ValueError):
    """The text is not one strict JSON object. Its message is written for the model."""


def parse_tool_input(text: str) -> dict[str, Any]:
    """The JSON object in `text`; an empty text is an empty object (a tool without parameters).

    Raises ToolInputError for anything that two readers could understand differently.
    """
    if not text.strip():
        return {}
    try:
        value = parse_strict(text, unique_keys=True)
    except MalformedJSONError as exc:
        raise ToolInputError(f"The arguments are not valid JSON: {exc}.") from exc
    if not isinstance(value, dict):
        raise ToolInputError(f"The arguments must be a JSON object, not {_json_type(value)}.")
    return value


def _json_type(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, list):
        return "an array"
    return "a string" if isinstance(value, str) else "a number"
