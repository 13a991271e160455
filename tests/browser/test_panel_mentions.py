"""`@name` in a question, in a real JupyterLab: what went along is shown, after a reload too."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser._notebook import Open
from tests.browser._panel import PANEL, ask, open_panel, panel_of
from tests.servers import FakeAnthropic, text

FRAME = 'sales = pd.DataFrame({"a": [1, 2], "b": ["<img src=x>", "y"]})'
SOURCE = f"import pandas as pd\n{FRAME}\n{PANEL}"


def test_mentioned_variable_is_sent_and_shown_word_for_word(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    notebook = open_panel(open_notebook, source=SOURCE)
    anthropic_server.reply(text("Two rows."))
    ask(notebook, "What is in @sales?")
    expect(panel_of(notebook)).to_contain_text("Two rows.")
    fold = panel_of(notebook).locator(".lnb-mention")
    expect(fold.locator("summary")).to_have_text("@sales: DataFrame 2 × 2")
    expect(fold.locator("pre")).to_be_hidden()
    fold.locator("summary").click()
    sent = anthropic_server.requests[0].body["messages"][0]["content"][1]["text"]
    assert fold.locator("pre").inner_text() == sent
    assert "<img src=x>" in sent
    notebook.save()
    notebook.reload()
    expect(fold.locator("summary")).to_have_text("@sales: DataFrame 2 × 2")
    assert notebook.errors == []


def test_name_is_completed_from_the_kernel_and_enter_takes_it_before_it_sends(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    notebook = open_panel(open_notebook, source=f"{SOURCE[: -len(PANEL)]}sample = [1]\n{PANEL}")
    anthropic_server.reply(text("Two rows."))
    field = panel_of(notebook).get_by_label("Message to the model")
    field.click()
    field.press_sequentially("What is in @sa")
    names = panel_of(notebook).get_by_role("listbox", name="Variables")
    expect(names.get_by_role("option")).to_have_text(["sales DataFrame", "sample list"])
    field.press("Enter")
    expect(field).to_have_value("What is in @sales")
    assert anthropic_server.requests == []
    field.press_sequentially("?")
    field.press("Enter")
    expect(panel_of(notebook)).to_contain_text("Two rows.")
    expect(panel_of(notebook).locator(".lnb-mention summary")).to_have_text(
        "@sales: DataFrame 2 × 2"
    )
    assert notebook.errors == []
