"""Rewrites a JSON schema for Anthropic's structured answers, which take a part of the language.

Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs (JSON Schema
limitations). Limits that are dropped here are checked when the answer is read. It sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

_KEPT = frozenset("type description title enum const default required".split())
_FORMATS = frozenset("date-time time date duration email hostname uri ipv4 ipv6 uuid".split())
#: Left out: they narrow, or explain, what is asked for.
_DROPPED = frozenset(
    """minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern
    maxItems uniqueItems minProperties maxProperties examples discriminator deprecated readOnly
    writeOnly contentEncoding contentMediaType $schema $id $comment""".split()
)
_DEFINITIONS = "#/$defs/"
_DEPTH = 50


class _NoGrammarError(Exception):
    """The schema says what a grammar cannot."""


def build_grammar(schema: Mapping[str, Any]) -> Json | None:
    """The schema as structured answers take it; None where they cannot have its form (free keys,
    any value, a type inside itself). The caller's schema is not changed."""
    try:
        _check_references(schema)
        return _rewrite(schema, 0)
    except (_NoGrammarError, TypeError, AttributeError):  # the others: it is no schema at all
        return None


def _rewrite(schema: Any, depth: int) -> Json:
    if not isinstance(schema, Mapping) or depth > _DEPTH:
        raise _NoGrammarError
    built: Json = {}
    for key, value in schema.items():
        if key in _KEPT or key == "$ref":
            built[key] = value
        elif key in ("$defs", "properties"):
            built[key] = {name: _rewrite(inner, depth + 1) for name, inner in value.items()}
        elif key in ("anyOf", "oneOf"):
            built["anyOf"] = [_rewrite(inner, depth + 1) for inner in value]
        elif key == "allOf":
            built["allOf"] = [_rewrite(inner, depth + 1) for inner in value]
        elif key == "items":
            built[key] = _rewrite(value, depth + 1)
        elif key == "format":
            built |= {key: value} if value in _FORMATS else {}
        elif key == "minItems":
            built |= {key: value} if value in (0, 1) else {}
        elif key not in _DROPPED and not (key == "additionalProperties" and value is False):
            raise _NoGrammarError
    kind = built.get("type")
    if kind == "object" or "properties" in built:
        if "properties" not in built:  # any keys at all
            raise _NoGrammarError
        built["additionalProperties"] = False
    if not built.keys() & {"type", "anyOf", "allOf", "enum", "const", "$ref"}:
        raise _NoGrammarError  # any value at all
    return built


def _check_references(schema: Mapping[str, Any]) -> None:
    """Raises for a reference that leads out of the schema, or into itself: no grammar ends."""
    definitions = schema.get("$defs") or {}
    after = {name: set(_iter_references(inner)) for name, inner in definitions.items()}
    open_ = list(_iter_references({k: v for k, v in schema.items() if k != "$defs"}))
    reached: set[str] = set(open_)
    while open_:
        for name in after.get(open_.pop(), ()):
            if name not in reached:
                reached.add(name)
                open_.append(name)
    if not reached <= definitions.keys():
        raise _NoGrammarError
    while leaves := [name for name, names in after.items() if not names & after.keys()]:
        for name in leaves:
            del after[name]
    if reached & after.keys():
        raise _NoGrammarError


def _iter_references(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        found = [name for inner in value.values() for name in _iter_references(inner)]
        if isinstance(ref := value.get("$ref"), str):
            found.append(ref.removeprefix(_DEFINITIONS))
        return found
    if isinstance(value, list):
        return [name for inner in value for name in _iter_references(inner)]
    return []
