"""Imports go one way: down a written order, in each tree, with no circle and no catch-all."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.imports import ROOT, TREES, Arrow, Tree, find_circles
from tests.support.map import ORDER, list_floors

EXCEPTIONS = {
    # `LLMConfig.for_testing` makes the mock too; the user's document promises both paths.
    ("lauren_ai/_config.py", "lauren_ai/_transport/_mock.py"),
}

FORBIDDEN = {
    "lauren_ai": {"IPython", "ipykernel", "ipywidgets", "anywidget", "traitlets", "lauren_nb"}
}

FACES = {"lauren_nb": "lauren_ai"}
"""Who takes from whom only what a face gives: the package itself, or one part of it by its name
(`lauren_ai._cassettes`, `lauren_ai._transport.openai`), never a module within a part."""


def rank(tree: str) -> dict[str, int]:
    return {place: number for number, floor in enumerate(list_floors(tree)) for place in floor}


@pytest.fixture(params=sorted(ORDER))
def tree(request: pytest.FixtureRequest) -> Tree:
    return TREES[request.param]


def test_every_file_has_a_place_in_the_order(tree: Tree) -> None:
    assert {tree.place_of(file) for file in tree.files} <= set(rank(tree.name))


def test_imports_go_down_the_order(tree: Tree) -> None:
    ranks = rank(tree.name)

    def is_allowed(arrow: Arrow) -> bool:
        here, there = (tree.place_of(file) for file in arrow)
        return here == there or ranks[there] < ranks[here] or arrow in EXCEPTIONS

    assert [arrow for arrow in sorted(tree.arrows) if not is_allowed(arrow)] == []


def test_no_two_files_import_each_other_in_a_circle(tree: Tree) -> None:
    assert find_circles(tree.arrows - EXCEPTIONS) == []


def test_no_exception_is_listed_that_nothing_needs() -> None:
    arrows = {arrow for tree in TREES.values() for arrow in tree.arrows}
    assert arrows >= EXCEPTIONS


@pytest.mark.parametrize(("taker", "giver"), FACES.items())
def test_a_package_takes_of_another_what_its_faces_give(taker: str, giver: str) -> None:
    def is_face(module: str) -> bool:
        path = ROOT / module.replace(".", "/")
        return path.is_dir() or path.parent == ROOT / giver

    named = {pair for pair in TREES[taker].modules if pair[1].split(".")[0] == giver}
    assert named
    assert {pair for pair in named if not is_face(pair[1])} == set()


@pytest.mark.parametrize("name", FORBIDDEN)
def test_the_core_knows_no_notebook(name: str) -> None:
    tops = {module.split(".")[0] for _, module in TREES[name].modules}
    assert tops.isdisjoint(FORBIDDEN[name])


def test_only_the_web_side_knows_the_web_framework() -> None:
    users = {
        file for file, module in TREES["lauren_ai"].modules if module.split(".")[0] == "lauren"
    }
    assert {file for file in users if not file.startswith("lauren_ai/web/")} == set()


@pytest.mark.parametrize("package", ["lauren_ai", "lauren_nb"])
def test_importing_a_package_imports_no_provider_and_no_web_framework(package: str) -> None:
    code = f"import {package}, sys; print(*{{'anthropic', 'openai', 'lauren'}} & set(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == []
