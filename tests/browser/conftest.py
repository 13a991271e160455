"""Owns the slow things that all browser tests share: one JupyterLab, one kernel.

A page and a provider are each test's own. The browser itself is tests/conftest.py's.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser._lab import Lab
from tests.browser._notebook import NotebookPage, Open, Reopen, write_notebook
from tests.servers import FakeAnthropic

VIEWPORT = {"width": 1280, "height": 1000}
#: `%reload_ext` gives each test a session of its own: defaults, conversations, services.
SETUP = """\
import os
os.environ["ANTHROPIC_API_KEY"] = "sk-ant-test"
os.environ["ANTHROPIC_BASE_URL"] = "{url}"
%reload_ext lauren_nb"""
numbers = itertools.count()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def kernel(lab: Lab) -> str:
    """The id of the kernel that the tests' notebooks share."""
    return str(lab.request("POST", "kernels", {"name": "python3"})["id"])


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport=VIEWPORT)
    yield context.new_page()
    context.close()


@pytest.fixture
def open_notebook(
    lab: Lab, kernel: str, tab: Page, anthropic_server: FakeAnthropic
) -> Iterator[Open]:
    """Opens a notebook of these cells, after one that loads the extension, on the shared kernel."""

    def open_cells(*cells: str) -> NotebookPage:
        path = f"n{next(numbers)}.ipynb"
        write_notebook(lab.root / path, [SETUP.format(url=anthropic_server.base_url), *cells])
        body: dict[str, Any] = {"path": path, "name": path, "type": "notebook"}
        lab.request("POST", "sessions", {**body, "kernel": {"id": kernel}})
        notebook = NotebookPage(tab, lab, path)
        notebook.open()
        return notebook

    yield open_cells
    # A test that failed in mid-answer must not keep the kernel from the next one.
    if lab.request("GET", f"kernels/{kernel}")["execution_state"] == "busy":
        lab.request("POST", f"kernels/{kernel}/interrupt")


@pytest.fixture
def reopen(lab: Lab, chromium: Browser) -> Iterator[Reopen]:
    """Opens a copy of a saved notebook in a new page, without any kernel."""
    contexts: list[BrowserContext] = []

    def reopen_copy(notebook: NotebookPage, *, trusted: bool) -> NotebookPage:
        copy = notebook.read()
        copy.metadata["copy"] = path = (
            f"reopened{next(numbers)}.ipynb"  # it needs its own signature
        )
        nbformat.write(copy, lab.root / path)
        if trusted:
            lab.trust(copy)
        contexts.append(chromium.new_context(viewport=VIEWPORT))
        reopened = NotebookPage(contexts[-1].new_page(), lab, path)
        reopened.open_without_kernel()
        return reopened

    yield reopen_copy
    for context in contexts:
        context.close()
