"""Templates insert values, refuse everything else, and say what is missing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lauren_ai import (
    ChatPromptTemplate,
    FewShotPromptTemplate,
    LLMConfig,
    LLMService,
    Message,
    PromptTemplate,
    chain,
)
from lauren_ai.errors import PromptRenderError
from tests.servers import FakeAnthropic, FakeOpenAI, text


def test_a_template_takes_its_values() -> None:
    template = PromptTemplate("Write about {topic} in {n} words, {topic}!")
    assert template.variables == ("topic", "n")
    assert template.render(topic="cats", n=3) == "Write about cats in 3 words, cats!"


def test_doubled_braces_are_literal() -> None:
    template = PromptTemplate('{{"name": "{name}", "tags": {{}}}}')
    assert template.render(name="Ada") == '{"name": "Ada", "tags": {}}'


@given(st.text())
def test_a_value_is_inserted_as_it_is_and_never_expanded(value: str) -> None:
    assert PromptTemplate("<{a}|{b}>").render(a=value, b="{a}") == f"<{value}|{{a}}>"


@given(st.text())
def test_any_text_can_be_written_with_doubled_braces(wanted: str) -> None:
    escaped = wanted.replace("{", "{{").replace("}", "}}")
    assert PromptTemplate(escaped).render() == wanted


def test_a_missing_variable_is_named() -> None:
    with pytest.raises(PromptRenderError, match=r"'topic'.*given: tpoic") as caught:
        PromptTemplate("About {topic}").render(tpoic="x")
    assert caught.value.variable == "topic"


@pytest.mark.parametrize(
    "place",
    ["x.__class__", "x[0]", "x!r", "x:>9", "", "0", "a b", " x", "x ", "x.y.z", "lambda: 0"],
)
def test_anything_but_a_name_in_braces_is_refused(place: str) -> None:
    with pytest.raises(PromptRenderError):
        PromptTemplate(f"a {{{place}}} b").render(x="v")


@pytest.mark.parametrize("template", ["{", "}", "a { b", "{x", "x}", "{{x}", "{x}}"])
def test_a_single_brace_is_refused_and_its_place_told(template: str) -> None:
    with pytest.raises(PromptRenderError, match="brace"):
        PromptTemplate(template)


def test_variables_may_have_any_name_even_self_and_input() -> None:
    assert PromptTemplate("{self} {values}").render(self=1, values=2) == "1 2"
    assert PromptTemplate("{input}").invoke("x") == "x"


@pytest.mark.parametrize(
    ("template", "input", "values", "rendered"),
    [
        ("{a}", "x", {}, "x"),
        ("{a}", "new", {"a": "old"}, "new"),  # what the step before made wins
        ("{a} {b}", "x", {"b": "y"}, "x y"),
        ("{input} {b}", "x", {"b": "y", "input": "old"}, "x y"),
        ("{a} {b}", {"a": 1, "b": 2}, {"a": 0}, "1 2"),
        ("{a}", {"other": 1}, {}, "{'other': 1}"),
        ("fixed", None, {"unused": 1}, "fixed"),
    ],
)
def test_where_the_input_goes(template: str, input: Any, values: Any, rendered: str) -> None:
    assert PromptTemplate(template).invoke(input, **values) == rendered


@pytest.mark.parametrize(
    ("template", "values"), [("{a} {b}", {}), ("{a} {b}", {"a": 1, "b": 2}), ("fixed", {})]
)
def test_an_input_without_a_place_is_an_error_not_dropped(template: str, values: Any) -> None:
    with pytest.raises(PromptRenderError, match=r"\{input\}"):
        PromptTemplate(template).invoke("x", **values)


def test_a_chat_template_keeps_system_apart() -> None:
    template = ChatPromptTemplate(
        [
            ("system", "Be {mood}."),
            ("human", "Hi, I am {name}."),
            ("ai", "Hello {name}!"),
            Message.user("{as it is}"),
            ("system", "Be brief."),
        ]
    )
    assert template.variables == ("mood", "name")
    prompt = template.render(mood="kind", name="Ada")
    assert prompt.system == "Be kind.\n\nBe brief."
    assert prompt.messages == [
        Message.user("Hi, I am Ada."),
        Message.assistant("Hello Ada!"),
        Message.user("{as it is}"),
    ]
    assert ChatPromptTemplate([("user", "x")]).render().system is None


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(PromptRenderError, match=r"'robot'.*system, user"):
        ChatPromptTemplate([("robot", "x")])


@pytest.mark.parametrize(
    "entries",
    ["Be {mood}.", [("user",)], [{"role": "user", "content": "x"}], [("user", 3)], [None]],
)
def test_what_is_no_message_is_told_with_the_form_of_one(entries: Any) -> None:
    with pytest.raises(PromptRenderError, match=r"A message is a pair such as \(.user., "):
        ChatPromptTemplate(entries)


def test_a_long_text_in_braces_is_told_in_short() -> None:
    with pytest.raises(PromptRenderError) as caught:
        PromptTemplate('{"data": "' + "x" * 10_000 + '"}')
    assert len(str(caught.value)) < 400


async def test_the_system_text_reaches_the_providers_system_field(
    anthropic_server: FakeAnthropic, openai_server: FakeOpenAI
) -> None:
    template = ChatPromptTemplate([("system", "Be {mood}."), ("user", "{q}")])
    for make, server in (
        (LLMConfig.for_anthropic, anthropic_server),
        (LLMConfig.for_openai, openai_server),
    ):
        server.reply(text("ok"))
        llm = LLMService.from_config(make("m", api_key="k", base_url=server.base_url))
        assert await chain(template, llm).invoke(mood="kind", q="Why?") == "ok"
        await llm.close()
    assert anthropic_server.requests[0].body["system"] == "Be kind."
    assert [m["role"] for m in anthropic_server.requests[0].body["messages"]] == ["user"]
    system, user = openai_server.requests[0].body["messages"]
    assert system == {"role": "system", "content": "Be kind."} and user["content"] == "Why?"


def test_few_shots_stand_between_prefix_and_suffix() -> None:
    template = FewShotPromptTemplate(
        [{"q": "2+2", "a": "4"}, {"q": "{not a variable}", "a": "-"}],
        "Q: {q}\nA: {a}",
        prefix="Answer as {who}.",
        suffix="Q: {q}\nA:",
        separator="\n--\n",
    )
    assert template.variables == ("who", "q")
    assert template.render(who="Ada", q="3+3") == (
        "Answer as Ada.\n--\nQ: 2+2\nA: 4\n--\nQ: {not a variable}\nA: -\n--\nQ: 3+3\nA:"
    )


def test_an_incomplete_example_is_named_when_the_template_is_made() -> None:
    with pytest.raises(PromptRenderError, match=r"Example 2: .*'a'") as caught:
        FewShotPromptTemplate([{"q": 1, "a": 2}, {"q": 3}], "{q} {a}")
    assert caught.value.variable == "a"
