"""A model is made to answer in a given type, and what does not fit is an error."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal, NotRequired

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from lauren_ai import (
    CompletionChunk,
    LLMConfig,
    LLMService,
    Message,
    OutputParserError,
    PromptTemplate,
    TokenUsage,
    chain,
)
from lauren_ai._profiles import get_profile
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import AgentConfigError
from lauren_ai.types import StructuredLLM
from tests.servers import FakeAnthropic, FakeOpenAI, text, tool_call

ASK = [Message.user("Who?")]
NAME = "structured_output"


class Address(BaseModel):
    city: str


class Person(BaseModel):
    name: str
    born: date
    age: int = Field(ge=0)
    homes: list[Address] = []


ADA = {"name": "Ada", "born": "1815-12-10", "age": 36, "homes": [{"city": "London"}]}


@pytest.mark.parametrize("kind", ["anthropic", "openai"])
async def test_the_tool_is_forced_at_every_provider(
    kind: str, anthropic_server: FakeAnthropic, openai_server: FakeOpenAI
) -> None:
    is_anthropic = kind == "anthropic"
    server = anthropic_server if is_anthropic else openai_server
    make = LLMConfig.for_anthropic if is_anthropic else LLMConfig.for_openai
    llm = LLMService.from_config(make("m", api_key="k", base_url=server.base_url))
    server.reply(tool_call(NAME, ADA))
    person = await llm.with_structured_output(Person).complete(ASK, system="s")
    await llm.close()
    assert person == Person.model_validate(ADA)
    body = server.requests[0].body
    if is_anthropic:
        assert body["tool_choice"] == {"type": "tool", "name": NAME}
        assert body["tools"][0]["input_schema"] == Person.model_json_schema()
    else:
        assert body["tool_choice"] == {"type": "function", "function": {"name": NAME}}
        assert body["tools"][0]["function"]["parameters"] == Person.model_json_schema()


async def test_a_model_that_thinks_is_asked_for_the_call_not_forced(
    anthropic_server: FakeAnthropic,
) -> None:
    """Anthropic: "Thinking may not be enabled when tool_choice forces tool use." """
    config = LLMConfig.for_anthropic("m", api_key="k", base_url=anthropic_server.base_url)
    llm = LLMService.from_config(config)
    anthropic_server.reply(tool_call(NAME, ADA))
    structured = llm.with_structured_output(Person)
    person = await structured.complete(ASK, system="s", thinking=True)
    await llm.close()
    assert person == Person.model_validate(ADA)
    body = anthropic_server.requests[0].body
    assert body["tool_choice"] == {"type": "auto"} and body["thinking"]["type"] == "enabled"
    assert body["system"].startswith("s\n\n") and NAME in body["system"]


async def test_an_answer_in_text_is_read_as_json(mock: MockTransport, llm: LLMService) -> None:
    mock.queue_structured(Person.model_validate(ADA))
    mock.queue_response(f"Here:\n```json\n{Person.model_validate(ADA).model_dump_json()}\n```")
    for _ in range(2):
        person = await llm.with_structured_output(Person).complete(ASK)
        assert person.homes == [Address(city="London")]


@pytest.mark.parametrize(
    ("model", "value"), [(list[Person], [ADA]), (int, 3), (dict[str, int], {"a": 1})]
)
async def test_a_type_that_is_no_object_is_wrapped_on_the_wire(
    mock: MockTransport, llm: LLMService, model: Any, value: Any
) -> None:
    structured = llm.with_structured_output(model)
    is_object = isinstance(value, dict)
    mock.queue_tool_use(NAME, value if is_object else {"value": value})
    mock.queue_structured(value)
    first, second = await structured.complete(ASK), await structured.complete(ASK)
    assert first == second
    schema = mock.calls[0].tools[0].input_schema
    assert schema["type"] == "object" and ("value" in schema.get("properties", {})) != is_object


async def test_what_does_not_fit_is_an_error_with_the_models_text(
    mock: MockTransport, llm: LLMService
) -> None:
    structured = llm.with_structured_output(Person)
    for _ in range(2):
        mock.queue_tool_use(NAME, {**ADA, "age": -1})
    with pytest.raises(OutputParserError, match=r"Person: age: .*greater than") as caught:
        await structured.complete(ASK)
    assert '"age":-1' in caught.value.text
    for _ in range(2):
        mock.queue_response("I would rather not.")
    with pytest.raises(OutputParserError) as caught:
        await structured.complete(ASK)
    assert caught.value.text == "I would rather not."


async def test_a_misfit_is_asked_for_once_more_with_the_reason(
    mock: MockTransport, llm: LLMService
) -> None:
    structured = llm.with_structured_output(Person)
    mock.queue_tool_use(NAME, {**ADA, "age": -1}, tool_use_id="t1")
    mock.queue_response("Ada, 36 years old")
    mock.queue_tool_use(NAME, ADA)
    mock.queue_tool_use(NAME, ADA)
    with pytest.raises(OutputParserError):  # once, not for ever
        await structured.complete(ASK)
    first, second = mock.calls
    assert second.messages[: len(first.messages)] == first.messages
    call, result = second.messages[len(first.messages) :]
    assert isinstance(call.content, list) and call.content[0].tool_use_id == "t1"
    assert isinstance(result.content, list) and result.content[0].is_error
    assert "age: Input should be greater than or equal to 0" in str(result.content[0].content)
    mock.reset()
    mock.queue_response("Ada, 36 years old")
    mock.queue_tool_use(NAME, ADA)
    assert (await structured.complete(ASK)).name == "Ada"
    said, complaint = mock.calls[1].messages[1:]
    assert said.text() == "Ada, 36 years old" and "not JSON" in complaint.text()


@pytest.mark.parametrize("reason", ["max_tokens", "refusal", "content_filter", "context_window"])
async def test_what_would_end_alike_is_not_asked_for_again(
    mock: MockTransport, llm: LLMService, reason: str
) -> None:
    mock.queue_stream([CompletionChunk('{"city": "Ro'), CompletionChunk(stop_reason=reason)])
    with pytest.raises(OutputParserError, match=r"The model's answer (was|is a) ") as caught:
        await llm.with_structured_output(Address).complete(ASK)
    assert caught.value.text == '{"city": "Ro' and len(mock.calls) == 1


class Color(Enum):
    RED = "red"


class Point(TypedDict):
    x: int
    label: NotRequired[str]


@dataclass
class Box:
    corner: Point
    colors: list[Color]


class Node(BaseModel):
    name: str
    children: list[Node] = []


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]
TYPES: dict[str, tuple[Any, Any, Any]] = {
    "model": (Address, {"city": "Rome"}, Address(city="Rome")),
    "models": (list[Address], [{"city": "Rome"}], [Address(city="Rome")]),
    "recursive": (
        Node,
        {"name": "a", "children": [{"name": "b"}]},
        Node(name="a", children=[Node(name="b")]),
    ),
    "dataclass": (
        Box,
        {"corner": {"x": 1}, "colors": ["red"]},
        Box(corner={"x": 1}, colors=[Color.RED]),
    ),
    "TypedDict": (Point, {"x": 1, "label": "a"}, {"x": 1, "label": "a"}),
    "int": (int, 3, 3),
    "float": (float, 0.5, 0.5),
    "bool": (bool, False, False),
    "str": (str, "[1]", "[1]"),
    "date": (date, "1815-12-10", date(1815, 12, 10)),
    "Literal": (Literal["yes", "no"], "yes", "yes"),
    "Enum": (Color, "red", Color.RED),
    "Optional": (int | None, None, None),
    "union": (int | list[str], ["a"], ["a"]),
    "discriminated": (Pet, {"kind": "dog"}, Dog(kind="dog")),
    "dict": (dict[str, int], {"a": 1}, {"a": 1}),
    "dict of models": (dict[str, Address], {"a": {"city": "b"}}, {"a": Address(city="b")}),
    "tuple": (tuple[int, str], [1, "a"], (1, "a")),
    "anything": (Any, {"a": [1]}, {"a": [1]}),
    "schema of a list": ({"type": "array", "items": {"type": "integer"}}, [1, 2], [1, 2]),
    "schema of a choice": ({"enum": ["a", "b"]}, "b", "b"),
    "schema that may be null": (
        {"type": ["object", "null"], "properties": {"a": {"type": "integer"}}},
        None,
        None,
    ),
    "schema with definitions": (
        {"$ref": "#/definitions/a", "definitions": {"a": {"type": "boolean"}}},
        True,
        True,
    ),
}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("wire", ["responses", "chat", "messages", "tool"])
async def test_any_type_that_can_be_checked_goes_to_every_endpoint(
    kind: str, wire: str, anthropic_server: FakeAnthropic, openai_server: FakeOpenAI
) -> None:
    """The strict servers refuse a root that is no object, and a schema that is not strict."""
    model, value, expected = TYPES[kind]
    server = anthropic_server if wire == "messages" else openai_server
    name = {"messages": "claude-opus-5-5", "chat": "gpt-4.1", "tool": "m"}.get(wire, "gpt-6.1-sol")
    make = LLMConfig.for_anthropic if wire == "messages" else LLMConfig.for_openai
    profile = get_profile("openai", name) if wire == "responses" else None
    config = make(name, api_key="k", base_url=server.base_url, profile=profile)
    llm = LLMService.from_config(config)
    structured = llm.with_structured_output(model)
    wrapped = structured.schema.get("required") == ["value"]
    answer = {"value": value} if wrapped else value
    server.reply(text(json.dumps(answer)))
    server.reply(tool_call(NAME, answer))
    in_text = await structured.complete(ASK)
    called = await structured.complete(ASK)
    await llm.close()
    assert in_text == called == expected and type(in_text) is type(expected)
    assert not server.refused


@pytest.mark.parametrize(
    ("model", "written", "expected"),
    [
        (list[int], {"value": "[1, 2]"}, [1, 2]),
        (Box, {"corner": '{"x": 1}', "colors": '["red"]'}, Box({"x": 1}, [Color.RED])),
        (list[Address], {"value": ['{"city": "a"}']}, [Address(city="a")]),
        (Address, json.dumps(json.dumps({"city": "a"})), Address(city="a")),
        (int | list[str], {"value": '["a"]'}, ["a"]),
        (list[Pet], {"value": '[{"kind": "dog"}]'}, [Dog(kind="dog")]),
        (Node, {"name": "[1]", "children": '[{"name": "b", "children": "[]"}]'}, None),
        (dict[str, str], {"a": '{"b": 1}'}, {"a": '{"b": 1}'}),
    ],
)
async def test_what_was_written_as_a_json_string_inside_is_read(
    mock: MockTransport, llm: LLMService, model: Any, written: Any, expected: Any
) -> None:
    """https://github.com/pydantic/pydantic-ai/issues/5259: Claude, Bedrock and vLLM do."""
    mock.queue_response(json.dumps(written))
    value = await llm.with_structured_output(model).complete(ASK)
    assert value == (expected or Node(name="[1]", children=[Node(name="b")]))


