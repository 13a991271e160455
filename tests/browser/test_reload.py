"""A page that is reloaded in mid-answer shows the view again, and the answer goes on in it.

At its end it rests in that page as in any other, though the page does not know the cell's display.
"""

from __future__ import annotations

import threading
from typing import Any

from tests.browser._notebook import NotebookPage, Open
from tests.servers import FakeAnthropic, text


def test_view_goes_on_after_a_reload(open_notebook: Open, anthropic_server: FakeAnthropic) -> None:
    gate = threading.Event()
    answer = anthropic_server.script(text([f"word{i} " for i in range(40)]))
    anthropic_server.queue(answer.gated(23, gate))
    notebook = open_notebook("%%lauren -o answer\nhi")
    notebook.run_all()
    notebook.wait_live(1, "word19 ")
    notebook.save()
    notebook.reload()
    notebook.wait_live(1, "word19 ")
    gate.set()
    notebook.wait_rest(1, "word39")
    whole = "".join(f"word{i} " for i in range(40)).strip()
    assert whole in notebook.rest(1).first.inner_text()
    assert whole in get_saved(notebook)["data"]["text/markdown"]


def get_saved(notebook: NotebookPage) -> dict[str, Any]:
    """The one output of the cell in the saved file."""
    [output] = notebook.save().cells[1].outputs
    assert sorted(output["data"]) == ["text/markdown", "text/plain"]
    assert output["metadata"]["lauren"]["model"] == "claude-test"
    return dict(output)


def test_stop_works_after_a_reload(open_notebook: Open, anthropic_server: FakeAnthropic) -> None:
    anthropic_server.queue(anthropic_server.script(text(["half ", "never"])).hanging(at=4))
    notebook = open_notebook("%%lauren\nhi")
    notebook.run_all()
    notebook.wait_live(1, "half")
    notebook.save()
    notebook.reload()
    notebook.wait_live(1, "half")
    notebook.live(1).get_by_role("button", name="Stop this answer").click()
    assert anthropic_server.requests[0].closed.wait(2.5)
    notebook.wait_rest(1, "interrupted")
    assert "half" in get_saved(notebook)["data"]["text/plain"]


def test_a_page_that_comes_after_the_end_gets_the_answer_too(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    gate = threading.Event()
    answer = anthropic_server.script(text(["one ", "two ", "three "]))
    anthropic_server.queue(answer.gated(5, gate))
    notebook = open_notebook("%%lauren -o answer\nhi")
    notebook.run_all()
    notebook.wait_live(1, "two ")
    notebook.save()
    notebook.reload()
    notebook.wait_live(1, "two ")
    gate.set()
    notebook.wait_rest(1, "three")
    notebook.reload()  # what the view became is not saved yet
    notebook.wait_rest(1, "three")
    assert "one two three" in get_saved(notebook)["data"]["text/plain"]
