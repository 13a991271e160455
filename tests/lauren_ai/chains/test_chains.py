"""Chains run their steps in order, from any kind of step, and know what they need."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lauren_ai import (
    Chain,
    ChatPromptTemplate,
    LaurenAIError,
    LLMService,
    Message,
    PromptTemplate,
    Step,
    chain,
)
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import PromptRenderError
from lauren_ai.parsers import (
    CommaSeparatedListParser,
    JSONOutputParser,
    OutputParser,
    StrOutputParser,
)
from tests.support.wired import asked


async def test_each_step_gets_what_the_one_before_made(
    mock: MockTransport, llm: LLMService
) -> None:
    async def shout(value: str) -> str:
        await asyncio.sleep(0)
        return value.upper()

    class Exclaim:
        def invoke(self, value: str) -> str:
            return value + "!"

    mock.queue_response("cats, dogs")
    mock.queue_response("meow")
    pipeline = chain(
        PromptTemplate("Name {n} pets"),
        llm,
        CommaSeparatedListParser(),
        lambda pets: pets[0],
        shout,
        Exclaim(),
        PromptTemplate("What says {pet}"),
        llm,
        StrOutputParser(),
    )
    assert await pipeline.invoke(n=2) == "meow"
    assert asked(mock, 0) == "Name 2 pets" and asked(mock, 1) == "What says CATS!"


async def test_a_parser_of_the_users_own_may_be_asynchronous(
    mock: MockTransport, llm: LLMService
) -> None:
    class Look(OutputParser[Any]):
        async def parse(self, text: str) -> str:  # type: ignore[override]
            await asyncio.sleep(0)
            return f"found {text}"

    mock.queue_response("it")
    assert await (llm | Look()).invoke("x") == "found it"


async def test_the_value_of_an_llm_step_is_its_text(mock: MockTransport, llm: LLMService) -> None:
    mock.queue_response("[1]")
    value = await chain(PromptTemplate("{x}"), llm).invoke(x=1)
    assert value == "[1]" and JSONOutputParser().parse(value) == [1]


@pytest.mark.parametrize(
    ("input", "messages"),
    [
        ("hi", [Message.user("hi")]),
        (Message.assistant("so"), [Message.assistant("so")]),
        ([Message.user("a"), Message.assistant("b")], [Message.user("a"), Message.assistant("b")]),
    ],
)
async def test_an_llm_step_takes_text_and_messages(
    mock: MockTransport, llm: LLMService, input: Any, messages: list[Message]
) -> None:
    mock.queue_response("ok")
    await chain(llm).invoke(input)
    assert mock.calls[0].messages == messages and mock.calls[0].system is None


@pytest.mark.parametrize("input", [None, {"a": 1}, [], 3, ["text"]])
async def test_an_llm_step_refuses_anything_else(llm: LLMService, input: Any) -> None:
    with pytest.raises(LaurenAIError, match=r"Step 1 of 1 \(LLMService\): An LLM step takes text"):
        await chain(llm).invoke(input)


async def test_every_kind_of_step_can_be_joined_by_a_bar(
    mock: MockTransport, llm: LLMService
) -> None:
    def double(value: str) -> str:
        return value * 2

    prompt, parser = PromptTemplate("{x}"), StrOutputParser()
    joined = {
        prompt | llm: ["PromptTemplate", "LLMService"],
        llm | parser: ["LLMService", "StrOutputParser"],
        llm | llm: ["LLMService", "LLMService"],
        llm | double: ["LLMService", "double"],
        double | llm: ["double", "LLMService"],
        double | prompt: ["double", "PromptTemplate"],
        parser | double: ["StrOutputParser", "double"],
        (prompt | llm) | (llm | parser): [
            "PromptTemplate",
            "LLMService",
            "LLMService",
            "StrOutputParser",
        ],
        double | (prompt | llm): ["double", "PromptTemplate", "LLMService"],
        (lambda x: x) | parser: ["lambda", "StrOutputParser"],
        Step(llm, name="a") | Step(llm, name="b") | double: ["a", "b", "double"],
        double | Step(llm, name="a"): ["double", "a"],
    }
    for made, labels in joined.items():
        assert isinstance(made, Chain) and [step.label for step in made.steps] == labels
    mock.queue_response(" a ")
    assert await (llm | parser | double).invoke("hi") == "aa"


def test_a_chain_among_the_steps_gives_its_own(llm: LLMService) -> None:
    inner = chain(PromptTemplate("{a}"), llm)
    assert chain(inner, PromptTemplate("{b}"), inner).steps[3:] == inner.steps
    assert repr(inner) == "chain(PromptTemplate | LLMService)"


@pytest.mark.parametrize("steps", [(), (None,), (3,), ("text",), ({"a": 1},)])
def test_what_is_no_step_is_refused_when_the_chain_is_made(steps: tuple[Any, ...]) -> None:
    with pytest.raises(LaurenAIError, match=r"no step of a chain|at least one step"):
        chain(*steps)


@pytest.mark.parametrize("step", [StrOutputParser, PromptTemplate])
def test_a_class_in_place_of_its_object_is_told_when_the_chain_is_made(
    llm: LLMService, step: type
) -> None:
    with pytest.raises(LaurenAIError, match=rf"{step.__name__} is a class.*{step.__name__}\("):
        llm | step


async def test_a_class_that_makes_a_value_is_a_function(
    mock: MockTransport, llm: LLMService
) -> None:
    mock.queue_response("7")
    assert await (llm | int).invoke("x") == 7


async def test_a_step_has_a_name_and_options_of_its_own(
    mock: MockTransport, llm: LLMService
) -> None:
    prompt = ChatPromptTemplate([("system", "Be kind."), ("user", "{q}")])
    mock.queue_response("ok")
    options = {"model": "other", "temperature": 0.5, "system": "Be brief."}
    run = chain(prompt, Step(llm, name="answer", options=options)).run(q="?")
    await run
    assert [step.name for step in run.steps] == ["ChatPromptTemplate", "answer"]
    request = mock.calls[0]
    assert (request.model, request.temperature) == ("other", 0.5)
    assert request.system == "Be kind.\n\nBe brief." and request.messages == [Message.user("?")]


async def test_a_first_function_gets_the_input_or_all_variables(
    mock: MockTransport, llm: LLMService
) -> None:
    pipeline = chain(lambda given: f"<{given}>", llm)
    for _ in range(2):
        mock.queue_response("ok")
    await pipeline.invoke("text")
    assert asked(mock) == "<text>"
    await pipeline.invoke(a=1, b=2)
    assert asked(mock) == "<{'a': 1, 'b': 2}>"
    assert pipeline.takes_any_variable and not (PromptTemplate("") | llm).takes_any_variable


async def test_variables_may_be_called_anything(mock: MockTransport, llm: LLMService) -> None:
    mock.queue_response("ok")
    await chain(PromptTemplate("{self} {input} {steps}"), llm).invoke("i", self="s", steps="t")
    assert asked(mock) == "s i t"


def test_a_chain_knows_the_variables_it_needs(llm: LLMService) -> None:
    first, second = PromptTemplate("{a} {b}"), PromptTemplate("{answer}")
    third = PromptTemplate("{input} {c}")
    pipeline = chain(first, llm, second, llm, third, llm)
    assert pipeline.input_variables == ("a", "b", "c")
    assert pipeline.variables == ("a", "b", "answer", "input", "c")
    assert chain(lambda x: x, second, llm).input_variables == ()


async def test_a_missing_variable_names_itself_and_its_step(llm: LLMService) -> None:
    with pytest.raises(PromptRenderError, match=r"Step 1 of 2 .*'topic'.*given: tpoic") as caught:
        await chain(PromptTemplate("{topic}"), llm).invoke(tpoic="x")
    assert caught.value.variable == "topic"
