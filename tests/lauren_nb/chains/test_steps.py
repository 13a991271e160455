from __future__ import annotations

from typing import Any

import pytest

from lauren_nb._chains.steps import StepSpec, check_expressions, parse_steps
from lauren_nb._errors import InterpolationError, OptionError


def test_steps_are_split_by_lines_of_dashes() -> None:
    steps = parse_steps("first\nline\n---\nsecond\n--- \nthird\n")
    assert [step.text for step in steps] == ["first\nline", "second", "third"]


def test_one_step_needs_no_line() -> None:
    assert parse_steps("Write a haiku.") == [StepSpec(text="Write a haiku.")]


def test_options_stand_on_the_line_before_their_step() -> None:
    body = (
        "--- name: draft, model: openai:gpt-5-mini, temperature: 0.2\nWrite.\n"
        "--- parser: json, system: 'Be brief, please', max-tokens: 300, thinking: true\nRead.\n"
    )
    assert parse_steps(body) == [
        StepSpec(text="Write.", name="draft", model="openai:gpt-5-mini", temperature=0.2),
        StepSpec(
            text="Read.", parser="json", system="Be brief, please", max_tokens=300, thinking=True
        ),
    ]


def test_options_may_have_braces_and_comments() -> None:
    [step] = parse_steps("--- {name: draft, thinking: 2000} # first\nWrite.")
    assert (step.name, step.thinking) == ("draft", 2000)
    [step] = parse_steps("--- name: draft # first\nWrite.")
    assert step.name == "draft"


def test_options_mean_what_they_say() -> None:
    """YAML 1.1 has `no` for False and `1.10` for 1.1."""
    [step] = parse_steps("--- system: no, name: on, pattern: 1.10, thinking: yes\nWrite.")
    assert (step.system, step.name, step.pattern, step.thinking) == ("no", "on", "1.10", True)


def test_steps_are_split_where_lines_end_as_on_windows() -> None:
    first, second = parse_steps("--- name: a\r\nOne.\r\n--- \r\nTwo.\r\n")
    assert (first.name, first.text, second.text) == ("a", "One.", "Two.")


@pytest.mark.parametrize(
    "text", ["----\na", "---a", "| --- | --- |", " --- x", "a --- b", "-- -", "—\n"]
)
def test_other_dashes_are_text(text: str) -> None:
    assert [step.text for step in parse_steps(f"begin\n{text}")] == [f"begin\n{text}".strip()]


def test_a_backslash_keeps_a_line_of_dashes() -> None:
    assert [s.text for s in parse_steps("a\n\\---\nb\n---\nc")] == ["a\n---\nb", "c"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "Step 1 has no text"),
        ("---\na\n---\n", "Step 2 has no text"),
        ("a\n---\n---\nb", "Step 2 has no text"),
        ("--- nme: x\na", "Step 1: unknown option 'nme'. Did you mean name?"),
        ("a\n--- tools: x\nb", "Step 2: unknown option 'tools'."),
        ("--- name\na", "Step 1: name needs a value"),
        ("--- name: two words\na", "Step 1: a name is a word"),
        ("--- name: x\na\n--- name: x\nb", "Step 2: the name 'x' is taken"),
        ("--- temperature: hot\na", "Step 1: temperature needs a number from 0 to 2"),
        ("--- temperature: 3\na", "Step 1: temperature needs a number from 0 to 2"),
        ("--- max_tokens: 0\na", "Step 1: max_tokens needs a whole number"),
        ("--- parser: list[x]\na", "Step 1: the options"),
        ("--- system: {{ x }}\na", "Step 1: "),
        ("--- 'unclosed\na", "Step 1: the options"),
    ],
)
def test_a_mistake_is_named_in_one_line_with_its_step(body: str, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_steps(body)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


KNOWN = {"df", "_", "steps"}


@pytest.mark.parametrize(
    "body",
    [
        "{{ df.head() }}\n---\n{{ _ }}",
        "--- name: a\nx\n---\n{{ steps.a }} {{ steps['a'] }} {{ steps[0] }}",
        "{{ [y for y in range(3)] }} {{ (lambda z: z)(1) }} {{ (w := 2) }} {{ len(df) }}",
        "\\{{ nothing }}",
    ],
)
def test_expressions_that_may_work_pass(body: str) -> None:
    check_expressions(parse_steps(body), KNOWN)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("x\n---\n{{ topc }}", "Step 2: {{ topc }} names topc"),
        ("{{ steps.a }}\n--- name: a\nx", "Step 1: {{ steps.a }} asks for the step 'a'"),
        ("--- name: a\nx\n---\n{{ steps.b }}", "Step 2: {{ steps.b }} asks for the step 'b'. "),
        ("x\n---\n{{ steps[1] }}", "Step 2: {{ steps[1] }} asks for step 1, and 1 went before"),
        ("x\n--- system: 'Like {{ who }}'\ny", "Step 2: {{ who }} names who"),
        ("{{ 1 +  }}", "{{ 1 + }} on line 1 is not Python"),
    ],
)
def test_expressions_that_cannot_work_are_found_before_anything_runs(
    body: str, message: str
) -> None:
    with pytest.raises(InterpolationError) as caught:
        check_expressions(parse_steps(body), KNOWN)
    assert str(caught.value).startswith(message)


def test_yaml_makes_no_objects() -> None:
    hostile: Any = "--- name: !!python/object/apply:os.getcwd []\na"
    with pytest.raises(OptionError, match="cannot be read"):
        parse_steps(hostile)
