"""Owns how a program runs a notebook: its cells after one that loads the extension, by nbclient.

The kernel inherits this process's environment, which the fixture `environment` sets.
"""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

WAIT_S = 60


def make_notebook(*cells: str) -> nbformat.NotebookNode:
    sources = ["%load_ext lauren_nb", *cells]
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook


def execute(notebook: nbformat.NotebookNode, folder: Path | None = None) -> None:
    """Run all cells in a kernel of their own, in `folder` where one is given."""
    client = NotebookClient(
        notebook,
        timeout=WAIT_S,
        coalesce_streams=True,  # in how many messages printed text comes differs each time
        resources={"metadata": {"path": str(folder)}} if folder else {},
    )
    client.execute()
