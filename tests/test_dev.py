"""What dev.py says on a machine that lacks something, and what its steps leave for one another."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

DEV = Path(__file__).parent.parent / "dev.py"


@pytest.fixture
def dev() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dev", DEV)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of programs; `write` fills it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def write(folder: Path, name: str, says: str) -> str:
    """A program that says one line."""
    windows = os.name == "nt"
    path = folder / (f"{name}.cmd" if windows else name)
    path.write_text(f"@echo {says}\n" if windows else f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return str(path)


def get_refusal(dev: ModuleType, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        dev.get_npm()
    return capsys.readouterr().err


@pytest.mark.parametrize("version", ["v18.20.4", "v19.9.0", "v8.0.0"])
def test_old_node_is_named_before_anything_is_installed(
    dev: ModuleType, tools: Path, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    node = write(tools, "node", version)
    write(tools, "npm", "10.0.0")
    told = get_refusal(dev, capsys).lower()
    assert f"{node} is {version}. install node.js 20 or newer".lower() in told


@pytest.mark.parametrize("version", ["v20.0.0", "v22.1.0", "v100.0.0"])
def test_new_node_gives_its_npm(dev: ModuleType, tools: Path, version: str) -> None:
    write(tools, "node", version)
    npm = write(tools, "npm", "10.0.0")
    assert dev.get_npm().lower() == npm.lower()


def test_missing_node_and_missing_npm_are_told_apart(
    dev: ModuleType, tools: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "node is not on PATH. Install Node.js 20" in get_refusal(dev, capsys)
    write(tools, "node", "v22.0.0")
    assert "npm is not on PATH. Install Node.js 20" in get_refusal(dev, capsys)


def test_environment_without_pip_gets_it(dev: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "an environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
    dev.ensure_pip(python)
    subprocess.run([python, "-m", "pip", "--version"], check=True)


def test_browser_that_was_named_is_taken_before_others(
    dev: ModuleType, tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tools, "chromium", "one")
    named = write(tools, "another", "two")
    monkeypatch.setenv("LAUREN_CHROMIUM", named)
    assert dev.find_chromium(sys.executable) == named


def test_what_a_step_does_to_the_environment_ends_with_it(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("OPENAI_API_KEY", "LAUREN_MODEL", "LAUREN_CASSETTE")
    seen: list[list[str | None]] = []

    def look() -> None:
        seen.append([os.environ.get(name) for name in names])

    def after(python: str) -> Iterator[tuple[str, list[str]]]:
        look()
        yield from ()

    monkeypatch.setenv("OPENAI_API_KEY", "a key")
    monkeypatch.setenv("LAUREN_MODEL", "a model")
    monkeypatch.delenv("LAUREN_CASSETTE", raising=False)
    monkeypatch.setattr(dev, "get_environment", lambda extra: sys.executable)
    monkeypatch.setattr(dev.subprocess, "call", lambda command, **options: look())
    monkeypatch.setitem(dev.STEPS, "after", after)
    dev.test_all(["notebooks", "after"])
    assert seen[0] == [None, None, str(dev.TOUR.parent / "cassettes" / "00-tour.json")]
    assert seen[-1] == ["a key", "a model", None]


def test_old_python_reads_it_far_enough_to_be_refused() -> None:
    """3.8 is what some systems call python3; a subscript of `tuple` fails there where it is run."""
    tree = ast.parse(DEV.read_text("utf-8"), feature_version=(3, 8))
    at_once = [node for node in tree.body if isinstance(node, ast.Assign)]
    names = {n.value.id for node in at_once for n in ast.walk(node) if is_subscript_of_name(n)}
    assert names == set()


def is_subscript_of_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
