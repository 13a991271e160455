"""Where a JSON schema is not one that constrained decoding takes.

It owns the walk; the messages are the providers'. Objects close themselves (both), name every
property as required (OpenAI), and use no keyword that the grammar can't hold (Anthropic).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Path = tuple[str, ...]


def iter_schemas(schema: Any, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield `schema` and each schema within it, with the keys that lead there."""
    if not isinstance(schema, Mapping):
        return
    yield path, schema
    for key in ("properties", "$defs", "definitions"):
        for name, value in (schema.get(key) or {}).items():
            yield from iter_schemas(value, (*path, key, name))
    for key in ("items", "additionalProperties", "not"):
        yield from iter_schemas(schema.get(key), (*path, key))
    for key in ("anyOf", "allOf", "oneOf", "prefixItems"):
        for i, value in enumerate(schema.get(key) or ()):
            yield from iter_schemas(value, (*path, key, str(i)))


def openai_strict_fault(schema: Any) -> str | None:
    """Return what OpenAI says of a schema that is not strict, None of one that is.

    https://platform.openai.com/docs/guides/structured-outputs (supported schemas); the words are
    those of its errors, as in openai/openai-python issues 1659 and 2004.
    """
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        kind = schema.get("type") if isinstance(schema, Mapping) else None
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
    for path, part in iter_schemas(schema):
        where = f"In context={path!r}, "
        if "oneOf" in part:
            return f"{where}'oneOf' is not permitted."
        if "allOf" in part:
            return f"{where}'allOf' is not permitted."
        if "$ref" in part and set(part) - {"$ref"}:
            return f"{where}$ref cannot have keywords {set(part) - {'$ref'}!r}."
        if part.get("type") == "array" and "items" not in part:
            return f"{where}array schema missing items."
        if part.get("type") == "object" or "properties" in part:
            if part.get("additionalProperties") is not False:
                return f"{where}'additionalProperties' is required to be supplied and to be false."
            missing = [
                n for n in part.get("properties") or {} if n not in (part.get("required") or ())
            ]
            if missing:
                return (
                    f"{where}'required' is required to be supplied and to be an array including "
                    f"every key in properties. Missing '{missing[0]}'."
                )
    return None


# https://platform.claude.com/docs/en/build-with-claude/structured-outputs (JSON Schema limitations)
_ANTHROPIC_REFUSED = {
    "integer": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
    "number": ("minimum", "maximum", "multipleOf", "exclusiveMinimum", "exclusiveMaximum"),
    "string": ("minLength", "maxLength"),
    "array": ("maxItems", "uniqueItems"),
}


def anthropic_strict_fault(schema: Any) -> str | None:
    """Return what Anthropic says of a schema that its grammars don't take, None of one they do.

    The words are those of its errors: vercel/ai issue 13355, pydantic-ai issue 4062.
    """
    for _, part in iter_schemas(schema):
        kind = part.get("type")
        if kind == "object" and part.get("additionalProperties") is not False:
            return "For 'object' type, 'additionalProperties' must be explicitly set to false"
        found = [key for key in _ANTHROPIC_REFUSED.get(str(kind), ()) if key in part]
        if found:
            return f"For '{kind}' type, properties {', '.join(found)} are not supported"
        if kind == "array" and part.get("minItems", 0) not in (0, 1):
            return "For 'array' type, 'minItems' values other than 0 or 1 are not supported"
    return None
