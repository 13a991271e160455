"""Imports go downwards only, and the core knows neither notebooks nor the web framework."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = sorted((ROOT / "lauren_ai").rglob("*.py"))

LAYERS = (
    {"_exceptions", "_config", "_json", "_redact", "_pricing", "_pipe"}
    | {"_transport", "_transport._types"},
    {"_sse", "_accumulate", "_tool_json"}
    | {"_cassette", "_cassette_match", "_cassette_scrub", "_cassette_secrets"},
    {"_transport.*", "_cassette_player"},
    {"_stream", "_retry", "_read_guard"},
    {"_output_parsers", "_output_text", "_schema_type", "_structured"},
    {"_module"},
    {"*"},  # agents, tools, chains, prompts: whatever has no place of its own
    {"web", "web.*"},
)
"""From the bottom; a star stands for what is named nowhere else."""

WEB = len(LAYERS) - 1

UPWARD = {
    ("_config", "_transport._mock"),  # `LLMConfig.for_testing` makes the mock too
}
"""A method that the documentation puts on a lower layer's class; it imports when it is called."""

NOTEBOOKS = {"IPython", "ipykernel", "ipywidgets", "anywidget", "traitlets", "lauren_nb"}


def name_of(path: Path) -> str:
    """`_transport._types` for lauren_ai/_transport/_types.py; a package's own name for its init."""
    parts = path.relative_to(ROOT / "lauren_ai").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer_of(name: str) -> int:
    for known in (name, f"{name.split('.')[0]}.*", "*"):
        for number, members in enumerate(LAYERS):
            if known in members:
                return number
    raise AssertionError(name)


def imports_of(path: Path) -> Iterator[str]:
    """Every absolute module that the file imports, at any depth."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: a relative import"
            yield node.module or ""
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name for name in names if is_module(name))


def is_module(name: str) -> bool:
    path = ROOT / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_a_module_of_the_core_imports_only_downwards(path: Path) -> None:
    here = name_of(path)
    for module in imports_of(path):
        top, _, name = module.partition(".")
        assert top not in NOTEBOOKS, f"{here} imports {module}"
        assert top != "lauren" or layer_of(here) == WEB, f"{here} imports {module}"
        if top == "lauren_ai" and here and (here, name) not in UPWARD:
            assert layer_of(name) <= layer_of(here), f"{here} imports {module}, which is above it"


@pytest.mark.parametrize("package", ["lauren_ai", "lauren_nb"])
def test_importing_a_package_imports_no_provider_and_no_web_framework(package: str) -> None:
    code = f"import {package}, sys; print(*{{'anthropic', 'openai', 'lauren'}} & set(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == []
