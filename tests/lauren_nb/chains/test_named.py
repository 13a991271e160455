from __future__ import annotations

from dataclasses import replace
from typing import Any

import pydantic
import pytest

from lauren_ai import (
    LaurenAIError,
    PromptTemplate,
    Step,
    chain,
)
from lauren_ai.parsers import JSONOutputParser, RetryOutputParser
from lauren_nb._errors import InterpolationError, OptionError
from tests.support.chain_cells import Cells, make_mock


class Person(pydantic.BaseModel):
    name: str
    age: int


async def test_a_named_chain_gets_its_inputs_and_shows_its_llm_steps() -> None:
    llm, transport = make_mock("draft", '[{"a": 1}]')
    story = chain(
        PromptTemplate("About {topic} for {who}."),
        Step(llm, "write"),
        str.upper,
        PromptTemplate("Read: {input}"),
        Step(llm, "read", {"temperature": 0.5}),
        JSONOutputParser(),
    )
    cells = Cells(story=story, person={"name": "Ada"}, robot="a robot")
    body = "topic: {{ robot }} that paints\nwho: {{ person['name'] }}"
    await cells.run("chain story -o result", body)
    assert [call.messages[0].text() for call in transport.calls] == [
        "About a robot that paints for Ada.",
        "Read: DRAFT",
    ]
    assert transport.calls[1].temperature == 0.5
    assert cells.ns["result"] == [{"a": 1}]
    assert [step["name"] for step in cells.facts["steps"]] == ["write", "read"]
    assert "| a |" in cells.markdown


async def test_an_input_that_is_one_expression_is_the_object_itself() -> None:
    given: list[Any] = []
    llm, _ = make_mock("x")
    thing = object()
    pipeline = chain(lambda inputs: given.append(inputs) or "hi", llm)
    cells = Cells(pipeline=pipeline, thing=thing)
    body = "a: {{ thing }}\nb: [{{ thing }}, 2]\nc: |\n  text {{ 1 + 1 }}\n"
    body += "d: \\{{ x }}\ne: 'é: {{ 3 }}'"
    await cells.run("chain pipeline", body)
    assert given == [{"a": thing, "b": [thing, 2], "c": "text 2\n", "d": "{{ x }}", "e": "é: 3"}]


@pytest.mark.parametrize(
    ("line", "body", "message"),
    [
        ("chain nothing", "", "chain nothing: there is no variable of that name"),
        ("chain topic", "", "chain topic: that is str, no Chain."),
        ("chain story", "topic: x", "chain story: no value for who. Write in the body: who: …"),
        ("chain story", "topic: x\nwho: y\ntpic: z", "chain story has no input tpic. Did you mean"),
        ("chain story", "just text", "The body is a mapping of the chain's inputs"),
        ("chain story", "topic: x\nwho:", "The input who has no value."),
        ("chain story", "topic: x\ntopic: y\nwho: z", "The chain's inputs are no YAML on line 2"),
        ("chain story", "{{ topic }}: x", "The name of an input is written as it is"),
        ("chain story", "topic: [", "The chain's inputs are no YAML on line 1"),
        ("chain story -m anthropic", "topic: x", "--model does not go with chain. The chain's own"),
        ("chain story --temperature 0", "topic: x", "--temperature does not go with chain."),
        ("chain bare", "", "chain bare: no value for input."),
        ("chain box.story", "topic: x", "chain box.story: no value for who"),
        ("chain box.tale", "", "chain box.tale: there is no tale in it"),
    ],
)
async def test_a_mistake_with_a_named_chain_is_one_line_and_nothing_is_sent(
    line: str, body: str, message: str
) -> None:
    llm, transport = make_mock()
    story = PromptTemplate("{topic} {who}") | llm

    class Box:
        pass

    box: Any = Box()
    box.story = story
    cells = Cells(story=story, bare=chain(llm, JSONOutputParser()), topic="x", box=box)
    with pytest.raises(OptionError) as caught:
        await cells.run(line, body)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert transport.calls == []


