"""What lauren_ai exports is what it says it exports, and importing it stays cheap."""

from __future__ import annotations

import subprocess
import sys

import lauren_ai
from lauren_ai import _exceptions


def test_all_is_sorted_and_lists_every_public_name() -> None:
    public = {
        n
        for n, v in vars(lauren_ai).items()
        if getattr(v, "__module__", "").startswith("lauren_ai.") and not n.startswith("_")
    }
    assert lauren_ai.__all__ == sorted(public)


def test_every_error_is_exported_and_in_one_tree() -> None:
    errors = {n for n, v in vars(_exceptions).items() if isinstance(v, type)}
    assert errors <= set(lauren_ai.__all__)
    assert all(issubclass(getattr(lauren_ai, n), lauren_ai.LaurenAIError) for n in errors)


def test_the_tree_in_the_docstring_names_every_error() -> None:
    assert _exceptions.__doc__ is not None
    drawn = {line.split()[-1] for line in _exceptions.__doc__.splitlines() if "Error" in line}
    assert drawn == {n for n, v in vars(_exceptions).items() if isinstance(v, type)}


def test_importing_the_core_imports_no_provider_and_no_notebook() -> None:
    heavy = "anthropic openai httpx httpx2 aiohttp pydantic IPython ipywidgets anywidget lauren"
    code = f"import sys, lauren_ai; print([m for m in {heavy.split()!r} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
