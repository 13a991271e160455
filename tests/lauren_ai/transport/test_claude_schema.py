"""Schemas as Anthropic's grammars hold them: what they cannot say is dropped or asked by a tool."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from lauren_ai._transport.anthropic.schema import build_grammar
from tests.servers.rules._schema import anthropic_strict_fault


class Person(BaseModel):
    """Somebody."""

    name: str = Field(min_length=1, max_length=40, pattern="^[A-Z]")
    age: int | None = Field(default=None, ge=0, lt=150)
    kind: Literal["a", "b"] = "a"


class Team(BaseModel):
    people: list[Person] = Field(min_length=2, max_length=9)
    founded: date
    by: Person


class Node(BaseModel):
    value: int
    children: list[Node] = []


@pytest.mark.parametrize("model", [Person, Team])
def test_a_models_schema_is_taken_and_the_callers_own_is_left_alone(model: type[BaseModel]) -> None:
    schema = model.model_json_schema()
    before = copy.deepcopy(schema)
    grammar = build_grammar(schema)
    assert grammar is not None
    assert anthropic_strict_fault(grammar) is None
    assert grammar["required"] == schema["required"]
    assert schema == before


@pytest.mark.parametrize(
    "schema",
    [
        Node.model_json_schema(),  # a type inside itself
        {"type": "object"},  # any keys
        {"type": "object", "properties": {"x": {}}},  # any value
        {"type": "object", "properties": {}, "additionalProperties": {"type": "string"}},
        {"type": "object", "properties": {"x": {"$ref": "https://e.org/schema.json"}}},
        {"type": "object", "properties": {"x": {"$ref": "#/$defs/Missing"}}},
        {"type": "object", "properties": {"x": {"not": {"type": "string"}}}},
        {"type": "object", "properties": "none"},
    ],
    ids=str,
)
def test_what_no_grammar_holds_is_told_apart(schema: dict[str, Any]) -> None:
    assert build_grammar(schema) is None
