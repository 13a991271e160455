"""What a cell's run refuses before it asks a model."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lauren_nb._errors import OptionError
from lauren_nb._options.parse import CellOptions
from lauren_nb._run.cell import build_message

PNG = b"\x89PNG\r\n\x1a\n"


def build(value: Any) -> Any:
    return build_message(CellOptions(images=("figs.first",)), "hi", {"figs": value})


def test_image_of_a_dotted_name_is_sent() -> None:
    message = build(SimpleNamespace(first=PNG))
    assert [block.type for block in message.content] == ["text", "image"]


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (SimpleNamespace(), "--image figs.first: there is no first in it."),
        (SimpleNamespace(first="no/such.png"), "No such file or directory: 'no/such.png'."),
        (SimpleNamespace(first=Path(__file__).parent), "Is a directory"),
        (SimpleNamespace(first="/dev/zero"), "a pipe or a device"),  # it has no end
        (SimpleNamespace(first="a\0b"), "null byte"),
    ],
)
def test_image_that_cannot_be_had_is_one_line(value: Any, part: str) -> None:
    with pytest.raises(OptionError) as caught:
        build(value)
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)
