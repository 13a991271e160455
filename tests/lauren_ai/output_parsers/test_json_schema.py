"""A typed answer by a JSON schema in place of a type: checked, named, bounded."""

from __future__ import annotations

from typing import Any

import pytest

from lauren_ai import (
    LLMService,
    Message,
    OutputParserError,
)
from lauren_ai._transport._mock import MockTransport

ASK = [Message.user("Who?")]
NAME = "structured_output"

SCHEMA = {
    "type": "object",
    "properties": {
        "mood": {"enum": ["good", "bad"]},
        "score": {"type": "integer", "minimum": 0, "maximum": 10},
        "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "maxItems": 2},
        "note": {"type": ["string", "null"]},
        "more": {"type": "object", "additionalProperties": {"type": "number"}},
        "tree": {"$ref": "#/$defs/tree"},
    },
    "required": ["mood", "score"],
    "additionalProperties": False,
    "$defs": {
        "tag": {"type": "string", "minLength": 1},
        "tree": {
            "type": "object",
            "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}}},
        },
    },
}
GOOD = {"mood": "good", "score": 3}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({}, None),
        ({"tags": ["a"], "note": None, "more": {"x": 1.5}}, None),
        ({"tree": {"kids": [{"kids": []}]}}, None),
        ({"mood": "odd"}, "mood"),
        ({"score": "3"}, "score"),
        ({"score": 11}, "score"),
        ({"tags": ["a", "b", "c"]}, "tags"),
        ({"tags": [""]}, "tags"),
        ({"note": 1}, "note"),
        ({"more": {"x": "y"}}, "more"),
        ({"tree": {"kids": 1}}, "tree"),
        ({"unknown": 1}, "unknown"),
    ],
)
async def test_a_json_schema_is_checked(
    mock: MockTransport, llm: LLMService, change: dict[str, Any], complaint: str | None
) -> None:
    structured = llm.with_structured_output(SCHEMA)
    for _ in range(2):
        mock.queue_tool_use(NAME, {**GOOD, **change})
    if complaint is None:
        assert await structured.complete(ASK) == {**GOOD, **change}
    else:
        with pytest.raises(OutputParserError, match=complaint):
            await structured.complete(ASK)
    assert mock.calls[0].tools[0].input_schema == SCHEMA


async def test_a_missing_property_of_a_json_schema_is_named(
    mock: MockTransport, llm: LLMService
) -> None:
    for _ in range(2):
        mock.queue_tool_use(NAME, {"mood": "good"})
    with pytest.raises(OutputParserError, match="score: Field required"):
        await llm.with_structured_output(SCHEMA).complete(ASK)


def test_a_schema_that_refers_to_nothing_is_refused(llm: LLMService) -> None:
    for ref in ("#/$defs/none", "https://example.org/schema"):
        with pytest.raises(ValueError, match="which it does not hold"):
            llm.with_structured_output({"type": "object", "properties": {"a": {"$ref": ref}}})


def test_definitions_that_refer_to_each_other_are_built_in_no_time(llm: LLMService) -> None:
    refs = {f"p{i}": {"$ref": f"#/$defs/d{i}"} for i in range(40)}
    definitions = {f"d{i}": {"type": "object", "properties": refs} for i in range(40)}
    llm.with_structured_output({"type": "object", "properties": refs, "$defs": definitions})
