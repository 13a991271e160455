"""Owns one notebook in one page of JupyterLab: what a person does there, and what they see.

It records every address that the page asks for and everything that scripts open or throw.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Dialog, Locator, Page, expect

from tests.browser._lab import Lab

CELL = ".jp-Notebook .jp-Cell"
#: The view of a running cell, and an answer at rest.
LIVE = ".lnb-root"
REST = ".jp-RenderedMarkdown"
WAIT_MS = 20_000
#: Before that, Run All asks which kernel it should use.
KERNEL_IS_CONNECTED = """() => {
    const context = window.jupyterapp.shell.currentWidget?.sessionContext;
    return context?.isReady && context.session?.kernel?.connectionStatus === "connected";
}"""


class NotebookPage:
    """Made by the fixture `open_notebook`, which closes the page and its session."""

    def __init__(self, page: Page, lab: Lab, path: str) -> None:
        self.page = page
        self.path = path
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self.errors: list[str] = []
        self._lab = lab
        page.set_default_timeout(WAIT_MS)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", self._note_dialog)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    @property
    def file(self) -> Path:
        return self._lab.root / self.path

    def open(self) -> None:
        """Show the notebook, and wait until its kernel is ready."""
        self.page.goto(f"{self._lab.url}/lab/tree/{self.path}?reset")
        self.wait_ready()

    def open_without_kernel(self) -> None:
        self.page.goto(f"{self._lab.url}/lab?reset")
        self.page.wait_for_function("window.jupyterapp")
        self.page.evaluate("window.jupyterapp.started")
        none = {"shouldStart": False, "canStart": False}
        self.execute("docmanager:open", path=self.path, factory="Notebook", kernelPreference=none)
        self.page.wait_for_selector(CELL)

    def wait_ready(self) -> None:
        self.page.wait_for_selector(CELL, timeout=60_000)
        self.page.wait_for_function(KERNEL_IS_CONNECTED, timeout=60_000)

    def execute(self, command: str, **args: Any) -> None:
        """Run one of JupyterLab's commands, and wait until it has ended."""
        self.page.evaluate(
            "async ([name, args]) => { await window.jupyterapp.commands.execute(name, args) }",
            [command, args],
        )

    def run_all(self) -> None:
        """Run All Cells, without waiting for them."""
        self.page.evaluate(
            "() => { void window.jupyterapp.commands.execute('notebook:run-all-cells') }"
        )

    def save(self) -> nbformat.NotebookNode:
        """Save, and read the file."""
        self.execute("docmanager:save")
        return self.read()

    def read(self) -> nbformat.NotebookNode:
        return nbformat.read(self.file, as_version=4)

    def cell(self, index: int) -> Locator:
        return self.page.locator(CELL).nth(index)

    def output(self, index: int) -> Locator:
        """The output area of a cell."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def live(self, index: int) -> Locator:
        return self.output(index).locator(LIVE)

    def rest(self, index: int) -> Locator:
        """An answer at rest, and its footer."""
        return self.output(index).locator(REST)

    def wait_live(self, index: int, text: str) -> None:
        """Wait until the running cell's view shows `text`."""
        expect(self.live(index)).to_contain_text(text, timeout=WAIT_MS)

    def wait_rest(self, index: int, text: str) -> None:
        """Wait until the answer rests and shows `text`."""
        expect(self.rest(index)).to_contain_text(text, timeout=WAIT_MS)
        expect(self.live(index)).to_have_count(0, timeout=WAIT_MS)

    def wait_prompt(self, index: int, prompt: str) -> None:
        """Wait until the cell's prompt is `[3]:`, `[ ]:` and the like."""
        expect(self.cell(index).locator(".jp-InputPrompt")).to_have_text(prompt, timeout=WAIT_MS)

    def reload(self) -> None:
        """Reload the page; the kernel and what runs in it go on."""
        self.page.reload()
        self.wait_ready()

    def is_trusted(self, index: int) -> bool:
        script = "i => window.jupyterapp.shell.currentWidget.content.model.cells.get(i).trusted"
        return bool(self.page.evaluate(script, index))

    def get_foreign_requests(self) -> list[str]:
        """The addresses beyond this server that the page asked for."""
        own = (self._lab.url, self._lab.url.replace("http", "ws"), "blob:", "data:")
        return [url for url in self.requests if not url.startswith(own)]

    def _note_dialog(self, dialog: Dialog) -> None:
        if dialog.type == "beforeunload":  # JupyterLab's own, where something is not saved
            dialog.accept()
            return
        self.dialogs.append(dialog.message)
        dialog.dismiss()


def write_notebook(file: Path, cells: Sequence[str], *, kernel: str = "python3") -> None:
    """Write a notebook of code cells."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    spec = {"name": kernel, "display_name": "Python 3", "language": "python"}
    notebook.metadata["kernelspec"] = spec
    nbformat.write(notebook, file)


Open = Callable[..., NotebookPage]
Reopen = Callable[..., NotebookPage]
