"""Rules of the house that no linter knows: sizes, leftovers, and what tells of one machine."""

from __future__ import annotations

import ast
import pkgutil
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LISTED = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
FILES = [ROOT / name for name in LISTED.decode().split("\0") if name and (ROOT / name).is_file()]
CODE = [path for path in FILES if path.suffix in {".py", ".ts", ".js", ".mjs", ".css"}]
PYTHON = [path for path in FILES if path.suffix == ".py"]
OURS = [path for path in PYTHON if path.relative_to(ROOT).parts[0].startswith("lauren_")]

FORBIDDEN = {
    "a path of one machine": re.compile(rb"(?<![\w.])/(?:work|root|opt|home/\w+)/\w"),
    "a registry's host": re.compile(rb"registry\.npmjs|pythonhosted\.|pypi\.org|npmmirror"),
    "a leftover": re.compile(rb"\b(?:TODO|FIXME|XXX)\b"),
    "a test that is skipped": re.compile(rb"pytest\.skip|mark\.(?:skip\b|xfail)|importorskip"),
}


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", CODE, ids=short)
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 400


@pytest.mark.parametrize("path", PYTHON, ids=short)
def test_a_function_has_at_most_50_lines(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, f"{node.name}, line {node.lineno}"


@pytest.mark.parametrize("path", OURS, ids=short)
def test_a_module_says_what_it_owns(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("path", OURS, ids=short)
def test_a_logger_is_named_for_its_package_not_for_a_file_that_may_move(path: Path) -> None:
    names = re.findall(r"getLogger\(([^)]*)\)", path.read_text("utf-8"))
    assert set(names) <= {'"lauren_ai"', '"lauren_ai.web"', '"lauren_nb"'}


@pytest.mark.parametrize("path", PYTHON, ids=short)
def test_what_tests_import_stands_in_no_test_and_no_conftest(path: Path) -> None:
    """Importing a test's file runs it again under another name, fixtures and marks included."""
    found = re.findall(
        r"^from (tests\S*\.(?:conftest|test_\w+)) import", path.read_text("utf-8"), re.M
    )
    assert found == []


def find_folders() -> dict[str, list[str]]:
    """The folders of the three trees, and the names of the files that stand right in each; the
    file that says what a Python folder is does not count."""
    folders: dict[str, list[str]] = {}
    for path in FILES:
        is_source = short(path).startswith(("lauren_ai/", "lauren_nb/", "js/src/"))
        if is_source and path in CODE and path.name != "__init__.py":
            folders.setdefault(short(path.parent), []).append(path.stem)
    return folders


FOLDERS = find_folders()


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_has_at_most_18_files(folder: str) -> None:
    assert len(FOLDERS[folder]) <= 18


@pytest.mark.parametrize("folder", FOLDERS)
def test_three_files_that_begin_with_one_word_are_a_folder(folder: str) -> None:
    """`x.py`, `x_a.py`, `x_b.py` are `x/`. Two may share a word: they are no part of their own."""
    words = Counter(name.strip("_").partition("_")[0] for name in FOLDERS[folder])
    assert [word for word, count in words.items() if count > 2] == []


BY_PLACE = {
    # The contract lists their fields in order; a chunk is made a thousand times an answer.
    "AgentResponse": 7,
    "Completion": 10,
    "CompletionChunk": 10,
    "ContentBlock": 9,
    "PendingApproval": 5,
    "TokenUsage": 6,
}


@pytest.mark.parametrize("path", OURS, ids=short)
def test_a_dataclass_takes_at_most_three_fields_by_place(path: Path) -> None:
    """Beyond these a field is given by name, so that a new one goes where it belongs."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.ClassDef):
            continue
        made = [text for d in node.decorator_list if "dataclass" in (text := ast.unparse(d))]
        if not made or "kw_only=True" in made[0]:
            continue
        fields = [line for line in node.body if isinstance(line, ast.AnnAssign)]
        types = [ast.unparse(line.annotation) for line in fields]
        count = types.index("KW_ONLY") if "KW_ONLY" in types else len(types)
        assert count <= BY_PLACE.get(node.name, 3), f"{node.name}, line {node.lineno}"


def test_a_module_or_a_name_that_a_string_spells_is_there() -> None:
    """A thread imports some by name: a wrong one prints its traceback into the user's notebook."""
    spelt = {
        text
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(text := node.value, str)
        if re.fullmatch(r"(?:lauren_ai|lauren_nb)(?:\.\w+)+", text)
    }
    assert "lauren_nb._chains.cell" in spelt
    for text in sorted(spelt):
        pkgutil.resolve_name(text)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_committed_file_holds(what: str) -> None:
    # The bytes of a picture spell anything.
    others = [p for p in FILES if p != Path(__file__) and p.suffix != ".png"]
    found = {short(path): FORBIDDEN[what].findall(path.read_bytes()) for path in others}
    assert not {name: hits for name, hits in found.items() if hits}
