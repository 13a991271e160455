"""What lauren_ai exports is what it says it exports, and importing it stays cheap."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import lauren_ai
import lauren_nb
from lauren_ai import _exceptions, errors

MODULES = ["cassettes", "errors", "parsers", "signals", "types"]


def find_public(module: ModuleType) -> set[str]:
    return {
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", "").startswith("lauren_ai.") and not name.startswith("_")
    }


@pytest.mark.parametrize("name", MODULES)
def test_all_is_sorted_and_lists_every_public_name(name: str) -> None:
    module = import_module(f"lauren_ai.{name}")
    assert module.__all__ == sorted(find_public(module))


def test_the_top_has_what_most_programs_type() -> None:
    assert lauren_ai.__all__ == sorted({*find_public(lauren_ai), "__version__"})
    assert 40 <= len(lauren_ai.__all__) <= 50


def test_a_public_name_stands_in_one_place_but_for_the_errors_of_the_top() -> None:
    places = [set(import_module(f"lauren_ai.{name}").__all__) for name in MODULES]
    places.append({name for name in lauren_ai.__all__ if not name.endswith("Error")})
    assert len(set.union(*places)) == sum(map(len, places))


def test_every_error_is_exported_and_in_one_tree() -> None:
    found = {n for n, v in vars(_exceptions).items() if isinstance(v, type)}
    assert found == set(errors.__all__)
    assert all(issubclass(getattr(errors, n), lauren_ai.LaurenAIError) for n in found)


def test_the_tree_in_the_docstring_names_every_error() -> None:
    assert _exceptions.__doc__ is not None
    drawn = {line.split()[-1] for line in _exceptions.__doc__.splitlines() if "Error" in line}
    assert drawn == {n for n, v in vars(_exceptions).items() if isinstance(v, type)}


def test_the_version_stands_in_one_place() -> None:
    root = Path(__file__).parent.parent.parent
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    assert "version" in project["project"]["dynamic"]
    source = (root / project["tool"]["hatch"]["version"]["path"]).read_text("utf-8")
    assert f'__version__ = "{lauren_ai.__version__}"' in source
    assert lauren_nb.__version__ is lauren_ai.__version__


def test_importing_the_core_imports_no_provider_and_no_notebook() -> None:
    heavy = "anthropic openai httpx httpx2 aiohttp pydantic IPython ipywidgets anywidget lauren"
    code = f"import sys, lauren_ai; print([m for m in {heavy.split()!r} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "face",
    [
        f"lauren_ai.{path.parent.relative_to(Path(lauren_ai.__file__).parent).as_posix()}"
        for path in sorted(Path(lauren_ai.__file__).parent.glob("_*/**/__init__.py"))
    ],
)
def test_a_face_brings_no_provider(face: str) -> None:
    """Imported first, in a fresh interpreter, as a thread or a child process may do."""
    face = face.replace("/", ".")
    heavy = "anthropic openai httpx httpx2 aiohttp pydantic IPython"
    code = f"import sys, {face} as face; print([m for m in {heavy.split()!r} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", f"{code}; print(face.__doc__)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.startswith("[]")
