"""`%%lauren chain` in a real JupyterLab: steps stream one after another, each in its own fold."""

from __future__ import annotations

import threading

from playwright.sync_api import Locator, expect

from tests.browser._notebook import WAIT_MS, NotebookPage, Open, Reopen
from tests.servers import FakeAnthropic, text

TWO_STEPS = """\
%%lauren chain -o result
--- name: draft
Write a haiku about {{ topic }}.
--- name: translate, parser: json
Translate it into French, as JSON: {{ _ }}"""
RECORDS = '[{"word": "pluie", "means": "rain"}, {"word": "douce", "means": "soft"}]'
USAGE = {"input_tokens": 12}


def steps(notebook: NotebookPage, index: int) -> Locator:
    return notebook.live(index).locator(".lnb-step")


def test_steps_stream_one_after_another_in_folds_and_the_value_is_in_the_variable(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    first, second = threading.Event(), threading.Event()
    draft = anthropic_server.script(text(["soft ", "rain"]), usage=USAGE, output_tokens=2)
    anthropic_server.queue(draft.gated(4, first))
    records = anthropic_server.script(text([RECORDS[:20], RECORDS[20:]]), usage=USAGE)
    anthropic_server.queue(records.gated(4, second))
    notebook = open_notebook("topic = 'rain'", TWO_STEPS, "print(result[1]['means'])")
    notebook.run_all()
    notebook.wait_live(2, "soft")
    expect(steps(notebook, 2)).to_have_count(1)
    assert len(anthropic_server.requests) == 1
    first.set()
    expect(steps(notebook, 2)).to_have_count(2, timeout=WAIT_MS)
    expect(steps(notebook, 2).nth(1)).to_contain_text("pluie", timeout=WAIT_MS)
    assert steps(notebook, 2).nth(0).get_attribute("open") is None
    assert steps(notebook, 2).nth(1).get_attribute("open") is not None
    expect(steps(notebook, 2).nth(0).locator(".lnb-step-usage")).to_contain_text("12 in · 2 out")
    assert anthropic_server.requests[1].body["messages"][0]["content"].endswith("soft rain")
    second.set()
    notebook.wait_rest(2, "pluie")
    expect(notebook.rest(2).locator("details")).to_have_count(1)
    expect(notebook.rest(2).locator("summary")).to_contain_text("draft 12 in · 2 out")
    expect(notebook.rest(2).locator("td").first).to_have_text("pluie")
    expect(notebook.output(3)).to_contain_text("soft", timeout=WAIT_MS)


def test_interrupt_in_step_two_keeps_step_one(
    open_notebook: Open, anthropic_server: FakeAnthropic, reopen: Reopen
) -> None:
    anthropic_server.reply(text("soft rain"))
    anthropic_server.queue(anthropic_server.script(text(["half ", "never"])).hanging(at=4))
    notebook = open_notebook("topic = 'rain'", TWO_STEPS, "print('after')")
    notebook.run_all()
    notebook.wait_live(2, "half")
    notebook.live(2).get_by_role("button", name="Stop this answer").click()
    notebook.wait_rest(2, "half")
    assert anthropic_server.requests[1].closed.wait(2.5)
    expect(notebook.rest(2).locator("summary")).to_contain_text("draft")
    expect(notebook.rest(2).locator("details")).to_contain_text("soft rain")
    expect(notebook.rest(2)).to_contain_text("interrupted")
    notebook.wait_prompt(3, "[ ]:")
    output = notebook.save().cells[2].outputs[0]
    assert [step["status"] for step in output.metadata["lauren"]["steps"]] == [
        "done",
        "interrupted",
    ]
    reopened = reopen(notebook, trusted=False)
    reopened.wait_rest(2, "half")
    reopened.rest(2).locator("summary").click()
    expect(reopened.rest(2).locator("details p")).to_be_visible()


def test_a_fold_that_the_reader_opened_stays_open(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    gate = threading.Event()
    anthropic_server.reply(text("soft rain"))
    answer = anthropic_server.script(text(["un ", "deux", " trois"]))
    anthropic_server.queue(answer.gated(5, gate))
    notebook = open_notebook("topic = 'rain'", TWO_STEPS.replace(", parser: json", ""))
    notebook.run_all()
    notebook.wait_live(2, "un deux")
    steps(notebook, 2).nth(0).locator("summary").click()
    expect(steps(notebook, 2).nth(0).locator(".lnb-text")).to_be_visible()
    gate.set()
    notebook.wait_rest(2, "trois")


def test_map_shows_a_progress_bar_and_runs_only_what_has_no_result(
    open_notebook: Open, anthropic_server: FakeAnthropic
) -> None:
    gate = threading.Event()
    anthropic_server.reply(text("joy"))
    anthropic_server.queue(anthropic_server.script(text("sorrow")).gated(3, gate))
    anthropic_server.queue(anthropic_server.error(400, "no"))
    cell = "%%lauren chain --map moods.text --concurrency 1 -o label\nOne word: {{ item }}"
    data = "import pandas as pd\nmoods = pd.DataFrame({'text': ['a', 'b', 'c']})"
    notebook = open_notebook(data, cell, "print(label.isna().sum())")
    notebook.run_all()
    notebook.wait_live(2, "1 of 3 rows")
    bar = notebook.live(2).locator("progress")
    assert bar.evaluate("bar => [bar.value, bar.max]") == [1, 3]
    gate.set()
    notebook.wait_rest(2, "1 of 3 rows failed")
    expect(notebook.output(3)).to_contain_text("1", timeout=WAIT_MS)
    anthropic_server.reply(text("calm"))
    for index in (2, 3):
        notebook.cell(index).locator(".jp-InputPrompt").click()
        notebook.execute("notebook:run-cell")
    notebook.wait_rest(2, "calm")
    expect(notebook.rest(2)).to_contain_text("sorrow")
    expect(notebook.output(3)).to_contain_text("0", timeout=WAIT_MS)
    assert len(anthropic_server.requests) == 4
