"""What the model reads of what a tool returned."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pydantic
import pytest
from matplotlib.figure import Figure

from lauren_ai import ContentBlock, ToolExecutionError
from lauren_ai._agents.history import build_user_message
from lauren_ai._agents.images import to_image
from lauren_ai._agents.tool_calls.result import build_content
from tests.support.pictures import make_jpeg, make_png

IMAGE = ContentBlock.image_block(b"x")


class Place(pydantic.BaseModel):
    city: str
    title: int = 0


@dataclass
class Point:
    x: float


@pytest.mark.parametrize(
    ("value", "content"),
    [
        ("text", "text"),
        ("lone \ud800 surrogate", "lone � surrogate"),
        (None, "null"),
        (3, "3"),
        ({"a": [1, None]}, '{"a":[1,null]}'),
        (Place(city="Graz"), '{"city":"Graz","title":0}'),
        (Point(1.5), '{"x":1.5}'),
        ([], "[]"),
    ],
)
def test_results_are_text_or_json(value: Any, content: str) -> None:
    assert build_content("t", value) == content


def test_blocks_are_results_as_they_are() -> None:
    assert build_content("t", IMAGE) == build_content("t", [IMAGE]) == [IMAGE]


@pytest.mark.parametrize("make", [list, tuple])
def test_text_may_stand_between_blocks(make: Any) -> None:
    """Written as JSON, the image's base64 would be text, and cost a fortune."""
    assert build_content("t", make(["A plot: ", IMAGE])) == [
        ContentBlock.text_block("A plot: "),
        IMAGE,
    ]
    assert build_content("t", make(["a", "b"])) == '["a","b"]'


@pytest.mark.parametrize(
    ("value", "content"),
    [
        (np.int64(3), "3"),
        (np.float32(0.5), "0.5"),
        (np.bool_(True), "true"),
        ({"n": np.int64(3), "values": np.arange(3)}, '{"n":3,"values":"[0 1 2]"}'),
        (np.arange(3), "[0 1 2]"),
        (pd.DataFrame({"a": [1]}), "   a\n0  1"),
    ],
)
def test_numbers_arrays_and_tables_are_written(value: Any, content: str) -> None:
    """`return frame["x"].sum()` gives numpy's integer, which no JSON writer knows."""
    assert build_content("t", value) == content


def test_a_large_table_is_written_as_short_as_it_prints_itself() -> None:
    content = build_content("t", pd.DataFrame({"a": range(100_000)}))
    assert len(content) < 2_000
    assert "99999" in content


def count_and_fail() -> Iterator[int]:
    yield 1
    raise ZeroDivisionError


def test_an_iterator_is_read_to_its_end_but_not_for_ever() -> None:
    """One without an end took all the memory, and then the kernel with it."""
    assert build_content("t", map(str, [1, 2])) == '["1","2"]'
    with pytest.raises(ToolExecutionError, match="iterator"):
        build_content("t", itertools.count())
    with pytest.raises(ZeroDivisionError):
        build_content("t", count_and_fail())


def test_a_result_that_is_no_json_is_an_error() -> None:
    with pytest.raises(ToolExecutionError, match="Thread"):
        build_content("t", threading.current_thread())


def kinds(content: str | list[ContentBlock]) -> list[str]:
    assert isinstance(content, list)
    return [
        (block.source or {}).get("media_type", "") if block.type == "image" else str(block.text)
        for block in content
    ]


def test_a_picture_is_seen_whatever_holds_it() -> None:
    """Plot tools returned "not JSON" (openai-agents #341, chatlas #39)."""
    from IPython.display import Image as Shown
    from PIL import Image

    figure = Figure()
    axes = figure.subplots()
    picture = Image.new("RGB", (2, 2))
    for value in (
        picture,
        figure,
        axes,
        make_png(40),
        bytearray(make_png(40)),
        Shown(make_png(40)),
    ):
        assert kinds(build_content("t", value)) == ["image/png"], value
    assert kinds(build_content("t", make_jpeg(40))) == ["image/jpeg"]
    assert kinds(build_content("t", Shown(make_jpeg(40), format="jpeg"))) == ["image/jpeg"]
    assert kinds(build_content("t", (figure, axes))) == ["image/png"]  # `plt.subplots()`
    assert kinds(build_content("t", ["Sales", picture, {"n": 3}, ""])) == [
        "Sales",
        "image/png",
        '{"n":3}',
    ]
    assert kinds(build_user_message(["Look", figure]).content) == ["Look", "image/png"]


@pytest.mark.parametrize("value", [b"ab", Figure, [b"ab"], [1, 2]], ids=str)
def test_what_is_no_picture_is_none(value: Any) -> None:
    assert to_image(value) is None


def test_a_layer_above_may_write_tables_in_its_way() -> None:
    def write(value: Any) -> str | None:
        return f"| {len(value)} rows |" if isinstance(value, pd.DataFrame) else None

    frame = pd.DataFrame({"a": [1]})
    assert build_content("t", frame, to_content=write) == "| 1 rows |"
    assert build_content("t", [frame, frame], to_content=write) == "| 1 rows |\n\n| 1 rows |"
    assert build_content("t", {"a": 1}, to_content=write) == '{"a":1}'
    assert build_content("t", [1, 2], to_content=write) == "[1,2]"
