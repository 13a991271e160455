"""Rewrites a JSON schema for OpenAI's strict answers, which take a part of the language only.

Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas. A field that
may be left out is asked for: its default would be refused ("'default' is not permitted",
https://github.com/567-labs/instructor/issues/1074). Limits that are dropped here are checked when
the answer is read. It sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

#: Kept as they are.
_KEPT = frozenset(
    """type description title enum const pattern minimum maximum exclusiveMinimum exclusiveMaximum
    multipleOf minItems maxItems""".split()
)
_FORMATS = frozenset("date-time time date duration email hostname ipv4 ipv6 uuid".split())
#: Left out: they narrow, or explain, what is asked for.
_DROPPED = frozenset(
    """default examples minLength maxLength uniqueItems discriminator deprecated readOnly writeOnly
    contentEncoding contentMediaType $schema $id $comment""".split()
)
_DEPTH = 50


class _NotStrictError(Exception):
    """The schema says what a strict one cannot."""


def build_strict(schema: Mapping[str, Any]) -> Json | None:
    """The schema as strict answers take it; None where they cannot have its form (free keys, any
    value, conditions). The caller's schema is not changed."""
    try:
        root = _rewrite(_inline_root(schema), 0)
    except (_NotStrictError, TypeError, AttributeError):  # the others: it is no schema at all
        return None
    return root if root.get("type") == "object" else None


def _inline_root(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A root that refers to a definition of its own, as of recursive models: it must be an
    object itself."""
    name = _get_definition(schema.get("$ref"))
    definitions = schema.get("$defs")
    if name is None or not isinstance(definitions, Mapping):
        return schema
    found = definitions.get(name)
    return {**found, "$defs": definitions} if isinstance(found, Mapping) else schema


def _get_definition(ref: object) -> str | None:
    head = "#/$defs/"
    return ref.removeprefix(head) if isinstance(ref, str) and ref.startswith(head) else None


def _rewrite(schema: Any, depth: int) -> Json:
    if not isinstance(schema, Mapping) or depth > _DEPTH:
        raise _NotStrictError
    if "$ref" in schema:  # takes no word beside it
        if _get_definition(schema["$ref"]) is None:
            raise _NotStrictError
        return {"$ref": schema["$ref"]}
    built: Json = {}
    for key, value in schema.items():
        if key in _KEPT:
            built[key] = value
        elif key in ("$defs", "properties"):
            built[key] = {name: _rewrite(inner, depth + 1) for name, inner in value.items()}
        elif key in ("anyOf", "oneOf"):
            built["anyOf"] = [_rewrite(inner, depth + 1) for inner in value]
        elif key == "allOf" and len(value) == 1:  # how some write a reference with a description
            built |= _rewrite(value[0], depth + 1)
        elif key == "items":
            built[key] = _rewrite(value, depth + 1)
        elif key == "format":
            built |= {key: value} if value in _FORMATS else {}
        elif key == "additionalProperties" and value is False:
            built[key] = False
        elif key not in _DROPPED and key != "required":
            raise _NotStrictError
    return _complete(built)


def _complete(built: Json) -> Json:
    """With all fields of an object required. Raises where any value at all would do."""
    if "$ref" in built:
        return {"$ref": built["$ref"]}
    kind = built.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if "object" in kinds:
        if "properties" not in built:
            raise _NotStrictError
        built["required"] = list(built["properties"])
        built["additionalProperties"] = False
    if ("array" in kinds and "items" not in built) or not built.keys() & _TYPED:
        raise _NotStrictError
    return built


_TYPED = frozenset({"type", "anyOf", "enum", "const"})
