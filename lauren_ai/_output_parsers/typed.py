"""Checks a model's data against a type: the value that it is, or why it does not fit.

It owns the type's JSON schema too; it reads no text and asks no model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from lauren_ai._exceptions import AgentConfigError, OutputParserError

T = TypeVar("T")


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

        from lauren_ai._tools.nested_json import open_texts

        try:
            # As JSON, not as Python: only then may a date be written as a string.
            result: T = self._adapter.validate_json(json.dumps(open_texts(self._adapter, value)))
        except ValidationError as exc:
            raise OutputParserError(describe_mismatch(self.model, exc), text=text) from exc
        return result


def describe_mismatch(model: Any, error: Any) -> str:
    """A pydantic ValidationError as one sentence, without the URLs of its documentation."""
    found = "; ".join(
        f"{'.'.join(map(str, item['loc'])) or 'value'}: {item['msg']}"
        for item in error.errors(include_url=False, include_input=False)
    )
    return f"The model's answer is not a valid {_get_name(model)}: {found}."


def _get_name(model: Any) -> str:
    return getattr(model, "__name__", None) or "answer"
