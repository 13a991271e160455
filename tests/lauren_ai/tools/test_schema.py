"""What a signature says to the model, and what arguments it takes."""

from __future__ import annotations

import threading
from datetime import date
from enum import Enum

import pydantic
import pytest

from lauren_ai import ToolExecutionError, get_tool, tool


class Colour(Enum):
    RED = "red"


class Entry(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True)
    day: date
    colour: Colour
    pair: tuple[int, int]


def test_a_default_may_be_written_as_pydantics_field() -> None:
    """As in a pydantic model or a FastAPI route; the function must never get the Field itself."""

    @tool
    def work(
        a: int = pydantic.Field(description="the a", ge=1),
        b: list[int] = pydantic.Field(default_factory=list),  # noqa: B008
        c: int = pydantic.Field(3),
    ) -> None:
        """Do it.

        Args:
            c: the c
        """

    made = get_tool(work)
    properties = made.schema.input_schema["properties"]
    assert properties["a"] == {"type": "integer", "minimum": 1, "description": "the a"}
    assert properties["c"] == {"type": "integer", "default": 3, "description": "the c"}
    assert made.schema.input_schema["required"] == ["a"]
    assert made.validate({"a": 1}) == {"a": 1, "b": [], "c": 3}
    for bad in ({}, {"a": 0}):
        with pytest.raises(ToolExecutionError, match="a: "):
            made.validate(bad)


def test_a_type_may_stand_beside_the_tool_in_a_function() -> None:
    """Annotations are text in this file, so the names around the tool must be looked up."""

    class Local(pydantic.BaseModel):
        x: int

    @tool
    def work(value: Local | None, more: list[Local]) -> None: ...

    @tool(name="other")
    class Work:
        def run(self, value: Local) -> None: ...

    made = get_tool(work).validate({"value": {"x": 1}, "more": [{"x": 2}]})
    assert made == {"value": Local(x=1), "more": [Local(x=2)]}
    assert get_tool(Work).validate({"value": {"x": 1}}) == {"value": Local(x=1)}


def test_a_strict_model_takes_what_json_can_say() -> None:
    @tool
    def work(entry: Entry) -> None: ...

    given = {"entry": {"day": "2024-02-29", "colour": "red", "pair": [1, 2]}}
    expected = Entry(day=date(2024, 2, 29), colour=Colour.RED, pair=(1, 2))
    assert get_tool(work).validate(given) == {"entry": expected}
    with pytest.raises(ToolExecutionError, match=r"entry\.pair\.1"):
        get_tool(work).validate({"entry": {**given["entry"], "pair": [1, "2"]}})


def test_a_default_that_json_cannot_hold_is_left_out_of_the_schema() -> None:
    @tool
    def work(a: float = float("nan"), b: int = threading.get_ident, c: int = 1) -> None: ...  # type: ignore[assignment]

    properties = get_tool(work).schema.input_schema["properties"]
    assert [properties[name].get("default") for name in "abc"] == [None, None, 1]
