from __future__ import annotations

import datetime
import html
from dataclasses import dataclass
from typing import Any

import pandas
import pydantic
import pytest

from lauren_nb._chains.value import write_value
from lauren_nb._markdown.neutraliser import neutralise
from tests.support.hostile_texts import PAYLOADS
from tests.support.renderers import find_faults, get_text, render_commonmark


class Person(pydantic.BaseModel):
    name: str
    born: datetime.date


@dataclass
class Point:
    x: int
    y: float


TABLE = "| name | age |\n| --- | --- |\n| Ada | 36 |\n| Bob |  |"


@pytest.mark.parametrize(
    "value",
    [
        [{"name": "Ada", "age": 36}, {"name": "Bob"}],
        ({"name": "Ada", "age": 36}, {"name": "Bob", "age": None}),
    ],
)
def test_records_are_a_table(value: Any) -> None:
    assert write_value(value) == (TABLE, "markdown")


def test_models_and_dataclasses_are_records_and_json() -> None:
    ada = Person(name="Ada", born=datetime.date(1815, 12, 10))
    text, format = write_value([ada])
    assert (text.split("\n")[2], format) == ("| Ada | 1815-12-10 |", "markdown")
    assert write_value(ada) == ('{\n  "name": "Ada",\n  "born": "1815-12-10"\n}', "json")
    assert write_value([Point(1, 0.1 + 0.2)])[0].split("\n")[2] == "| 1 | 0.3 |"


def test_nested_fields_are_json_in_a_cell() -> None:
    assert "| [1, 2] |" in html.unescape(write_value([{"a": [1, 2]}])[0])


def test_frames_and_series_are_tables() -> None:
    frame = pandas.DataFrame({"a": [1, 2]})
    assert write_value(frame)[0].split("\n")[2:] == ["| 0 | 1 |", "| 1 | 2 |"]
    assert write_value(frame.a) == write_value(frame)


def test_a_long_table_is_cut_and_says_so() -> None:
    text, _ = write_value([{"n": n} for n in range(1000)])
    assert "1,000 rows" in text
    assert len(text.split("\n")) < 70


@pytest.mark.parametrize(
    ("value", "text", "format"),
    [
        ("a *b*", "a *b*", "text"),
        (["one", "two\nlines"], "- one\n- two lines", "markdown"),
        ({"a": [1, None]}, '{\n  "a": [\n    1,\n    null\n  ]\n}', "json"),
        ([], "[]", "json"),
        ([1, 2], "[\n  1,\n  2\n]", "json"),
        (3, "3", "json"),
        ({"mean": float("nan")}, "{'mean': nan}", "text"),
        (None, "null", "json"),
        ([{"a": 1}, 2], '[\n  {\n    "a": 1\n  },\n  2\n]', "json"),
    ],
)
def test_other_values_show_as_people_expect(value: Any, text: str, format: str) -> None:
    assert write_value(value) == (text, format)


def test_an_object_of_no_such_kind_is_its_text() -> None:
    assert write_value(2 + 1j) == ("(2+1j)", "text")


MARKS = ["a|b", "*x*", "_y_", "`z`", "$1$ and $2$", "<b>", "[a](b)", "&amp;", "~~s~~", "![i](u)"]
STARTS = ["# no", "1. no", "12) no", "- no", "+ no", "0.3", "\\", "\\(x\\)", "https://a.b/c_d_e"]


@pytest.mark.parametrize("text", MARKS + STARTS)
def test_data_shows_to_the_letter_in_tables_and_lists(text: str) -> None:
    for value in ([{"cell": text}], [text]):
        shown = neutralise(write_value(value)[0])
        assert text in get_text(render_commonmark(shown)).replace("\\$", "$")


def test_hostile_data_is_only_text() -> None:
    for payload in PAYLOADS:
        for value in ([{payload: payload}], [payload], {payload: payload}):
            text, format = write_value(value)
            if format == "markdown":
                assert not find_faults(render_commonmark(neutralise(text))), payload
