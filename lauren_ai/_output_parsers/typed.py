"""Checks a model's data against a type: the value that it is, or why it does not fit.

It owns the type's JSON schema too; it reads no text and asks no model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from lauren_ai._exceptions import AgentConfigError, OutputParserError
from lauren_ai._output_parsers.text import load_json

T = TypeVar("T")

#: Pydantic's errors where an object or a list was wanted. Models write such as a JSON string
#: (https://github.com/pydantic/pydantic-ai/issues/5259).
_WANTS_MORE = frozenset(
    """dict_type mapping_type list_type tuple_type set_type frozen_set_type iterable_type model_type
    model_attributes_type dataclass_type typed_dict_type named_tuple_type""".split()
)
_MAX_STRINGS = 20


class TypeCheck(Generic[T]):
    """Made once for a pydantic model, any type that pydantic validates, or a JSON schema (then
    the value is plain data). `schema` describes it.

    Raises AgentConfigError for a type that has no JSON schema, ValueError for a schema that refers
    to what it does not hold."""

    def __init__(self, model: type[T] | Mapping[str, Any]) -> None:
        from pydantic import TypeAdapter
        from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError

        from lauren_ai._output_parsers.schema_type import build_type

        self.model = model
        checked: Any = build_type(model) if isinstance(model, Mapping) else model
        try:
            self._adapter: TypeAdapter[Any] = TypeAdapter(checked)
            self.schema: dict[str, Any] = (
                dict(model) if isinstance(model, Mapping) else self._adapter.json_schema()
            )
        except (PydanticUserError, PydanticUndefinedAnnotation) as exc:
            raise AgentConfigError(
                f"{_get_name(model)} cannot be the form of an answer: {exc.message}"
            ) from exc

    def read(self, value: Any, *, text: str) -> T:
        """What `value`, plain data, is. Raises OutputParserError with the model's `text`."""
        from pydantic import ValidationError

        for _ in range(_MAX_STRINGS):
            try:
                # As JSON, not as Python: only then may a date be written as a string.
                result: T = self._adapter.validate_json(json.dumps(value))
                return result
            except ValidationError as exc:
                error, found = exc, list(exc.errors(include_url=False, include_context=False))
            value, has_changed = _open_strings(value, found)
            if not has_changed:
                break
        raise OutputParserError(describe_mismatch(self.model, error), text=text) from error


def _open_strings(value: Any, errors: list[Any]) -> tuple[Any, bool]:
    """A copy in which the strings that should have been an object or a list are what they hold;
    whether there were any."""
    root = {"": json.loads(json.dumps(value))}
    has_changed = False
    for error in errors:
        if error["type"] not in _WANTS_MORE or not isinstance(error["input"], str):
            continue
        holder, key = _find_place(root, error["loc"])
        try:
            inner = load_json(holder[key]) if isinstance(holder[key], str) else None
        except ValueError:
            continue
        if isinstance(inner, str | dict | list):  # a string: one that was quoted twice
            holder[key] = inner
            has_changed = True
    return root[""], has_changed


def _find_place(root: dict[str, Any], loc: tuple[int | str, ...]) -> tuple[Any, Any]:
    """The object or list and the key in it that an error is of. Its path names branches of unions
    as well, which are no keys."""
    holder: Any = root
    key: Any = ""
    for step in loc:
        current = holder[key]
        is_key = isinstance(current, dict) and step in current
        is_index = isinstance(current, list) and isinstance(step, int) and step < len(current)
        if is_key or is_index:
            holder, key = current, step
    return holder, key


def describe_mismatch(model: Any, error: Any) -> str:
    """A pydantic ValidationError as one sentence, without the URLs of its documentation."""
    found = "; ".join(
        f"{'.'.join(map(str, item['loc'])) or 'value'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False)
    )
    return f"The model's answer is not a valid {_get_name(model)}: {found}."


def _get_name(model: Any) -> str:
    return getattr(model, "__name__", None) or "answer"
