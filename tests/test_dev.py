"""What dev.py says on a machine that lacks something, how its steps run and what they leave."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.side_by_side import Screen, Step

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


@pytest.fixture
def run(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs steps, each given as a list of Python programs, with this Python."""

    def get_commands(codes: list[str]) -> Callable[..., Iterator[tuple[str, list[str]]]]:
        commands = [(str(n), [sys.executable, "-c", code]) for n, code in enumerate(codes, 1)]
        return lambda python, variables: iter(commands)

    def run_steps(jobs: int = 1, **steps: list[str]) -> None:
        made = {name: get_commands(codes) for name, codes in steps.items()}
        monkeypatch.setattr(dev, "STEPS", made)
        dev.test_all(list(made), jobs=jobs)

    monkeypatch.setattr(dev, "get_environment", lambda extra: sys.executable)
    return run_steps


MEET = """
import pathlib, time
def meet(mine, other):
    pathlib.Path({folder!r}, mine).touch()
    while not pathlib.Path({folder!r}, other).exists():
        time.sleep(0.01)
"""


def test_steps_side_by_side_read_as_if_they_had_run_in_order(
    run: Callable[..., None], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # Each waits for a file of the other, so that neither can end before both have begun.
    meet = MEET.format(folder=str(tmp_path))
    one = [f"{meet}print('a'); meet('1', '2'); print('b')", "print('c')"]
    run(jobs=2, one=one, two=[f"{meet}print('d'); meet('2', '1'); print('e')"])
    said = [line for line in capfd.readouterr().out.splitlines() if line]
    assert said[:8] == ["=== one: 1", "a", "b", "=== one: 2", "c", "=== two: 1", "d", "e"]
    assert said[-1] == "=== All passed: one, two"


def test_a_failure_stops_nothing_and_all_are_named_at_the_end(
    run: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(one=["exit(3)", "print('second')"], two=["print('third')"], three=["exit(4)"])
    assert ended.value.code == 1
    said = capfd.readouterr()
    assert "second\n" in said.out and "third\n" in said.out
    assert said.err.split("dev.py: ")[1].splitlines() == [
        "Failed: 2",
        "  one: 1 (exit status 3)",
        "  three: 1 (exit status 4)",
    ]


def test_a_failure_of_a_step_whose_turn_has_not_come_is_told_at_once_and_once(
    capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    fails = "print('FAILED t.py::test_x'); print('FAILED t.py::test_x - why'); exit(1)"
    steps = [
        make_step("one", "input", tmp_path, "print('first')"),
        make_step("two", "pytest", tmp_path, fails),
    ]
    screen = Screen()
    while not all(step.done for step in steps):
        for step in steps:
            step.go_on()
        time.sleep(0.01)
    steps[0].done = False  # its turn goes on
    screen.show(steps)
    screen.show(steps)
    told = capfd.readouterr().out
    assert "first\n--- two: FAILED t.py::test_x\n--- two: pytest (exit status 1)\n" in told
    assert told.count("test_x") == 1
    steps[0].done = True
    screen.show(steps)
    assert "test_x - why" in capfd.readouterr().out
    for step in steps:
        step.close()


def make_step(name: str, title: str, folder: Path, code: str) -> Step:
    commands = iter([(title, [sys.executable, "-c", code])])
    return Step(name, commands, variables=os.environ, log=folder / name)


def test_slow_tests_of_all_steps_are_listed_slowest_first(
    run: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    run(
        one=["print('2.50s call     tests/a.py::test_a')"],
        two=["print('13.00s setup    tests/b.py::test_b[x y]')"],
    )
    _, summary = capfd.readouterr().out.split("=== What took longest")
    listed = [line.split("s  ") for line in summary.splitlines() if "::" in line]
    assert [(float(seconds), name) for seconds, name in listed] == [
        (13.0, "tests/b.py::test_b[x y]"),
        (2.5, "tests/a.py::test_a"),
    ]


def test_what_changes_results_is_not_taken_over_from_the_caller(
    run: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    gone = "PYTHONUNBUFFERED PYTHONPATH LANG LC_ALL OPENAI_API_KEY LAUREN_MODEL JUPYTER_PATH"
    kept = "LAUREN_CHROMIUM LAUREN_CACHE_DIR PIP_INDEX_URL HTTPS_PROXY"
    names = f"{gone} {kept}".split()
    for name in names:
        monkeypatch.setenv(name, "here")
    run(one=[f"import os; print('found', *[n for n in {names!r} if n in os.environ])"])
    assert f"found {kept}\n" in capfd.readouterr().out


def test_the_cassette_of_the_notebooks_is_not_for_the_other_steps(
    dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LAUREN_CASSETTE", raising=False)
    variables: dict[str, str] = {}
    assert list(dev.notebooks("python", variables))
    assert Path(variables["LAUREN_CASSETTE"]).is_file()
    assert "LAUREN_CASSETTE" not in os.environ


def test_node_and_chromium_are_looked_for_before_the_first_step(
    dev: ModuleType,
    run: Callable[..., None],
    tools: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(dev, "CI_CAN_INSTALL", False)
    monkeypatch.setattr(dev, "find_chromium", lambda python: None)
    for last, need in [("js", "Install Node.js"), ("browser", "need a Chromium")]:
        with pytest.raises(SystemExit):
            run(**{"lint": ["print('it began')"], last: []})
        said = capfd.readouterr()
        assert need in said.err
        assert "it began" not in said.out


@pytest.fixture
def examples(dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The tour and a file of its data, where they come from; and where they are copied to."""
    source, copy = tmp_path / "notebooks", tmp_path / "mine"
    (source / "data").mkdir(parents=True)
    (source / dev.TOUR).write_text("1")
    (source / "data" / "bikes.csv").write_text("1")
    (source / ".ipynb_checkpoints").mkdir()
    (source / ".ipynb_checkpoints" / "x.ipynb").write_text("1")
    monkeypatch.setattr(dev, "EXAMPLES", source)
    monkeypatch.setattr(dev, "MINE", copy)
    dev.copy_examples()
    return source, copy


def test_the_copy_of_the_examples_has_their_data_and_no_checkpoints(
    examples: tuple[Path, Path],
) -> None:
    found = [path.relative_to(examples[1]).as_posix() for path in examples[1].rglob("[!.]*.*")]
    assert sorted(found) == ["00-tour.ipynb", "data/bikes.csv"]


@pytest.mark.parametrize("edited, then", [(False, "2"), (True, "mine")])
def test_a_newer_tour_replaces_the_copy_that_nobody_changed(
    dev: ModuleType,
    examples: tuple[Path, Path],
    capsys: pytest.CaptureFixture[str],
    edited: bool,
    then: str,
) -> None:
    source, copy = (folder / dev.TOUR for folder in examples)
    if edited:
        copy.write_text("mine")
    dev.copy_examples()
    assert capsys.readouterr().out == ""
    source.write_text("2")
    dev.copy_examples()
    assert copy.read_text() == then
    assert ("remove it to get the newer 00-tour.ipynb" in capsys.readouterr().out) is edited


def test_git_ignores_the_copies(dev: ModuleType) -> None:
    subprocess.run(
        ["git", "check-ignore", "-q", str(dev.MINE / dev.TOUR)], cwd=DEV.parent, check=True
    )


def test_old_python_reads_it_far_enough_to_be_refused() -> None:
    """3.8 is what some systems call python3; a subscript of `tuple` fails there where it is run."""
    for path in (DEV, DEV.parent / "tests" / "side_by_side.py"):
        tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 8))
        at_once = [node for node in tree.body if isinstance(node, ast.Assign)]
        names = {n.value.id for node in at_once for n in ast.walk(node) if is_subscript_of_name(n)}
        assert names == set()


def is_subscript_of_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
