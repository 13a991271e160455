"""What a cell costs on the way to the page."""

from __future__ import annotations

from playwright.sync_api import Page, WebSocket

from tests.browser.conftest import Open
from tests.servers import FakeAnthropic, text


def test_second_cell_costs_less_than_16_kb(
    open_notebook: Open, tab: Page, anthropic_server: FakeAnthropic
) -> None:
    for _ in range(2):
        anthropic_server.reply(text("A short answer."))
    received: list[int] = []
    tab.on("websocket", lambda socket: count(socket, received))
    notebook = open_notebook("%%lauren\nhi", "%%lauren\nhi again")
    notebook.cell(0).locator(".jp-InputPrompt").click()
    for _ in range(2):
        notebook.execute("notebook:run-cell-and-select-next")
    notebook.wait_rest(1, "A short answer.")
    first = sum(received)
    received.clear()
    notebook.execute("notebook:run-cell-and-select-next")
    notebook.wait_rest(2, "A short answer.")
    assert 0 < sum(received) < 16_000, f"the cell before took {first} bytes"


def count(socket: WebSocket, received: list[int]) -> None:
    socket.on("framereceived", lambda data: received.append(len(data)))
