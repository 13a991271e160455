"""The kernel's tools: what they tell a model of the user's namespace, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from lauren_ai import ToolExecutionError
from lauren_ai._tools import get_tool
from lauren_nb import tools
from lauren_nb.tools import (
    MAX_RESULT,
    dataframe_info,
    inspect_variable,
    list_variables,
    run_python,
)
from tests.support.frames import PolarsLike


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.user_ns_hidden.update(shell.user_ns)
    yield shell
    InteractiveShell.clear_instance()


@pytest.fixture
def names(shell: InteractiveShell) -> dict[str, Any]:
    return shell.user_ns


class Hostile:
    """Fails wherever it is looked at."""

    @property
    def shape(self) -> object:
        raise RuntimeError("no shape for you")

    def __str__(self) -> str:
        raise RuntimeError("no text for you")

    __repr__ = __str__


class HostileList(list[int]):
    def __len__(self) -> int:
        raise ValueError("no length for you")


def test_module_exports_the_tools_that_the_cell_brings() -> None:
    assert tools.__all__ == sorted(tools.__all__)
    assert all(get_tool(getattr(tools, name)).name == name for name in tools.__all__)


def test_only_what_runs_code_asks() -> None:
    asking = [n for n in tools.__all__ if get_tool(getattr(tools, n)).requires_confirmation]
    assert asking == ["run_python"]


async def test_run_python_tells_what_was_printed_and_the_value(names: dict[str, Any]) -> None:
    assert await run_python("x = 20\nprint('hello')\nx + 1") == "hello\n21"
    assert names["x"] == 20
    assert await run_python("y = x") == "(done, no output)"


async def test_run_python_tells_of_a_failure_with_what_was_printed(shell: InteractiveShell) -> None:
    result = await run_python("print('half')\n1 / 0")
    assert result.startswith("half\nTraceback")
    assert result.endswith("ZeroDivisionError: division by zero")


async def test_run_python_writes_a_frame_as_a_table(names: dict[str, Any]) -> None:
    names["df"] = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    assert "| 1 | 2 | y |" in await run_python("df")


async def test_run_python_does_not_send_an_image_as_text(names: dict[str, Any]) -> None:
    names["figure"] = matplotlib.figure.Figure()
    assert await run_python("figure") == "(an image)"


async def test_run_python_is_bounded(shell: InteractiveShell) -> None:
    for code in ("print('a' * 10**6)", "'a' * 10**6", "raise ValueError('a' * 10**6)"):
        result = await run_python(code)
        assert len(result) < MAX_RESULT + 100
        assert "characters left out" in result


async def test_value_that_cannot_be_shown_keeps_what_was_printed(names: dict[str, Any]) -> None:
    names["bad"] = Hostile()
    result = await run_python("print('before')\nbad")
    assert result == "before\n(Hostile cannot be shown: RuntimeError: no text for you)"


def test_variables_are_listed_with_type_and_size(names: dict[str, Any]) -> None:
    names |= {
        "df": pd.DataFrame({"a": [1, 2]}),
        "array": np.zeros((2, 3)),
        "words": ["a", "b"],
        "n": 3,
        "json": json,
        "_private": 1,
    }
    assert list_variables().splitlines() == [
        "df: DataFrame of shape (2, 1)",
        "array: ndarray of shape (2, 3)",
        "words: list of length 2",
        "n: int",
    ]


def test_name_that_the_user_took_over_is_listed(names: dict[str, Any]) -> None:
    names["exit"] = "my own"
    assert list_variables() == "exit: str of length 6"


def test_no_variables_is_said(shell: InteractiveShell) -> None:
    assert list_variables() == "The notebook has no variables yet."


def test_one_bad_variable_hides_no_other(names: dict[str, Any]) -> None:
    names.update(bad=Hostile(), worse=HostileList(), good=1)
    names[7] = "no name"  # type: ignore[index]
    assert list_variables().splitlines() == [
        "bad: Hostile (RuntimeError when looked at)",
        "worse: HostileList (ValueError when looked at)",
        "good: int",
    ]


def test_list_of_many_variables_is_cut(names: dict[str, Any]) -> None:
    names.update({f"x{i}": i for i in range(500)})
    lines = list_variables().splitlines()
    assert len(lines) == tools.MAX_VARIABLES + 1
    assert lines[-1] == "… and 300 more"


@pytest.mark.parametrize(
    "name",
    [
        "missing",
        "_private",
        "x.real",
        "x[0]",
        "__import__('os').getcwd()",
        "get_ipython",
        "In",
        "",
        "x; y",
        "x" * 10_000,
    ],
)
def test_what_is_no_name_of_a_variable_is_refused(names: dict[str, Any], name: str) -> None:
    names.update(x=1, _private="secret")
    for tool in (inspect_variable, dataframe_info):
        with pytest.raises(ToolExecutionError, match="no variable") as caught:
            tool(name)
        assert len(str(caught.value)) < 300
        assert "There are: x." in str(caught.value)


def test_value_is_shown_under_its_type(names: dict[str, Any]) -> None:
    names.update(n=3, d={"a": [1]}, nothing=None)
    assert inspect_variable("n") == "n: int\n3"
    assert inspect_variable("d") == 'd: dict of length 1\n{"a": [1]}'
    assert inspect_variable("nothing") == "nothing: NoneType\nNone"


def test_code_is_shown_by_its_documentation(names: dict[str, Any]) -> None:
    def helper() -> None:
        """Help somebody."""

    names.update(helper=helper, Bare=type("Bare", (), {}))
    assert inspect_variable("helper") == "helper: function\nHelp somebody."
    assert inspect_variable("Bare") == "Bare: type\n(no docstring)"


def test_long_container_is_not_written_whole(names: dict[str, Any]) -> None:
    written = 0

    class Item:
        def __str__(self) -> str:
            nonlocal written
            written += 1
            return "item"

        __repr__ = __str__

    items = [Item() for _ in range(5_000)]
    names.update(a=items, b=tuple(items), c=set(items), d=dict.fromkeys(items))
    for name in "abcd":
        written = 0
        shown = inspect_variable(name)
        assert "of length 5000" in shown
        assert len(shown) < MAX_RESULT + 200
        assert 0 < written <= tools.MAX_ITEMS


def test_hostile_value_is_told_of(names: dict[str, Any]) -> None:
    names["bad"] = Hostile()
    assert "RuntimeError: no text for you" in inspect_variable("bad")


class PolarsFrame(PolarsLike):
    """What `dataframe_info` asks of a polars.DataFrame besides."""

    @property
    def dtypes(self) -> list[str]:
        return [type(next(v for v in c if v is not None)).__name__ for c in self._data.values()]

    def null_count(self) -> Any:
        return self

    def row(self, index: int) -> tuple[int, ...]:
        return tuple(column.count(None) for column in self._data.values())

    def head(self, count: int) -> PolarsLike:
        return self.slice(0, count)


@pytest.mark.parametrize("make", [pd.DataFrame, PolarsFrame])
def test_frame_is_described_by_columns_types_and_missing_values(
    names: dict[str, Any], make: Any
) -> None:
    names["df"] = make({"n": [1.5, None, 2.5], "s": ["a", "b", "c"]})
    info = dataframe_info("df")
    assert info.startswith(f"df: {make.__name__} of shape (3, 2)\n")
    types = {line.split(":")[0]: line for line in info.splitlines()[3:5]}
    assert types["n"].startswith("n: ") and types["n"].endswith(", 1 missing")
    assert types["s"].endswith(", 0 missing")
    assert "1.5" in info.split("\n\n")[2]


def test_columns_of_one_name_are_each_described(names: dict[str, Any]) -> None:
    names["df"] = pd.DataFrame([[1, "x"]], columns=["a", "a"])
    assert "a: int64, 0 missing\na: " in dataframe_info("df")


def test_wide_frame_is_cut(names: dict[str, Any]) -> None:
    names["df"] = pd.DataFrame(np.zeros((2, 1_000)))
    info = dataframe_info("df")
    assert "… and 900 more" in info
    assert len(info) < MAX_RESULT + 200


def test_what_is_no_frame_is_refused(names: dict[str, Any]) -> None:
    names["n"] = 3
    with pytest.raises(ToolExecutionError, match="n is a int, not a DataFrame"):
        dataframe_info("n")


async def test_outside_of_ipython_the_tools_say_so() -> None:
    InteractiveShell.clear_instance()
    with pytest.raises(ToolExecutionError, match="inside IPython only"):
        await run_python("1")
    with pytest.raises(ToolExecutionError, match="inside IPython only"):
        list_variables()
