"""What a signature says to the model, and what arguments it takes."""

from __future__ import annotations

import json
import threading
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Any

import pydantic
import pytest

from lauren_ai import (
    AgentRunnerBase,
    ToolCall,
    ToolContext,
    ToolExecutionError,
    get_tool,
    make_agent,
    tool,
)
from lauren_ai._transport._mock import MockTransport

if TYPE_CHECKING:
    from known_to_type_checkers import Frame  # type: ignore[import-not-found]


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


def test_names_around_a_tool_are_found_in_a_module_whose_name_begins_like_ours() -> None:
    """The frames between are told by their modules' names: only those within lauren_ai are ours."""
    code = """
from __future__ import annotations
from lauren_ai import tool

def make():
    Local = int
    @tool
    def work(value: Local) -> None: ...
    return work
"""
    namespace: dict[str, Any] = {"__name__": "lauren_ai_of_mine"}
    exec(code, namespace)
    properties = get_tool(namespace["make"]()).schema.input_schema["properties"]
    assert properties == {"value": {"type": "integer"}}


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


def test_what_a_tool_returns_may_be_known_to_type_checkers_alone() -> None:
    """`if TYPE_CHECKING: from pandas import DataFrame` (mellea #1507)."""

    @tool
    def load(rows: int, context: ToolContext) -> Frame:
        """Load."""

    assert set(get_tool(load).schema.input_schema["properties"]) == {"rows"}


class Command(pydantic.BaseModel):
    kind: str
    sizes: list[int]


@tool
def work(
    command: Command, notes: str, tags: list[str] | None = None, more: dict[str, Any] | None = None
) -> str:
    """Work."""
    return f"{command!r} {notes!r} {tags!r} {more!r}"


OPENED = {"command": {"kind": "k", "sizes": [1, 2]}, "notes": "[1, 2]"}


@pytest.mark.parametrize(
    "command",
    [
        {"kind": "k", "sizes": "[1, 2]"},
        '{"kind": "k", "sizes": [1, 2]}',
        json.dumps({"kind": "k", "sizes": "[1, 2]"}),
    ],
)
async def test_a_list_or_an_object_written_as_text_is_read_where_one_is_wanted(
    command: object,
) -> None:
    """Claude and vLLM write nested values as JSON text (pydantic-ai #5259). What is wanted as text
    stays text."""
    made = get_tool(work)
    assert made.open_texts({"command": command, "notes": "[1, 2]"}) == OPENED
    said = await made.call({"command": command, "notes": "[1, 2]", "tags": '["a"]'}, None)
    assert said == "Command(kind='k', sizes=[1, 2]) '[1, 2]' ['a'] None"


@pytest.mark.parametrize(
    "command",
    ['{"kind": "k"}', '{"kind": 1, "kind": "k", "sizes": []}', "[NaN]", "[" * 5_000, "no", 7],
)
def test_a_text_that_does_not_fit_either_is_an_error_as_it_was(command: object) -> None:
    made = get_tool(work)
    given = {"command": command, "notes": ""}
    assert made.open_texts(given) == given
    with pytest.raises(ToolExecutionError, match="command"):
        made.validate(given)


async def test_a_policy_sees_what_runs() -> None:
    """A policy that counts paths must not be asked about one text."""
    seen: list[object] = []

    def policy(call: ToolCall) -> bool:
        seen.append(call.input)
        return False

    @tool(confirmation_policy=policy)
    def remove(paths: list[str]) -> int:
        """Remove."""
        return len(paths)

    mock = MockTransport()
    mock.queue_tool_use("remove", {"paths": '["a", "b"]'}, tool_use_id="t")
    mock.queue_response("done")
    response = await AgentRunnerBase(mock).run(make_agent("s", [remove]), "go")
    assert seen == [{"paths": ["a", "b"]}] == [response.tool_calls_made[0].input]
    assert response.tool_calls_made[0].content == "2"
