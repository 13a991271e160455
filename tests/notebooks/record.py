"""`python -m tests.notebooks.record [NN …]`: record the example notebooks' cassettes and outputs.

A loopback provider answers from `answers_NN.py`, over the real wire formats; `local:` models answer
themselves. The outputs that are kept are those of a replay. A cassette in which nothing but times
would change stays as it is. How a recording is run is `_running`'s.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import shutil
import sys
from pathlib import Path

import nbformat

from lauren_ai._cassettes.file import load
from lauren_ai._cassettes.match import write_canonical
from lauren_nb._display.cassette import describe_cassette
from tests.notebooks._answers import Play, serve
from tests.notebooks._running import (
    NOTEBOOKS,
    find_notebook,
    get_cassette,
    get_replay_environment,
    run_as_program,
    run_with_person,
)

#: Where no `answers_NN.py` is, the embedded model answers all.
LOCAL = {"LAUREN_MODEL": "local:smollm2"}
KEPT_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WIDGET = "application/vnd.jupyter.widget-view+json"
WIDGET = "application/vnd.jupyter.widget-view+json"
_TIME = re.compile(r"(?<= · )\d[^·]* (?:s|min)\b")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", nargs="*", metavar="NN", help="notebooks; all without any")
    parser.add_argument(
        "--outputs", action="store_true", help="keep the cassettes; write the outputs anew only"
    )
    args = parser.parse_args()
    for number in args.numbers or sorted(p.name[:2] for p in NOTEBOOKS.glob("*.ipynb")):
        notebook = find_notebook(number)
        print(f"{notebook.name}: ", end="", flush=True)
        if not args.outputs:
            record_cassette(notebook)
        write_outputs(notebook)
        print("written", flush=True)
    return 0


def record_cassette(notebook: Path) -> None:
    """Run the notebook against its script, and keep the cassette if it says something new.

    Raises RuntimeError for a cell that fails, ValueError for a script that does not fit.
    """
    cassette = get_cassette(notebook)
    before = cassette.with_suffix(".before")
    if cassette.exists():
        shutil.copyfile(cassette, before)
    try:
        _run(notebook, cassette)
        if before.exists() and tell(before) == tell(cassette):
            before.replace(cassette)
    except BaseException:
        if before.exists():
            before.replace(cassette)
        raise
    finally:
        before.unlink(missing_ok=True)


def _run(notebook: Path, cassette: Path) -> None:
    mode = {"LAUREN_CASSETTE": str(cassette), "LAUREN_CASSETTE_MODE": "record"}
    number = notebook.name[:2]
    if importlib.util.find_spec(f"tests.notebooks.answers_{number}") is None:
        run_with_person(notebook, lambda prompt: "", **LOCAL, **mode)
        return
    play = Play(number)
    try:
        with serve(play) as environment:
            run_with_person(notebook, play.take_line, **environment, **mode)
    except RuntimeError as error:
        raise RuntimeError(f"{error}\nwithout an answer: {play.unanswered}") from error
    play.check_all_used()


def tell(cassette: Path) -> list[str]:
    """All that a cassette says but for times: questions, answers, decisions, side by side."""
    asked = sorted(write_canonical(e.request) for e in load(cassette).exchanges)
    shown = re.split(r"\n(?=── )", _TIME.sub("", describe_cassette(cassette)))
    return [*asked, *sorted(re.sub(r"^── \d+", "──", part) for part in shown[1:])]


def write_outputs(notebook: Path) -> None:
    """Replay the notebook as a program does, and keep what its cells leave."""
    run = run_as_program(notebook, **get_replay_environment(notebook))
    notebook.write_text(write(run), "utf-8", newline="\n")


def write(notebook: nbformat.NotebookNode) -> str:
    """The file's text: nothing in it but cells, outputs, and the kernel's name."""
    notebook.metadata = nbformat.from_dict(KEPT_METADATA)
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02}"
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)  # the random name of what died with its kernel
        for output in cell.get("outputs", []):
            if WIDGET in output.get("data", {}):  # gone with its kernel, and named at random
                output.data[WIDGET]["model_id"] = f"{number:032x}"
    text = nbformat.writes(notebook)
    return text if text.endswith("\n") else text + "\n"


if __name__ == "__main__":
    sys.exit(main())
