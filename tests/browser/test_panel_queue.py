"""What a person writes while an answer runs, in a real JupyterLab: it waits in sight, then goes."""

from __future__ import annotations

import threading

import nbformat
from playwright.sync_api import expect

from tests.browser._notebook import Open
from tests.browser._panel import ask, open_panel, panel_of
from tests.servers import FakeAnthropic, text


def test_queued_messages_are_edited_removed_and_asked_in_order(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    gate = threading.Event()
    answer = anthropic_server.script(text(["first", " answer", " whole"]))
    anthropic_server.queue(answer.gated(4, gate))
    anthropic_server.reply(text("Second answer."))
    notebook = open_panel(open_notebook)
    panel = panel_of(notebook)
    ask(notebook, "one")
    expect(panel).to_contain_text("first")
    ask(notebook, "twoo")
    expect(panel.get_by_label("Message to the model")).to_have_value("")
    ask(notebook, "three")
    waiting = panel.get_by_role("group", name="Waiting messages")
    expect(waiting.locator(".lnb-queue-text")).to_have_text(["twoo", "three"])
    waiting.get_by_role("button", name="Remove this waiting message").last.click()
    expect(waiting.locator(".lnb-queue-text")).to_have_text(["twoo"])
    waiting.get_by_role("button", name="Edit this waiting message").click()
    field = waiting.get_by_label("Edited waiting message")
    field.fill("two")
    field.press("Enter")
    expect(waiting.locator(".lnb-queue-text")).to_have_text(["two"])
    gate.set()
    expect(panel).to_contain_text("Second answer.")
    expect(panel.locator(".lnb-question")).to_have_text(["one", "two"])
    expect(waiting).to_be_hidden()
    assert len(anthropic_server.requests) == 2
    assert notebook.errors == []


def test_stop_keeps_the_queue_and_a_click_goes_on(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.queue(anthropic_server.script(text(["half ", "never"])).hanging(at=4))
    anthropic_server.reply(text("Second answer."))
    notebook = open_panel(open_notebook)
    panel = panel_of(notebook)
    ask(notebook, "one")
    expect(panel).to_contain_text("half")
    ask(notebook, "two")
    waiting = panel.get_by_role("group", name="Waiting messages")
    expect(waiting).to_contain_text("two")
    panel.get_by_role("button", name="Stop the answer").click()
    expect(waiting).to_contain_text("these wait")
    assert len(anthropic_server.requests) == 1
    waiting.get_by_role("button", name="Send the waiting messages").click()
    expect(panel).to_contain_text("Second answer.")


def test_chat_is_saved_as_a_notebook(open_notebook: Open, anthropic_server: FakeAnthropic) -> None:
    notebook = open_panel(open_notebook)
    panel = panel_of(notebook)
    anthropic_server.reply(text("Do:\n\n```python\nx = 1\n```"))
    ask(notebook, "How?")
    expect(panel.locator(".lnb-code")).to_contain_text("x = 1")
    expect(panel.get_by_role("button", name="Stop the answer")).to_be_hidden()
    panel.get_by_role("button", name="More actions").click()
    with notebook.page.expect_download() as download:
        panel.get_by_role("button", name="Save as notebook").click()
    made = nbformat.read(download.value.path(), as_version=4)
    nbformat.validate(made)
    assert download.value.suggested_filename == "test-chat.ipynb"
    assert made.cells[-1].source == "x = 1"
