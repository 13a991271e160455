"""A streaming cell in a real JupyterLab: it grows while it runs, and rests as portable Markdown."""

from __future__ import annotations

import re
import threading

from playwright.sync_api import expect

from tests.browser._notebook import WAIT_MS, Open, Reopen
from tests.servers import FakeAnthropic, text, thinking

WORDS = [f"word{i} " for i in range(100)]
WHOLE = "".join(WORDS).strip()
WIDGET = "application/vnd.jupyter.widget-view+json"
#: Notes every text that the view shows, for the test to read later.
WATCH = """() => {
    window.seen = [];
    new MutationObserver(() => {
        const text = document.querySelector(".lnb-text")?.textContent;
        if (text && text !== window.seen.at(-1)) window.seen.push(text);
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


def test_text_grows_in_order_while_the_cell_runs(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text(WORDS), tokens_per_s=50)
    notebook = open_notebook("%%lauren\nCount.")
    notebook.page.evaluate(WATCH)
    notebook.run_all()
    notebook.wait_live(1, "word9 ")
    notebook.wait_prompt(1, "[*]:")
    notebook.wait_rest(1, WHOLE)
    seen = [words.strip() for words in notebook.page.evaluate("window.seen")]
    assert all(WHOLE.startswith(words) for words in seen)
    assert seen == sorted(seen, key=len)
    # Two seconds at 17 messages a second; a page that got it in a few lumps is not live.
    assert len(seen) > 10


def test_text_is_shown_before_the_next_is_sent(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    gate = threading.Event()
    answer = anthropic_server.script(text(["first", " second"]))
    anthropic_server.queue(answer.gated(4, gate))
    notebook = open_notebook("%%lauren\nhi")
    notebook.run_all()
    notebook.wait_live(1, "first")
    assert "second" not in notebook.live(1).inner_text()
    gate.set()
    notebook.wait_rest(1, "first second")


def test_answer_rests_as_markdown_with_thinking_folded_and_a_footer(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(
        thinking("Let me think."),
        text("A **bold** answer.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"),
        usage={"input_tokens": 12},
        output_tokens=34,
    )
    notebook = open_notebook("%%lauren\nhi")
    notebook.run_all()
    notebook.wait_rest(1, "A bold answer.")
    expect(notebook.rest(1).locator("strong").first).to_have_text("bold")
    expect(notebook.rest(1).locator("td").last).to_have_text("2")
    fold = notebook.rest(1).locator("details")
    expect(fold).to_contain_text("Let me think.")
    assert fold.get_attribute("open") is None
    footer = notebook.rest(1).inner_text().splitlines()[-1]
    assert "claude-test" in footer
    assert re.search(r"\b12\b.*\b34\b", footer)


def test_saved_file_holds_the_answer_and_no_widget(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("The answer."), usage={"input_tokens": 12}, output_tokens=34)
    notebook = open_notebook("%%lauren\nhi")
    notebook.run_all()
    notebook.wait_rest(1, "The answer.")
    saved = notebook.save()
    outputs = saved.cells[1].outputs
    assert len(outputs) == 1, outputs
    output = outputs[0]
    assert set(output.data) == {"text/markdown", "text/plain"}
    assert "The answer." in output.data["text/markdown"]
    assert "The answer." in output.data["text/plain"]
    assert output.metadata["lauren"]["input_tokens"] == 12
    assert output.metadata["lauren"]["output_tokens"] == 34
    assert output.metadata["lauren"]["stop_reason"] == "end_turn"
    assert "widgets" not in saved.metadata
    assert WIDGET not in notebook.file.read_text("utf-8")


def test_reopened_without_a_kernel_it_reads_the_same(
    open_notebook: Open, anthropic_server: FakeAnthropic, reopen: Reopen
) -> None:
    anthropic_server.reply(thinking("Hm."), text("A **bold** answer with `code`.\n\n- one\n- two"))
    notebook = open_notebook("%%lauren\nhi")
    notebook.run_all()
    notebook.wait_rest(1, "two")
    notebook.save()
    reopened = reopen(notebook, trusted=True)
    reopened.wait_rest(1, "two")
    assert reopened.rest(1).inner_html() == notebook.rest(1).inner_html()


def test_failed_answer_keeps_its_text_and_says_why_in_one_line(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    answer = anthropic_server.script(text("half an answer"))
    anthropic_server.queue(
        answer.cut_at_event(5).with_event(5, anthropic_server.error_event("Overloaded"))
    )
    notebook = open_notebook("%%lauren\nhi", "print('after')")
    notebook.run_all()
    notebook.wait_rest(1, "half an")
    shown = notebook.output(1).inner_text()
    assert "Overloaded" in shown
    assert "Traceback" not in shown
    notebook.wait_prompt(2, "[ ]:")


def test_second_view_of_the_output_shows_the_same(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    gate = threading.Event()
    answer = anthropic_server.script(text(["first", " second", " third"]))
    anthropic_server.queue(answer.gated(5, gate))
    notebook = open_notebook("%%lauren\nhi")
    notebook.run_all()
    notebook.wait_live(1, "first second")
    notebook.cell(1).locator(".jp-InputPrompt").click()
    notebook.execute("notebook:create-output-view")
    second = notebook.page.locator(".jp-LinkedOutputView .lnb-root")
    expect(second).to_contain_text("first second", timeout=WAIT_MS)
    gate.set()
    notebook.wait_rest(1, "third")
    expect(notebook.page.locator(".jp-LinkedOutputView")).to_contain_text("first second third")
