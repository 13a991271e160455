from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lauren_ai._types import ContentBlock
from lauren_nb._errors import InterpolationError
from lauren_nb._prompt.interpolation import interpolate


def render(template: str, **namespace: Any) -> str:
    parts = interpolate(template, namespace)
    assert len(parts) == 1
    assert isinstance(parts[0], str)
    return parts[0]


def failure_of(template: str, **namespace: Any) -> InterpolationError:
    with pytest.raises(InterpolationError) as caught:
        interpolate(template, namespace)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("", ""),
        ("plain", "plain"),
        ("a {{ x }} b {{x}}{{ x+1 }}", "a 5 b 56"),
        ('{"a": {"b": [1, {"c": 2}]}}', '{"a": {"b": [1, {"c": 2}]}}'),
        ("f'{x}' and }} too", "f'{x}' and }} too"),
        (r"\{{ x }} and \{{{{ x }}", "{{ x }} and {{5"),
        ("{{ {'a': {'b': x}} }}", '{"a": {"b": 5}}'),
        ("{{{'a': x}}}", '{"a": 5}'),
        ("{{ x }}}", "5}"),
        ("{{ '}}' * 2 }}", "}}}}"),
        ("{{ '{{ x }}' }}", "{{ x }}"),
        ("{{ [i for i in range(3)\n     if i != 1] }}", "[0, 2]"),
        ("{{ x  # the five\n}}", "5"),
        ("{{ (lambda a: a * x)(2) }}", "10"),
        ("{{ sum(x for _ in range(3)) }}", "15"),
        ("{{ None }} {{ 1.5 }} {{ True }}", "None 1.5 True"),
    ],
)
def test_expressions_are_replaced_and_the_rest_stays(template: str, expected: str) -> None:
    assert render(template, x=5) == expected


def test_a_value_is_never_expanded_again() -> None:
    assert render("{{ a }} {{ b }}", a="{{ b }}", b=r"\{{ a }}") == r"{{ b }} \{{ a }}"


def test_a_string_is_never_cut() -> None:
    assert render("{{ s }}", s="x" * 300_000) == "x" * 300_000


@given(st.text(alphabet="{}\\x \n'", max_size=30))
def test_any_template_gives_parts_or_our_error(template: str) -> None:
    try:
        parts = interpolate(template, {"x": "X"})
    except InterpolationError as error:
        assert error.line >= 1
    else:
        assert all(isinstance(part, str) for part in parts)


@given(st.text(max_size=60).filter(lambda text: "{{" not in text))
def test_a_template_without_double_braces_is_itself(template: str) -> None:
    assert interpolate(template, {}) == [template]


def test_the_namespace_is_not_changed() -> None:
    namespace: dict[str, Any] = {"x": 1}
    assert interpolate("{{ (y := x + 1) }}{{ y }}", namespace) == ["22"]
    assert namespace == {"x": 1}


def test_an_error_names_expression_line_and_cause() -> None:
    error = failure_of("one\ntwo {{ d['key']['missing'] }}", d={"key": {}})
    assert (error.expression, error.line) == ("d['key']['missing']", 2)
    assert "{{ d['key']['missing'] }} on line 2 failed: KeyError: 'missing'" in str(error)
    assert isinstance(error.__cause__, KeyError)


def test_a_value_that_cannot_be_written_is_an_error_of_its_expression() -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("no text")

    assert "RuntimeError: no text" in str(failure_of("{{ b }}", b=Broken()))


@pytest.mark.parametrize(
    ("template", "part"),
    [
        ("{{ 1 + }}", "is not Python"),
        ("{{ }}", "nothing stands between the braces"),
        ("{{ x", "{{ x on line 1 has no }} that closes it."),
        ('f"{{"', "has no }}"),
        ("{{ x = 1 }}", "is not Python"),
        ("{{ (yield) }}", "is not Python"),
        ("{{ " + "(" * 500 + " }}", "is not Python"),
        ("{{" + "x}" * 5000 + "}", "has no }}"),
    ],
)
def test_what_is_no_expression_is_an_error_that_tells_the_escape(template: str, part: str) -> None:
    error = failure_of(template)
    assert part in str(error)
    assert error.line == 1
    if "yield" not in template:
        assert "Write \\{{ for plain braces" in str(error)


@pytest.mark.parametrize(
    "expression", ["await f()", "f()", "[x async for x in g()]", "(await f())['}}']"]
)
def test_async_expressions_are_refused_in_clear_words(expression: str) -> None:
    async def f() -> dict[str, int]:
        return {}

    error = failure_of(f"{{{{ {expression} }}}}", f=f)
    assert "needs await" in str(error)
    assert "in a cell before" in str(error)


def test_an_interrupt_is_not_swallowed() -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interpolate("{{ stop() }}", {"stop": stop})


def test_a_block_stands_between_texts_in_order() -> None:
    block = ContentBlock.image_block(b"png")
    assert interpolate("a{{ 1 }}{{ b }}{{ b }}c", {"b": block}) == ["a1", block, block, "c"]
    assert interpolate("{{ b }}", {"b": block}) == [block]


def test_data_becomes_json_and_what_is_none_becomes_text() -> None:
    assert render("{{ d }}", d={"ä": [1, (2, None)]}) == '{"ä": [1, [2, null]]}'
    assert render("{{ d }}", d={(1, 2): {3}}) == "{(1, 2): {3}}"
    loop: list[Any] = []
    loop.append(loop)
    assert render("{{ d }}", d=loop) == "[[...]]"


def test_a_long_value_is_cut_in_the_middle_and_says_so() -> None:
    text = render("{{ d }}", d=list(range(100_000)))
    assert len(text) < 20_200
    assert text.startswith("[0, 1, 2")
    assert text.endswith("99999]")
    assert f"of {len(json.dumps(list(range(100_000)))):,} characters left out" in text


def test_heavy_libraries_are_not_imported() -> None:
    code = (
        "import sys, lauren_nb._prompt.interpolation as i; "
        "i.interpolate('{{ [1, object()] }}', {}); "
        "print(sorted({'pandas', 'numpy', 'matplotlib', 'PIL', 'polars', 'IPython'} "
        "& set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
