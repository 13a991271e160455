"""What `@tool` makes of a function: schema, argument checks, calls."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal

import pydantic
import pytest

from lauren_ai import (
    ToolContext,
    ToolExecutionError,
    get_tool,
    tool,
)
from lauren_ai._tools import collect_tools
from lauren_ai.errors import DecoratorUsageError, ToolConfigError, ToolSchemaError

CONTEXT = ToolContext(
    agent_run_id="run", tool_use_id="call", tool_name="name", metadata={"user": "u1"}
)
user: ContextVar[str] = ContextVar("user")


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Place(pydantic.BaseModel):
    city: str
    title: int = 0


@dataclass
class Point:
    x: float


def schema_of(function: Any) -> dict[str, Any]:
    return get_tool(tool(function)).schema.input_schema


def test_a_function_gives_name_description_and_schema() -> None:
    @tool
    def search(query: str, limit: int = 5, tags: list[str] | None = None) -> str:
        """Search the archive.

        It knows everything.

        Args:
            query: what to look for;
                as words
            limit: how many

        Returns:
            the hits
        """
        return query

    schema = get_tool(search).schema
    assert (schema.name, schema.description) == (
        "search",
        "Search the archive.\n\nIt knows everything.",
    )
    assert schema.input_schema == {
        "type": "object",
        "properties": {
            "query": {"type": "string", "description": "what to look for;\nas words"},
            "limit": {"type": "integer", "description": "how many", "default": 5},
            "tags": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
        },
        "required": ["query"],
        "additionalProperties": False,
    }
    assert search("x") == "x"


@pytest.mark.parametrize(
    "docstring",
    [
        "Do it.\n\nArgs:\n    x: the x\n",
        "Do it.\n\nArgs:\n    x (int): the x\n",
        "Do it.\n\nParameters\n----------\nx : int\n    the x\n",
        "Do it.\n\n:param x: the x\n:returns: nothing\n",
        "Do it.\nArgs:\n    x: the x\nReturns:\n    nothing\n",
    ],
    ids=["google", "google with type", "numpy", "sphinx", "google without empty lines"],
)
def test_every_docstring_style_is_read_in_silence(
    docstring: str, caplog: pytest.LogCaptureFixture
) -> None:
    def work(x: int) -> None: ...

    work.__doc__ = docstring
    made = get_tool(tool(work)).schema
    assert made.description == "Do it."
    assert made.input_schema["properties"]["x"]["description"] == "the x"
    assert caplog.text == ""


def test_rich_types_are_described_and_built() -> None:
    @tool
    def work(
        colour: Colour,
        mode: Literal["a", "b"],
        place: Place,
        point: Point,
        title: Annotated[str, "what stands on top"],
        age: Annotated[int, pydantic.Field(ge=0, description="in years")],
        json: str = "",
        _hidden: int = 0,
    ) -> None: ...

    made = get_tool(work)
    properties = made.schema.input_schema["properties"]
    assert list(properties) == "colour mode place point title age json _hidden".split()
    assert properties["title"] == {"type": "string", "description": "what stands on top"}
    assert properties["age"] == {"type": "integer", "minimum": 0, "description": "in years"}
    assert set(made.schema.input_schema["$defs"]["Place"]["properties"]) == {"city", "title"}
    arguments = made.validate(
        {
            "colour": "red",
            "mode": "a",
            "place": {"city": "Graz"},
            "point": {"x": 1},
            "title": "T",
            "age": 3,
        }
    )
    assert arguments["colour"] is Colour.RED
    assert arguments["place"] == Place(city="Graz")
    assert arguments["point"] == Point(1.0)
    assert "json" not in arguments


def test_arguments_that_do_not_fit_are_named() -> None:
    @tool
    def work(a: int, b: Place) -> None: ...

    with pytest.raises(ToolExecutionError) as caught:
        get_tool(work).validate({"a": "x", "b": {"city": 1}, "c": 3})
    message = str(caught.value)
    assert all(where in message for where in ("a: ", "b.city: ", "c: "))
    assert "pydantic.dev" not in message


def test_the_context_is_filled_in_and_not_shown() -> None:
    @tool
    def work(a: int, ctx: ToolContext, other: ToolContext | None = None) -> tuple[int, Any, Any]:
        return a, ctx.metadata["user"], other

    assert list(schema_of(work)["properties"]) == ["a"]
    assert asyncio.run(get_tool(work).call({"a": 1}, CONTEXT)) == (1, "u1", CONTEXT)
    with pytest.raises(ToolExecutionError, match="ctx"):
        get_tool(work).validate({"a": 1, "ctx": {}})


async def test_a_sync_tool_runs_in_a_thread_with_the_context_variables() -> None:
    @tool
    def work() -> tuple[str, bool]:
        return user.get(), threading.current_thread() is threading.main_thread()

    user.set("ada")
    assert await get_tool(work).call({}, CONTEXT) == ("ada", False)


async def test_an_async_tool_runs_on_the_loop() -> None:
    loop = asyncio.get_running_loop()

    @tool
    async def work() -> bool:
        return asyncio.get_running_loop() is loop

    assert await get_tool(work).call({}, CONTEXT) is True


@pytest.mark.parametrize("error", [ValueError("v"), StopIteration("s"), SystemExit(3)])
async def test_what_a_thread_raises_is_raised_and_ends_nothing(error: BaseException) -> None:
    @tool
    def work() -> None:
        raise error

    expected = ValueError if isinstance(error, ValueError) else RuntimeError
    with pytest.raises(expected):
        await get_tool(work).call({}, CONTEXT)


async def test_a_hung_thread_holds_up_no_other_tool() -> None:
    let_go = threading.Event()

    @tool
    def hang() -> None:
        let_go.wait()

    @tool
    def work() -> int:
        return 1

    hung = [asyncio.ensure_future(get_tool(hang).call({}, CONTEXT)) for _ in range(50)]
    await asyncio.sleep(0)
    assert await get_tool(work).call({}, CONTEXT) == 1
    for task in hung:
        task.cancel()
    await asyncio.wait(hung)
    let_go.set()


async def test_a_class_with_run_is_a_tool() -> None:
    @tool(name="count")
    class Counter:
        """Count on."""

        def __init__(self, start: int = 0) -> None:
            self.value = start

        async def run(self, by: int) -> int:
            """Ignored.

            Args:
                by: how far
            """
            self.value += by
            return self.value

    assert get_tool(Counter).schema.description == "Count on."
    assert get_tool(Counter).schema.input_schema["properties"]["by"]["description"] == "how far"
    assert await get_tool(Counter).call({"by": 2}, CONTEXT) == 2
    mine = Counter(10)
    assert await get_tool(mine).call({"by": 1}, CONTEXT) == 11
    assert await get_tool(mine).call({"by": 1}, CONTEXT) == 12


def test_a_class_that_needs_arguments_must_be_an_instance() -> None:
    @tool
    class Query:
        def __init__(self, database: str) -> None: ...

        def run(self, sql: str) -> str:
            return sql

    with pytest.raises(ToolConfigError, match="instance"):
        get_tool(Query)
    assert get_tool(Query("db")).name == "Query"


async def test_a_cached_function_is_a_tool() -> None:
    calls: list[int] = []

    @tool
    @functools.cache
    def work(x: int) -> int:
        """Do it."""
        calls.append(x)
        return x + 1

    assert get_tool(work).schema.description == "Do it."
    for _ in range(2):
        assert await get_tool(work).call({"x": 1}, CONTEXT) == 2
    assert calls == [1]
    with pytest.raises(DecoratorUsageError):
        tool(staticmethod(not_annotated))


def test_what_was_changed_after_tool_is_refused() -> None:
    """A check of rights in a decorator above `@tool` would have been passed by in silence."""

    @tool
    async def work() -> str:
        return "bare"

    @functools.wraps(work)
    async def checked() -> str:
        raise PermissionError

    @tool
    class Base:
        def run(self) -> int:
            return 1

    class Same(Base):
        pass

    class Other(Base):
        def run(self) -> int:
            return 2

    for changed in (checked, Other, Other()):
        with pytest.raises(ToolConfigError, match="after @tool"):
            get_tool(changed)
    assert get_tool(Same).name == get_tool(Same()).name == "Base"
    assert get_tool(tool(name="other")(Other)).name == "other"
    assert get_tool(tool(checked)).function is checked


def not_annotated(x) -> None: ...  # type: ignore[no-untyped-def]
def starred(*x: int) -> None: ...
def keywords(**x: int) -> None: ...
def positional(x: int, /) -> None: ...
def unreadable(x: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821
def without_schema(x: threading.Thread) -> None: ...
def with_callable(x: Callable[[], None]) -> None: ...
def method(self, x: int) -> None: ...  # type: ignore[no-untyped-def]


@pytest.mark.parametrize(
    "function",
    [
        not_annotated,
        starred,
        keywords,
        positional,
        unreadable,
        without_schema,
        with_callable,
        method,
    ],
)
def test_a_signature_without_a_schema_is_refused(function: Any) -> None:
    with pytest.raises(ToolSchemaError, match=function.__name__):
        tool(function)


async def agenerate(x: int) -> Any:
    yield x


@pytest.mark.parametrize("target", [5, "name", print, object, agenerate])
def test_tool_on_something_else_is_refused(target: Any) -> None:
    with pytest.raises(DecoratorUsageError):
        tool(target)


@pytest.mark.parametrize("options", [{"name": "a b"}, {"name": "x" * 65}, {"timeout_s": 0}])
def test_impossible_options_are_refused(options: Any) -> None:
    with pytest.raises(ToolConfigError):
        tool(**options)(lambda: None)


def test_tools_that_cannot_be_together_are_refused() -> None:
    def build() -> Any:
        @tool
        def twin() -> None: ...

        return twin

    one = build()
    assert list(collect_tools([one, one])) == ["twin"]
    with pytest.raises(ToolConfigError, match="twin"):
        collect_tools([one, build()])
    with pytest.raises(ToolConfigError, match="not a tool"):
        collect_tools([print])
