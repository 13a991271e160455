"""Which names are offered after `@`, and that the values are left alone."""

from __future__ import annotations

import math
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from lauren_nb._session.session import Session
from lauren_nb.panel._inbox import check_message
from lauren_nb.panel._names import MAX_CHARACTERS, MAX_NAMES, list_names
from tests.support.panel_page import Make


def make_session(**variables: Any) -> Session:
    shell = InteractiveShell()
    shell.user_ns.update(variables)
    return Session(shell)


def test_only_the_users_own_names_are_offered() -> None:
    session = make_session(df=1, _private=2, math=math, größe="x")
    assert list_names("", session) == [("df", "int"), ("größe", "str")]


def test_ipythons_own_name_counts_once_the_user_gave_it_a_value() -> None:
    assert list_names("In", make_session(In=[1])) == [("In", "list")]
    assert list_names("In", make_session()) == []


def test_exact_case_comes_first_and_other_case_is_found() -> None:
    session = make_session(Sales=1, sales=2.0, sample="", other=None)
    assert [name for name, _ in list_names("sa", session)] == ["sales", "sample", "Sales"]
    assert [name for name, _ in list_names("SAL", session)] == ["Sales", "sales"]


def test_number_and_length_of_names_have_bounds() -> None:
    many = {f"v{i}": i for i in range(200)}
    assert len(list_names("v", make_session(**many))) == MAX_NAMES
    long = {"w" * (MAX_CHARACTERS + 1): 1, "not a name": 1}
    assert list_names("", make_session(**long)) == []


def test_value_is_never_asked_anything() -> None:
    class Trap:
        def __getattribute__(self, name: str) -> Any:
            raise AssertionError(f"{name} was read")

        def __eq__(self, other: object) -> bool:
            raise AssertionError("it was compared")

        __hash__ = None  # type: ignore[assignment]

    assert list_names("t", make_session(trap=Trap())) == [("trap", "Trap")]


def test_names_without_ipython_are_those_of_main(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("__main__.marimo_variable", 1, raising=False)
    assert list_names("marimo_v", Session()) == [("marimo_variable", "int")]


@pytest.mark.parametrize("prefix", [None, 1, ["a"], "x" * 101])
def test_wrong_prefix_is_refused(prefix: object) -> None:
    assert check_message({"kind": "names", "prefix": prefix}) is None
    assert check_message({"kind": "names"}) is None


async def test_page_that_asks_is_answered(make_page: Make) -> None:
    page = make_page()
    page.chat._session.shell.user_ns["sales"] = 1
    page.say("names", prefix="sal")
    await page.until(lambda: page.messages)
    assert page.messages == [{"kind": "names", "prefix": "sal", "names": [("sales", "int")]}]
