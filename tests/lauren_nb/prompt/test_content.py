from __future__ import annotations

import base64
import io
import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from lauren_ai._types import ContentBlock
from lauren_nb._prompt.content import to_content
from lauren_nb._prompt.images import MAX_BYTES, MAX_PIXELS
from tests.support.frames import PolarsLike


def open_block(block: Any) -> Image.Image:
    assert isinstance(block, ContentBlock)
    assert block.type == "image"
    assert block.source is not None
    data = base64.b64decode(block.source["data"])
    assert len(data) <= MAX_BYTES
    picture = Image.open(io.BytesIO(data))
    assert block.source["media_type"] == f"image/{str(picture.format).lower()}"
    return picture


def table_of(value: Any) -> list[str]:
    text = to_content(value)
    assert isinstance(text, str)
    return text.splitlines()


def test_a_small_frame_is_a_whole_table_with_its_shape() -> None:
    frame = pd.DataFrame({"a|b": [1, 2], "c": ["x\ny", None]}, index=["r1", "r2"])
    assert table_of(frame) == [
        "|  | a\\|b | c |",
        "| --- | --- | --- |",
        "| r1 | 1 | x y |",
        "| r2 | 2 | None |" if frame["c"].dtype == object else "| r2 | 2 | nan |",
        "",
        "(2 rows × 2 columns)",
    ]


def test_describe_keeps_its_index_and_short_floats() -> None:
    lines = table_of(pd.DataFrame({"n": [0.1, 0.2, 0.1 + 0.2]}).describe())
    assert "| max | 0.3 |" in lines
    assert lines[-1] == "(8 rows × 1 column)"


def test_a_long_frame_shows_both_ends_and_says_so() -> None:
    lines = table_of(pd.DataFrame({f"c{i}": range(1000) for i in range(50)}))
    assert lines[-1] == (
        "(1,000 rows × 50 columns; shown: 60 of the rows and 20 of the columns, from both ends)"
    )
    assert lines[2].startswith("| 0 | 0 |")
    assert lines[-3].startswith("| 999 | 999 |")
    assert len({line.count("|") for line in lines[:-2]}) == 1
    assert sum(set(line) == {"|", " ", "…"} for line in lines) == 1


def test_long_cells_and_long_tables_are_cut() -> None:
    text = "\n".join(table_of(pd.DataFrame({f"c{i}": ["x" * 500] * 50 for i in range(20)})))
    assert len(text) < 21_000
    assert "long cells cut to 200 characters" in text
    assert "of the rows" in text


def test_the_frame_is_not_changed_and_odd_columns_are_read() -> None:
    frame = pd.DataFrame([[1, 2], [3, 4]], columns=["same", "same"])
    copy = frame.copy()
    assert "| 1 | 3 | 4 |" in table_of(frame)
    pd.testing.assert_frame_equal(frame, copy)
    grouped = pd.DataFrame({"k": ["a", "b"], "g": [1, 2], "v": [1.5, 2.5]}).groupby(["k", "g"])
    assert "| a / 1 | 1.5 |" in table_of(grouped.sum())
    assert table_of(pd.DataFrame())[-1] == "(0 rows × 0 columns)"


def test_levels_of_an_index_are_named() -> None:
    frame = pd.DataFrame({"shop": ["a", "b"], "year": [1, 2], "sold": [3, 4]})
    text = to_content(frame.groupby(["shop", "year"]).sum())
    assert str(text).splitlines()[:3] == [
        "| shop / year | sold |",
        "| --- | --- |",
        "| a / 1 | 3 |",
    ]


def test_a_series_is_a_table() -> None:
    lines = table_of(pd.Series([1, 2], name="n"))
    assert lines[0] == "|  | n |"
    assert lines[-1] == "(2 rows × 1 column)"


def test_a_frame_without_index_has_none_in_its_table() -> None:
    assert table_of(PolarsLike({"a": [1, 2], "b": ["x", "y"]})) == [
        "| a | b |", "| --- | --- |", "| 1 | x |", "| 2 | y |", "", "(2 rows × 2 columns)",
    ]  # fmt: skip
    assert "60 of the rows" in table_of(PolarsLike({"a": list(range(100))}))[-1]


def test_arrays_tell_shape_and_dtype() -> None:
    assert to_content(np.zeros((2, 2))) == "[[0. 0.]\n [0. 0.]]\n(shape (2, 2), dtype float64)"
    assert len(str(to_content(np.zeros((1000, 1000))))) < 1000
    assert to_content(np.float64(1.5)) == "1.5"
    assert to_content({"n": np.int64(3), "a": np.arange(2)}) == '{"n": 3, "a": [0, 1]}'


def test_a_figure_and_its_axes_are_images_of_bounded_size() -> None:
    figure = Figure(figsize=(40, 10), dpi=200)
    axes = figure.subplots()
    axes.plot([1, 2, 3], label="a line with a legend")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    for value in (figure, axes):
        width, height = open_block(to_content(value)).size
        assert 1200 < max(width, height) <= MAX_PIXELS
    assert figure.dpi == 200
    assert open_block(to_content(Figure(figsize=(2, 1), dpi=100))).size[0] < 250


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I", "F", "LA"])
def test_pictures_of_any_mode_are_scaled_down(mode: str) -> None:
    picture = Image.new(mode, (4000, 1000))
    assert open_block(to_content(picture)).size == (MAX_PIXELS, 392)
    assert picture.size == (4000, 1000)


def test_a_picture_that_is_large_as_png_becomes_a_jpeg() -> None:
    noise = random.Random(1).randbytes(1500 * 1500 * 3)
    assert open_block(to_content(Image.frombytes("RGB", (1500, 1500), noise))).format == "JPEG"


def test_other_values_are_their_text_and_cut() -> None:
    assert to_content(b"ab") == "b'ab'"
    text = to_content({"x" * 30_000})
    assert isinstance(text, str)
    assert len(text) < 20_200
    assert "of 30,004 characters left out" in text
