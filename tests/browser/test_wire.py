"""What a cell costs on the way to the page."""

from __future__ import annotations

from playwright.sync_api import Page, WebSocket

from tests.browser._notebook import Open
from tests.servers import FakeAnthropic, text

#: The messages that open a view; those of the answer grow with it.
OPENING = (b"comm_open", b'"display_data"')


def test_second_cell_opens_its_view_for_less_than_16_kb(
    open_notebook: Open, tab: Page, anthropic_server: FakeAnthropic
) -> None:
    received: list[bytes] = []
    tab.on("websocket", lambda socket: collect(socket, received))
    for _ in range(2):
        anthropic_server.reply(text("A short answer."))
    notebook = open_notebook("%%lauren\nhi", "%%lauren\nhi again")
    notebook.cell(0).locator(".jp-InputPrompt").click()
    for _ in range(2):
        notebook.execute("notebook:run-cell-and-select-next")
    notebook.wait_rest(1, "A short answer.")
    received.clear()
    notebook.execute("notebook:run-cell-and-select-next")
    notebook.wait_rest(2, "A short answer.")
    opening = [frame for frame in received if any(word in frame for word in OPENING)]
    assert len(opening) >= 2  # the view's model, and what displays it
    assert sum(map(len, opening)) < 16_000


def collect(socket: WebSocket, received: list[bytes]) -> None:
    def on_frame(data: str | bytes) -> None:
        received.append(data.encode() if isinstance(data, str) else data)

    socket.on("framereceived", on_frame)