@pytest.mark.parametrize(
    "text",
    [
        "NO",
        "yes",
        "12:30",
        "012",
        "3.10",
        "1_000",
        "0x10",
        "1e3",
        "2020-01-01",
        "=",
        "<<",
        "\ue002",
    ],
)
async def test_what_is_written_is_what_the_model_gets(text: str) -> None:
    """YAML 1.1 makes False of NO, 750 of 12:30, 10 of 012."""
    llm, transport = make_mock("ok")
    await Cells(story=PromptTemplate("{topic}") | llm).run("chain story", f"topic: {text}")
    assert transport.calls[0].messages[0].text() == text


async def test_plain_numbers_and_words_for_values_are_values() -> None:
    llm, _ = make_mock("ok", "ok")
    got: list[Any] = []
    cells = Cells(story=chain(got.append, lambda _: "go", llm))
    await cells.run("chain story", "a: 3\nb: -0.5\nc: true\nd: null\ne: [1, x]\nf: '3'")
    assert got == [{"a": 3, "b": -0.5, "c": True, "d": None, "e": [1, "x"], "f": "3"}]


async def test_an_unknown_name_in_an_input_is_found_first() -> None:
    llm, transport = make_mock()
    cells = Cells(story=PromptTemplate("{topic}") | llm)
    with pytest.raises(InterpolationError, match=r"{{ topc }} names topc"):
        await cells.run("chain story", "topic: {{ topc }}")
    assert transport.calls == []


async def test_a_failing_function_of_a_chain_is_named_and_the_answer_stays() -> None:
    llm, _ = make_mock("the answer")

    def judge(text: str) -> str:
        raise LaurenAIError("too long")

    cells = Cells(story=chain(llm, judge, llm))
    with pytest.raises(LaurenAIError, match=r"^Step 2 of 3 \(judge\): too long"):
        await cells.run("chain story -o kept", "input: hi")
    assert "the answer" in cells.markdown
    assert cells.ns["kept"] == "the answer"


async def test_a_last_function_shows_its_value_below_the_folded_answer() -> None:
    llm, _ = make_mock("three short words")

    def count_words(text: str) -> dict[str, int]:
        return {"words": len(text.split())}

    cells = Cells(story=chain(llm, count_words))
    await cells.run("chain story -o n", "input: hi")
    assert cells.ns["n"] == {"words": 3}
    assert [step["name"] for step in cells.facts["steps"]] == ["Step 1 of 2", "count_words"]
    fold, _, rest = cells.markdown.partition("</details>")
    assert "three short words" in fold
    assert '"words": 3' in rest


async def test_a_structured_answer_shows_as_its_value() -> None:
    llm, transport = make_mock()
    transport.queue_tool_use("structured_output", {"name": "Ada", "age": 36})
    cells = Cells(who=PromptTemplate("{q}") | llm.with_structured_output(Person))
    await cells.run("chain who -o person", "q: who?")
    assert cells.ns["person"] == Person(name="Ada", age=36)
    assert '```json\n{\n  "name": "Ada",\n  "age": 36\n}\n```' in cells.markdown


async def test_the_retries_of_a_parser_are_counted() -> None:
    llm, transport = make_mock("no json", "{}")
    cells = Cells(story=chain(llm, RetryOutputParser(JSONOutputParser(), llm)))
    await cells.run("chain story -o out", "input: hi")
    assert cells.ns["out"] == {}
    assert len(transport.calls) == 2
    [step] = cells.facts["steps"]
    assert (step["input_tokens"], cells.facts["input_tokens"]) == (20, 20)


async def test_two_models_are_named_at_their_steps() -> None:
    first, one = make_mock()
    second, two = make_mock()
    one.queue_response("x")
    two.queue_response("y")
    second.config = replace(second.config, model="mock-2")
    cells = Cells(story=chain(first, second))
    await cells.run("chain story", "input: hi")
    assert [step["model"] for step in cells.facts["steps"]] == ["mock-1", "mock-2"]
    assert cells.facts["model"] == "mock-1 + mock-2"
