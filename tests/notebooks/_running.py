"""Runs a notebook's cells in a real kernel: once with a person who answers, and as programs do.

It owns the kernels and their environment; what is recorded and kept is `record`'s.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent.parent
NOTEBOOKS = ROOT / "notebooks"
FOREIGN = ("ANTHROPIC_", "OPENAI_", "OLLAMA_", "LAUREN_", "JUPYTER_")
CELL_TIMEOUT_S = 300


def get_environment(**added: str) -> dict[str, str]:
    """This process's environment without what chooses a model, with the clone to import from."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
    paths = [str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]
    return {**kept, "PYTHONPATH": os.pathsep.join(paths), "PYTHONHASHSEED": "0", **added}


def find_notebook(number: str, folder: Path = NOTEBOOKS) -> Path:
    """The notebook of this number ("02"). Raises ValueError."""
    found = sorted(folder.glob(f"{number}-*.ipynb"))
    if len(found) != 1:
        raise ValueError(f"there is no notebook {number} in {folder.name}")
    return found[0]


def get_cassette(notebook: Path) -> Path:
    return notebook.parent / "cassettes" / f"{notebook.stem}.json"


def get_replay_environment(notebook: Path) -> dict[str, str]:
    """What a replay needs. The tour names no cassette, because its user has a model to answer."""
    return get_environment(
        LAUREN_CASSETTE=str(get_cassette(notebook)), LAUREN_CASSETTE_MODE="replay"
    )


def run_with_person(path: Path, answer: Callable[[str], str], **environment: str) -> None:
    """Run the cells in order; what the kernel asks in its input box, `answer` answers.

    Raises RuntimeError for a cell that fails.
    """
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(env=get_environment(**environment), cwd=str(path.parent))
    client: BlockingKernelClient = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                _run(client, cell.source, answer)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def _run(client: BlockingKernelClient, source: str, answer: Callable[[str], str]) -> None:
    def hear_question(message: dict[str, Any]) -> None:
        client.input(answer(message["content"]["prompt"]))

    said: list[str] = []

    def hear_output(message: dict[str, Any]) -> None:
        content = message["content"]
        said.extend(content.get("traceback", []) or [str(content.get("text", ""))])

    reply = client.execute_interactive(
        source,
        allow_stdin=True,
        stdin_hook=hear_question,
        output_hook=hear_output,
        timeout=CELL_TIMEOUT_S,
    )
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"this cell failed:\n{source}\n" + "\n".join(said))


def run_as_program(path: Path, **environment: str) -> nbformat.NotebookNode:
    """The notebook as nbclient leaves it: nobody watches, and a cell that fails ends it."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # in how many messages printed text comes differs each time
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute(env=get_environment(**environment))
    return notebook
