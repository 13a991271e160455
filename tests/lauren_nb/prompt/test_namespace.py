"""Which names of a notebook are the user's own: one rule for tools, completion and panels."""

from __future__ import annotations

import math
from typing import Any

from lauren_nb._prompt.namespace import get_own_variables


class Trap:
    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"{name} was read")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("it was compared")

    __hash__ = None  # type: ignore[assignment]


def test_modules_private_names_and_ipythons_are_not_the_users_own() -> None:
    history, exit_ = [""], Trap()
    hidden = {"In": history, "exit": exit_}
    namespace: dict[Any, Any] = {"df": 1, "_1": 2, "math": math, 3: 4} | hidden
    assert get_own_variables(namespace, hidden) == {"df": 1}
    assert get_own_variables(namespace | {"exit": 5}, hidden) == {"df": 1, "exit": 5}


def test_no_value_is_asked_anything() -> None:
    trap = Trap()
    assert list(get_own_variables({"trap": trap, "exit": trap}, {"exit": Trap()})) == [
        "trap",
        "exit",
    ]
