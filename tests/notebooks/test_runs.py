"""The example notebooks in the hands of programs: nbval, papermill, nbconvert, and again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest

from tests.notebooks._running import (
    FOREIGN,
    NOTEBOOKS,
    ROOT,
    get_environment,
    get_replay_environment,
    run_as_program,
)
from tests.notebooks.record import write

pytestmark = pytest.mark.notebooks

PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
ASKING = NOTEBOOKS / "01-ask-your-data.ipynb"
DECIDING = NOTEBOOKS / "03-tools-and-approval.ipynb"


def get_environment_of(path: Path) -> dict[str, str]:
    return get_environment(**get_replay_environment(path))


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    """A folder like `notebooks/`, to be changed."""
    return Path(shutil.copytree(NOTEBOOKS, tmp_path / "notebooks"))


def run_nbval(path: Path) -> str:
    """What nbval says of the notebook, as the test command runs it."""
    options = ["--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "--color=no"]
    options += ["--nbval-sanitize-with", str(ROOT / "tests" / "nbval_sanitize.cfg"), "--rootdir=."]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", os.devnull, *options, path.name],
        cwd=path.parent,
        env=get_environment_of(path),
        capture_output=True,
        text=True,
    )
    return done.stdout + done.stderr


def test_one_changed_character_of_an_expected_answer_fails_nbval(copies: Path) -> None:
    path = copies / ASKING.name
    kept = path.read_text("utf-8")
    assert kept.count("Rain decides:") == 2 + 1  # Markdown, plain text, and what a cell prints
    path.write_text(kept.replace("Rain decides:", "Rain decides;", 1), "utf-8")
    shown = run_nbval(path)
    assert re.findall(r"^FAILED .*::(Cell \d+)", shown, re.MULTILINE) == ["Cell 3"], shown[-2000:]
    assert "1 failed" in shown and " passed" in shown


def test_a_changed_time_fails_nbval_and_a_changed_price_does_not(copies: Path) -> None:
    path = copies / ASKING.name
    kept = path.read_text("utf-8")
    priced = re.sub(r"\$0\.\d+", "$7.25", kept)
    assert priced != kept
    path.write_text(priced, "utf-8")
    assert "failed" not in run_nbval(path)
    path.write_text(re.sub(r" · \d+ tok/s", " · 5 tok/s", kept, count=1), "utf-8")
    assert "1 failed" in run_nbval(path)


def test_another_drawing_of_the_same_plot_still_finds_its_answer(copies: Path) -> None:
    """A new matplotlib draws other pixels: the figure is part of the question."""
    path = copies / ASKING.name
    kept = path.read_text("utf-8")
    path.write_text(kept.replace("figsize=(7, 3)", "figsize=(6, 4), dpi=50"), "utf-8")
    changed = run_as_program(path, **get_replay_environment(path))
    answers = [
        cell.outputs for cell in nbformat.read(ASKING, as_version=4).cells[1:] if is_asked(cell)
    ]
    assert [cell.outputs for cell in changed.cells[1:] if is_asked(cell)] == answers


def is_asked(cell: nbformat.NotebookNode) -> bool:
    return bool(cell.source.startswith("%%lauren"))


def test_a_notebook_is_the_same_to_the_byte_each_time() -> None:
    """Ten times, when this was written: `test_cassettes` in tests/kernel does so always."""
    environment = get_replay_environment(DECIDING)
    first, second = (write(run_as_program(DECIDING, **environment)) for _ in range(2))
    assert second == first
    assert "denied by cassette" in first


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_papermill_runs_a_notebook_without_a_key(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(FOREIGN)]:
        monkeypatch.delenv(name)
    for name, value in get_environment_of(path).items():
        monkeypatch.setenv(name, value)
    out = tmp_path / "out.ipynb"
    papermill.execute_notebook(
        str(path), str(out), cwd=str(path.parent), kernel_name="python3", progress_bar=False
    )
    done = nbformat.read(out, as_version=4)
    assert [cell.source for cell in done.cells] == [
        cell.source for cell in nbformat.read(path, as_version=4).cells
    ]


def test_nbconvert_runs_all_notebooks_without_a_key(tmp_path: Path) -> None:
    options = ["--to", "html", "--execute", "--output-dir", str(tmp_path), "--log-level=ERROR"]
    command = [sys.executable, "-m", "jupyter", "nbconvert", *options, *map(str, PATHS)]
    environment = get_environment_of(PATHS[0])  # the others name their cassettes
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert sorted(page.stem for page in tmp_path.glob("*.html")) == [p.stem for p in PATHS]
    assert "Rain decides:" in (tmp_path / f"{ASKING.stem}.html").read_text("utf-8")
