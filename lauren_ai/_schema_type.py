"""Builds the type that a JSON schema describes, for pydantic to check. It fetches no schema.

It reads what tool schemas use: type, properties, required, additionalProperties, items, enum,
const, anyOf, oneOf, local $ref, and the limits of numbers, strings and arrays. Other words are
for the model to read; they check nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from functools import reduce
from typing import Annotated, Any, Literal, NotRequired, Union

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict  # below Python 3.12 pydantic reads only this one

_SIMPLE: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "null": None,
}
_LIMITS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "minItems": "min_length",
    "maxItems": "max_length",
}
MAX_DEPTH = 50


def build_type(schema: Any, root: Any = None, *, depth: int = 0) -> Any:
    """A type for pydantic's TypeAdapter: dicts, lists and plain values. Raises ValueError on a
    $ref that leads nowhere. A schema that contains itself is checked 50 levels deep."""
    root = schema if root is None else root
    if depth > MAX_DEPTH or not isinstance(schema, Mapping):
        return Any
    if "$ref" in schema:
        return build_type(_resolve(schema["$ref"], root), root, depth=depth + 1)
    if "const" in schema or "enum" in schema:
        return _build_choice(schema.get("enum", [schema.get("const")]))
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return _union([build_type(s, root, depth=depth + 1) for s in schema[word]])
    kind = schema.get("type")
    if isinstance(kind, list):
        kinds = [{**schema, "type": each} for each in kind]
        return _union([build_type(s, root, depth=depth + 1) for s in kinds])
    if kind == "object" or "properties" in schema:
        return _build_object(schema, root, depth)
    found: Any = _SIMPLE.get(str(kind), Any)
    if kind == "array":
        found = list[build_type(schema.get("items"), root, depth=depth + 1)]  # type: ignore[misc]
    limits = {name: schema[word] for word, name in _LIMITS.items() if word in schema}
    return Annotated[found, Field(strict=True, **limits)] if found is not Any else Any


def _build_choice(values: Any) -> Any:
    plain = all(v is None or isinstance(v, str | int) for v in values)
    return Literal[tuple(values)] if plain and values else Any


def _build_object(schema: Mapping[str, Any], root: Any, depth: int) -> Any:
    properties = schema.get("properties") or {}
    rest = schema.get("additionalProperties", True)
    if not properties:
        return dict[str, build_type(rest, root, depth=depth + 1)]  # type: ignore[misc]
    required = schema.get("required") or ()
    fields = {}
    for name, inner in properties.items():
        built = build_type(inner, root, depth=depth + 1)
        fields[name] = built if name in required else NotRequired[built]
    make: Any = TypedDict  # type checkers know it only as a class statement
    built_type = make(str(schema.get("title", "Answer")), fields)
    built_type.__pydantic_config__ = ConfigDict(extra="forbid" if rest is False else "allow")
    return built_type


def _union(types: list[Any]) -> Any:
    return Union[tuple(types)] if types else Any  # noqa: UP007 - `|` refuses some of these


def _resolve(ref: str, root: Any) -> Any:
    """What a local reference ("#/$defs/Name") points at."""
    steps = [part.replace("~1", "/").replace("~0", "~") for part in ref.split("/")[1:]]
    try:
        if not ref.startswith("#"):
            raise KeyError(ref)
        return reduce(operator.getitem, steps, root)
    except (KeyError, TypeError) as exc:
        raise ValueError(f"The schema refers to {ref!r}, which it does not hold.") from exc
