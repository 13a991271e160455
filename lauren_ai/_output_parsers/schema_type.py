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

from pydantic import ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr
from typing_extensions import TypedDict  # below Python 3.12 pydantic reads only this one

_NUMBER_LIMITS = {
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
}
_STRING_LIMITS = {"minLength": "min_length", "maxLength": "max_length"}
_ARRAY_LIMITS = {"minItems": "min_length", "maxItems": "max_length"}

#: A simple type and the words that limit it.
_SIMPLE: dict[str, tuple[Any, dict[str, str]]] = {
    "string": (StrictStr, _STRING_LIMITS),
    "integer": (StrictInt, _NUMBER_LIMITS),
    "number": (StrictFloat, _NUMBER_LIMITS),
    "boolean": (StrictBool, {}),
    "null": (None, {}),
}


def build_type(schema: Mapping[str, Any]) -> Any:
    """A type for pydantic's TypeAdapter: dicts, lists and plain values. Raises ValueError on a
    $ref that leads nowhere. A schema that contains itself is checked down to where it does."""
    return _Builder(schema).build(schema)


class _Builder:
    """Made for one schema. Each of its definitions is built once, so no schema takes long."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._known: dict[str, Any] = {}

    def build(self, schema: Any) -> Any:
        if not isinstance(schema, Mapping):
            return Any
        if "$ref" in schema:
            return self._follow(schema["$ref"])
        if "const" in schema or "enum" in schema:
            return _build_choice(schema.get("enum", [schema.get("const")]))
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return _build_union([self.build(each) for each in schema[word]])
        kind = schema.get("type")
        if isinstance(kind, list):
            return _build_union([self.build({**schema, "type": each}) for each in kind])
        if kind == "object" or (kind is None and "properties" in schema):
            return self._build_object(schema)
        if kind == "array":
            items = self.build(schema.get("items"))
            return _limit(list[items], schema, _ARRAY_LIMITS)  # type: ignore[valid-type]
        simple, words = _SIMPLE.get(str(kind), (Any, {}))
        return _limit(simple, schema, words)

    def _follow(self, ref: str) -> Any:
        """What a local reference ("#/$defs/Name") points at; anything, while that is built."""
        if ref not in self._known:
            steps = [part.replace("~1", "/").replace("~0", "~") for part in ref.split("/")[1:]]
            try:
                if not ref.startswith("#"):
                    raise KeyError(ref)
                target = reduce(operator.getitem, steps, self._root)
            except (KeyError, TypeError) as exc:
                raise ValueError(f"The schema refers to {ref!r}, which it does not hold.") from exc
            self._known[ref] = Any
            self._known[ref] = self.build(target)
        return self._known[ref]

    def _build_object(self, schema: Mapping[str, Any]) -> Any:
        properties = schema.get("properties") or {}
        rest = schema.get("additionalProperties", True)
        if not properties:
            return dict[str, self.build(rest)]  # type: ignore[misc]
        required = schema.get("required") or ()
        fields = {}
        for name, inner in properties.items():
            built = self.build(inner)
            fields[name] = built if name in required else NotRequired[built]
        make: Any = TypedDict  # type checkers know it only as a class statement
        built_type = make(str(schema.get("title", "Answer")), fields)
        built_type.__pydantic_config__ = ConfigDict(extra="forbid" if rest is False else "allow")
        return built_type


def _limit(kind: Any, schema: Mapping[str, Any], words: Mapping[str, str]) -> Any:
    limits = {name: schema[word] for word, name in words.items() if word in schema}
    return Annotated[kind, Field(**limits)] if limits else kind


def _build_choice(values: Any) -> Any:
    plain = all(v is None or isinstance(v, str | int) for v in values)
    return Literal[tuple(values)] if plain and values else Any


def _build_union(types: list[Any]) -> Any:
    return Union[tuple(types)] if types else Any  # noqa: UP007 - `|` refuses some of these