@pytest.mark.parametrize("model", [Callable[[], int], "NoSuchType", {1: 2}.keys])
def test_what_has_no_schema_is_refused_in_words(llm: LLMService, model: Any) -> None:
    with pytest.raises(AgentConfigError, match="cannot be the form of an answer"):
        llm.with_structured_output(model)


async def test_a_call_that_was_cut_off_is_an_error_with_its_text(
    anthropic_server: FakeAnthropic,
) -> None:
    config = LLMConfig.for_anthropic("m", api_key="k", base_url=anthropic_server.base_url)
    llm = LLMService.from_config(config)
    anthropic_server.reply(tool_call(NAME, '{"name": "Ad'), stop_reason="max_tokens")
    with pytest.raises(OutputParserError, match="max_tokens") as caught:
        await llm.with_structured_output(Person).complete(ASK)
    await llm.close()
    assert caught.value.text == '{"name": "Ad'


async def test_it_is_a_step_of_a_chain(mock: MockTransport, llm: LLMService) -> None:
    mock.queue_tool_use(NAME, ADA)
    structured: StructuredLLM[Person] = llm.with_structured_output(Person)
    run = chain(PromptTemplate("Who is {who}?"), structured, lambda p: p.name).run(who="Ada")
    assert await run == "Ada"
    assert run.usage == TokenUsage(10, 5) and [s.kind for s in run.steps][1] == "llm"
    mock.queue_response("Ada!")
    mock.queue_tool_use(NAME, ADA)
    again = chain(PromptTemplate("Who is {who}?"), structured).run(who="Ada")
    assert (await again).name == "Ada" and again.usage == TokenUsage(20, 10)
    mock.queue_tool_use(NAME, ADA)
    stream = await (PromptTemplate("{q}") | structured).stream(q="?")
    pieces = [c.tool_call_delta.input_delta async for c in stream if c.tool_call_delta]
    assert structured.read(stream.completion).name == "Ada" and "".join(pieces).startswith("{")


async def test_options_reach_the_request(openai_server: FakeOpenAI) -> None:
    config = LLMConfig.for_openai("m", api_key="k", base_url=openai_server.base_url)
    llm = LLMService.from_config(config)
    openai_server.reply(text('{"city": "Rome"}'))
    address = await llm.with_structured_output(Address).complete(ASK, temperature=0.5, model="n")
    await llm.close()
    assert address.city == "Rome"
    assert openai_server.requests[0].body["temperature"] == 0.5
    assert openai_server.requests[0].body["model"] == "n"


async def test_lists_and_objects_written_as_text_within_the_answer_are_read() -> None:
    mock = MockTransport()
    service = LLMService(mock, LLMConfig("mock", "m"))
    odd = {**ADA, "homes": '[{"city": "London"}]'}
    mock.queue_tool_use(NAME, odd)
    assert await service.with_structured_output(Person).complete(ASK) == Person(**ADA)  # type: ignore[arg-type]
    mock.queue_tool_use(NAME, {"value": "[1, 2]"})
    assert await service.with_structured_output(list[int]).complete(ASK) == [1, 2]
