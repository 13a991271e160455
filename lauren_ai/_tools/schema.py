"""Makes a function's signature into a JSON schema and a check of arguments. It calls nothing.

Imported when the first tool is made, because pydantic takes its time.
"""

from __future__ import annotations

import inspect
import json
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Annotated, Any, NotRequired, Required, cast

import pydantic
from pydantic.fields import FieldInfo
from pydantic_core import to_json, to_jsonable_python

# Below Python 3.12 pydantic reads only this TypedDict.
from typing_extensions import TypedDict

from lauren_ai._exceptions import ToolExecutionError, ToolSchemaError
from lauren_ai._tools.context import ToolContext
from lauren_ai._tools.docstring import Description
from lauren_ai._tools.nested_json import open_texts

_UNNAMED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True, slots=True)
class ToolParameters:
    """A signature as the model sees it. `context_names` are filled in by the runner."""

    json_schema: dict[str, Any]
    context_names: tuple[str, ...]
    adapter: pydantic.TypeAdapter[dict[str, Any]]

    def open_texts(self, input: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with lists and objects in place of the JSON text that stands for them."""
        opened: dict[str, Any] = open_texts(self.adapter, dict(input))
        return opened

    def validate(self, name: str, input: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as Python values. Raises ToolExecutionError in words for the model."""
        try:
            # As JSON, which it is: a strict model takes a date or a tuple from JSON only.
            return self.adapter.validate_json(to_json(dict(input)))
        except pydantic.ValidationError as exc:
            raise ToolExecutionError(
                f"The arguments of {name!r} do not fit its schema: {'; '.join(_explain(exc))}."
            ) from None


def build_parameters(
    function: Callable[..., Any], description: Description, *, skip_self: bool = False
) -> ToolParameters:
    """Raises ToolSchemaError for a signature that a model could not fill in."""
    hints = _get_hints(function)
    fields: dict[str, Any] = {}
    notes: dict[str, dict[str, Any]] = {}
    context_names: list[str] = []
    for parameter in list(inspect.signature(function).parameters.values())[skip_self:]:
        name, hint = parameter.name, hints.get(parameter.name)
        if hint is ToolContext or ToolContext in typing.get_args(hint):
            context_names.append(name)
            continue
        _check_parameter(function, parameter)
        if isinstance(parameter.default, FieldInfo):  # `x: int = Field(3, ge=1)`, as in a model
            hint = Annotated[hint, parameter.default]
        fields[name] = Required[hint] if _is_required(parameter.default) else NotRequired[hint]
        notes[name] = _get_notes(parameter, hint, description.parameters.get(name))
    adapter = _build_adapter(function, fields)
    try:
        schema = adapter.json_schema()
    except pydantic.errors.PydanticInvalidForJsonSchema as exc:
        raise _build_error(function, exc.message) from None
    return ToolParameters(_tidy(schema, notes), tuple(context_names), adapter)


def _get_hints(function: Callable[..., Any]) -> dict[str, Any]:
    """The types of the parameters. What type checkers alone know of the others, of what is
    returned say (`if TYPE_CHECKING:`), is nobody's affair here."""
    try:
        if (annotations := _get_annotations(function)) is None:
            return typing.get_type_hints(function, include_extras=True)
        wanted = inspect.signature(function).parameters.keys()

        def holder() -> None: ...

        holder.__annotations__ = {k: v for k, v in annotations.items() if k in wanted}
        # A tool's context, too, is often imported for type checkers alone.
        names = {"ToolContext": ToolContext, **(_get_globals(function) or {})}
        return typing.get_type_hints(
            holder, globalns=names, localns=_get_locals(function), include_extras=True
        )
    except (NameError, TypeError) as exc:
        raise _build_error(function, f"its annotations cannot be read: {exc}") from exc


def _get_locals(function: Callable[..., Any]) -> dict[str, Any] | None:
    """The names around a decorated function that stands in another one: annotations that are text
    (`from __future__ import annotations`) may mean them. Pydantic looks there as well."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("lauren_ai."):
        frame = frame.f_back
    if frame is None or frame.f_globals is not _get_globals(function):
        return None
    return dict(frame.f_locals)


def _get_annotations(function: Callable[..., Any]) -> dict[str, Any] | None:
    if sys.version_info >= (3, 14):  # there they are computed when they are asked for
        from annotationlib import Format, get_annotations

        return get_annotations(function, format=Format.FORWARDREF)
    return getattr(function, "__annotations__", None)


def _get_globals(function: Callable[..., Any]) -> dict[str, Any] | None:
    return getattr(inspect.unwrap(function), "__globals__", None)


def _check_parameter(function: Callable[..., Any], parameter: inspect.Parameter) -> None:
    if parameter.kind in _UNNAMED:
        raise _build_error(function, f"*{parameter.name} has no schema; name each parameter")
    if parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
        raise _build_error(function, f"{parameter.name!r} is positional-only; remove the `/`")
    if parameter.annotation is inspect.Parameter.empty:
        if parameter.name == "self":
            why = "methods are no tools; decorate a function, or a class with `run`"
            raise _build_error(function, why)
        raise _build_error(function, f"{parameter.name!r} has no type; annotate it")


def _is_required(default: object) -> bool:
    if isinstance(default, FieldInfo):
        return default.is_required()
    return default is inspect.Parameter.empty


def _build_adapter(
    function: Callable[..., Any], fields: dict[str, Any]
) -> pydantic.TypeAdapter[dict[str, Any]]:
    # A TypedDict takes any parameter name, where a model's fields may not be called `json`.
    arguments = TypedDict("arguments", fields)  # type: ignore[misc]
    # An argument that the function does not know would be shown for approval and then not used.
    arguments.__pydantic_config__ = pydantic.ConfigDict(extra="forbid")  # type: ignore[attr-defined]
    try:
        return pydantic.TypeAdapter(cast(Any, arguments))
    except pydantic.errors.PydanticUserError as exc:
        raise _build_error(function, exc.message.split("\n")[0]) from None


def _get_notes(parameter: inspect.Parameter, hint: Any, documented: str | None) -> dict[str, Any]:
    notes: dict[str, Any] = {}
    written = [m for m in getattr(hint, "__metadata__", ()) if isinstance(m, str)]
    if typing.get_origin(hint) is Annotated and written:
        notes["description"] = written[0]
    elif documented:
        notes["description"] = documented
    is_known = parameter.default is None or isinstance(parameter.default, FieldInfo)
    if not is_known and parameter.default is not inspect.Parameter.empty:
        with suppress(ValueError):  # a default that is no JSON is the function's own affair
            default = to_jsonable_python(parameter.default)
            json.dumps(default, allow_nan=False)
            notes["default"] = default
    return notes


def _tidy(schema: dict[str, Any], notes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The schema with descriptions and defaults, and without pydantic's titles: tokens cost."""
    schema.setdefault("properties", {})
    schema.pop("title", None)
    for part in _iter_schemas(schema):
        if isinstance(part.get("title"), str):
            del part["title"]
    for name, values in notes.items():
        schema["properties"][name] = {**values, **schema["properties"][name]}
    return schema


def _iter_schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema below this one; names of properties are no schemas."""
    if isinstance(schema, list):
        for item in schema:
            yield from _iter_schemas(item)
    elif isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key in ("properties", "$defs"):
                for part in value.values():
                    yield from _iter_schemas(part)
            elif key not in ("default", "const", "enum", "examples"):
                yield from _iter_schemas(value)


def _explain(error: pydantic.ValidationError) -> Iterator[str]:
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        where = ".".join(str(part) for part in item["loc"])
        yield f"{where}: {item['msg']}" if where else item["msg"]


def _build_error(function: Callable[..., Any], why: str) -> ToolSchemaError:
    name = getattr(function, "__qualname__", repr(function))
    return ToolSchemaError(f"The tool {name} gives no JSON schema: {why}.")
