"""A page that is reloaded in mid-answer shows the view again, and the answer goes on in it."""

from __future__ import annotations

import threading

from tests.browser.conftest import Open
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
    notebook.wait_live(1, "word39")
    whole = "".join(f"word{i} " for i in range(40)).strip()
    assert whole in notebook.live(1).inner_text()


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
    notebook.wait_live(1, "interrupted")
