"""Reads the arguments of a tool call: strict JSON or a reason to refuse. It runs no tool."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from lauren_ai._json import MalformedJSONError, check_depth


class ToolInputError(ValueError):
    """The text is not one strict JSON object. Its message is written for the model."""


def parse_tool_input(text: str) -> dict[str, Any]:
    """The JSON object in `text`; an empty text is an empty object (a tool without parameters).

    Raises ToolInputError for anything that two readers could understand differently: duplicate
    keys, NaN, Infinity and numbers out of range, trailing text, lone surrogates, deep nesting.
    """
    if not text.strip():
        return {}
    try:
        check_depth(text.encode())  # raises on lone surrogates too
        value = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_no_constant)
        # What cannot be written again would break every later request of the conversation.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except ToolInputError:
        raise
    except UnicodeEncodeError as exc:
        raise ToolInputError("The arguments hold a lone surrogate, which is not text.") from exc
    except (MalformedJSONError, RecursionError) as exc:
        raise ToolInputError("The arguments are nested too deeply to read.") from exc
    except ValueError as exc:
        raise ToolInputError(f"The arguments are not valid JSON: {exc}.") from exc
    if not isinstance(value, dict):
        raise ToolInputError(f"The arguments must be a JSON object, not {_json_type(value)}.")
    return value


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise ToolInputError("The arguments name a key twice; write each key once.")
    return result


def _no_constant(name: str) -> NoReturn:
    raise ToolInputError(f"The arguments hold {name}, which is not JSON.")


def _json_type(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, list):
        return "an array"
    return "a string" if isinstance(value, str) else "a number"
