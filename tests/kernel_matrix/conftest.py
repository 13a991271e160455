"""Owns a kernel for each row of the matrix, started when a test first wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.kernel_matrix.environments import KERNELS, get_python
from tests.kernel_matrix.kernel import KernelProcess
from tests.kernel_matrix.page import Page
from tests.servers import FakeAnthropic, text, tool_call

SETUP = """
import os
os.environ.update(ANTHROPIC_API_KEY="sk-ant-key", ANTHROPIC_BASE_URL={url!r})
%reload_ext lauren_nb
from lauren_nb._display import presenters
presenters.HEARING_S = 2.0
calls = []
def delete_rows(table: str, count: int) -> str:
    "Delete rows of a table."
    calls.append((table, count))
    return f"{{count}} rows are gone"
def ask():
    get_ipython().run_cell_magic("lauren", "-t delete_rows", "Drop the outliers.")
"""
ARGUMENTS = {"table": "sales", "count": 3}
FORMS = {
    "awaited": "%%lauren -t delete_rows\nDrop the outliers.",
    "%%time": "%%time\n%%lauren -t delete_rows\nDrop the outliers.",
    "function": "ask()",
}
"""The ways to write the cell; all but the first take the synchronous path."""


@dataclass
class Bench:
    """A kernel that is set up for one test, with the provider that its cells ask."""

    name: str
    kernel: KernelProcess
    subshell: str | None
    server: FakeAnthropic
    pages: list[Page] = field(default_factory=list)

    def open_page(self, route: str = "main", **options: Any) -> Page:
        """A window; `route` is how its widget messages travel: main or subshell."""
        if route == "subshell":
            assert self.subshell is not None, "ipykernel 6 has no subshells"
            options["subshell"] = self.subshell
        if not options.get("attaches", True):  # there is nothing to wait for
            self.kernel.run("presenters.HEARING_S = 0.1")
        page = Page(self.kernel, **options)
        self.pages.append(page)
        return page

    def script(self, *calls: str) -> None:
        """The model calls delete_rows once for each id, at once; it answers when it is told."""
        self.server.reply(*(tool_call("delete_rows", ARGUMENTS, id=one) for one in calls))
        self.server.default = self.server.script(text("Three rows are gone."))

    def start(self, page: Page, form: str = "awaited") -> None:
        """Run the cell until its call waits for a person."""
        self.script("toolu_1")
        page.start(FORMS[form])
        page.wait(lambda cell: cell.waiting)

    def get_calls(self) -> str:
        """What the tool was called with, as a repr."""
        return self.kernel.evaluate("calls")

    def get_result(self) -> dict[str, Any]:
        """What the model was told of its first call."""
        [result] = self.server.requests[-1].body["messages"][-1]["content"]
        assert isinstance(result, dict)
        return result


@pytest.fixture(scope="session")
def get_kernel() -> Iterator[Callable[[str], tuple[KernelProcess, str | None]]]:
    running: dict[str, tuple[KernelProcess, str | None]] = {}

    def get(name: str) -> tuple[KernelProcess, str | None]:
        if name not in running:
            kernel = KernelProcess(get_python(name)).__enter__()
            running[name] = kernel, None if name == "6.31" else kernel.create_subshell()
        return running[name]

    yield get
    for kernel, _ in running.values():
        kernel.__exit__()


@pytest.fixture
def bench(
    name: str,
    get_kernel: Callable[[str], tuple[KernelProcess, str | None]],
    anthropic_server: FakeAnthropic,
) -> Iterator[Bench]:
    """The bench of the kernel that the test's parameter `name` says."""
    kernel, subshell = get_kernel(name)
    kernel.run(SETUP.format(url=anthropic_server.base_url))
    made = Bench(name, kernel, subshell, anthropic_server)
    yield made
    for page in made.pages:  # a test that failed in mid-cell leaves a kernel that works
        if page.is_running:
            kernel.interrupt()
            with suppress(TimeoutError):
                page.finish()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of a bench runs on every kernel, unless it says which."""
    marks = list(metafunc.definition.iter_markers("parametrize"))
    given = any("name" in str(mark.args[0]).replace(" ", "").split(",") for mark in marks)
    if "bench" in metafunc.fixturenames and not given:
        metafunc.parametrize("name", KERNELS)
