"""Lists and objects that a model wrote as JSON text within its JSON, read where one is wanted.

Claude, Bedrock and vLLM do so now and then (pydantic-ai #5259, vllm #46924). It checks with the
schema's own adapter, and calls nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pydantic
from pydantic_core import to_json

from lauren_ai._json import MalformedJSONError, parse_strict

#: Pydantic's errors where an object or a list was wanted. At any other a text is what it is.
_WANTS_MORE = frozenset(
    """dict_type mapping_type list_type tuple_type set_type frozen_set_type iterable_type model_type
    model_attributes_type dataclass_type typed_dict_type named_tuple_type""".split()
)
#: A text within a text within a text: nobody means more.
MAX_ROUNDS = 4


def open_texts(adapter: pydantic.TypeAdapter[Any], value: Any) -> Any:
    """`value` with each text that stands for a list or an object read, where `adapter` takes it
    only so; `value` itself where that helps nothing. A text that is wanted stays text."""
    opened = value
    for _ in range(MAX_ROUNDS):
        try:
            adapter.validate_json(to_json(opened))
        except pydantic.ValidationError as exc:
            found = exc.errors(include_url=False, include_context=False)
            places = [item["loc"] for item in found if item["type"] in _WANTS_MORE]
        except ValueError:  # what JSON cannot hold
            return value
        else:
            return opened
        read = opened
        for place in places:
            read = _open(read, place)
        if read is opened:
            return value
        opened = read
    return value


def _open(value: Any, place: tuple[int | str, ...]) -> Any:
    """A copy of `value` with the text at `place` read; `value` itself where none can be."""
    if isinstance(value, str):
        return _parse(value)
    for step, key in enumerate(place):
        # A place names branches of unions too: they are no part of the value.
        if isinstance(value, Mapping) and key in value:
            inner = _open(value[key], place[step + 1 :])
            return value if inner is value[key] else {**value, key: inner}
        if isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
            inner = _open(value[key], place[step + 1 :])
            return value if inner is value[key] else [*value[:key], inner, *value[key + 1 :]]
    return value


def _parse(text: str) -> Any:
    try:
        value = parse_strict(text, unique_keys=True)
    except MalformedJSONError:
        return text
    return value if isinstance(value, str | dict | list) else text  # a text: quoted twice
