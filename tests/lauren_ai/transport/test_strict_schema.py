"""Schemas of answers, as OpenAI's strict mode takes them."""

from __future__ import annotations

import copy
import datetime
import enum
import uuid
from typing import Annotated, Any, Literal

import pytest
from annotated_types import Len
from pydantic import BaseModel, Field, TypeAdapter

from lauren_ai._transport.openai.strict_schema import build_strict


class Colour(enum.Enum):
    RED = "red"


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Node(BaseModel):
    """A tree."""

    name: str = Field("x", description="Its name", min_length=1, max_length=9)
    count: int | None = None
    when: datetime.datetime
    id: uuid.UUID
    colour: Colour = Field(Colour.RED, description="Its colour")
    tags: Annotated[list[str], Len(1, 3)]
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    children: list[Node] = []


class Free(BaseModel):
    values: dict[str, int]


class Anything(BaseModel):
    value: Any


class Pair(BaseModel):
    pair: tuple[int, str]


def check(schema: Any) -> None:
    """The rules of the guide: closed objects, all required, known words only."""
    if "$ref" in schema:
        assert schema.keys() == {"$ref"}
        return
    words = """type properties required additionalProperties items anyOf enum const $defs title
    description format pattern minimum maximum minItems maxItems""".split()
    assert schema.keys() <= set(words)
    if schema.get("type") == "object":
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])
    parts = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    parts += schema.get("anyOf", [])
    parts += [schema["items"]] if "items" in schema else []
    for part in parts:
        check(part)


def test_a_models_schema_becomes_strict() -> None:
    schema = TypeAdapter(Node).json_schema()
    before = copy.deepcopy(schema)
    strict = build_strict(schema)
    assert strict is not None
    check(strict)
    assert strict["type"] == "object"
    assert strict["properties"]["name"]["description"] == "Its name"
    assert strict["properties"]["when"]["format"] == "date-time"
    assert strict["properties"]["pet"]["anyOf"] == [
        {"$ref": "#/$defs/Cat"},
        {"$ref": "#/$defs/Dog"},
    ]
    assert schema == before


def test_an_object_or_null_is_closed_too() -> None:
    inner = {"type": ["object", "null"], "properties": {"a": {"type": ["string", "null"]}}}
    strict = build_strict({"type": "object", "properties": {"x": inner}})
    assert strict is not None
    assert strict["properties"]["x"] == {**inner, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize("model", [Free, Anything, Pair])
def test_what_strict_mode_cannot_say_is_not_strict(model: type[BaseModel]) -> None:
    assert build_strict(model.model_json_schema()) is None


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "array", "items": {"type": "string"}},
        {"anyOf": [{"type": "object", "properties": {}}]},
        {"type": "object"},
        {"type": "object", "properties": {"x": {"not": {"type": "string"}}}},
        {"type": "object", "properties": {"x": {"$ref": "https://e.org/s.json"}}},
        {"type": "object", "properties": {"x": True}},
        {"type": "object", "properties": []},
        {"type": "object", "properties": {"x": {"anyOf": 1}}},
        {"type": "object", "properties": {}, "if": {}},
        {"type": "object", "properties": {}, "additionalProperties": True},
    ],
)
def test_other_schemas_are_left_alone(schema: Any) -> None:
    assert build_strict(schema) is None


def test_a_single_all_of_is_what_it_holds() -> None:
    reference = {"allOf": [{"$ref": "#/$defs/A"}], "description": "d", "default": 1}
    schema = {"type": "object", "properties": {"a": reference}, "$defs": {"A": {"type": "string"}}}
    strict = build_strict(schema)
    assert strict is not None
    assert strict["properties"] == {"a": {"$ref": "#/$defs/A"}}
