"""Owns what every test of the matrix has: a kernel with a tool that asks, and its provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

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
