"""The live view wears JupyterLab's own theme, light and dark."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.browser._notebook import NotebookPage, Open
from tests.servers import FakeAnthropic, text

#: The brightness, 0 to 255, of an element's text and of what is painted behind it.
BRIGHTNESS = """element => {
    const mean = (color) => {
        const [r, g, b, a = 1] = color.match(/[\\d.]+/g).map(Number);
        return a === 0 ? null : (r + g + b) / 3;
    };
    let behind = element, back = null;
    while (behind && (back = mean(getComputedStyle(behind).backgroundColor)) === null)
        behind = behind.parentElement;
    return [mean(getComputedStyle(element).color), back];
}"""
ANSWER = "A word.\n\n```python\nimport os\n```\n\n| a |\n|---|\n| 1 |\n\n> quoted\n\nThe end"


@pytest.fixture
def notebook(open_notebook: Open, anthropic_server: FakeAnthropic) -> Iterator[NotebookPage]:
    gate = threading.Event()
    answer = anthropic_server.script(text(ANSWER))
    anthropic_server.queue(answer.gated(len(answer.events) - 2, gate))
    opened = open_notebook("%%lauren\nhi")
    opened.run_all()
    opened.wait_live(1, "The end")
    yield opened
    gate.set()
    opened.execute("apputils:change-theme", theme="JupyterLab Light")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_every_text_of_the_view_can_be_read(notebook: NotebookPage, theme: str) -> None:
    notebook.execute("apputils:change-theme", theme=theme)
    notebook.page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
    for part in ("p", "code", "td", "blockquote", ".lnb-footer", ".lnb-stop"):
        front, back = notebook.live(1).locator(part).first.evaluate(BRIGHTNESS)
        assert (back < 100) is ("Dark" in theme), part
        assert abs(front - back) > 80, part
