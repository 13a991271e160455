"""IPython in a terminal asks on the terminal's own line before a risky call runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.kernel._terminal import PROMPT, press_ctrl_c, run_ipython, type_cell
from tests.servers import FakeAnthropic, text, tool_call

QUESTION = "edited arguments {…}: "
TOOLS = """calls = []
def delete_rows(table: str, count: int = 1) -> str:
    "Delete rows of a table."
    calls.append((table, count))
    return "rows are gone"
"""


@pytest.fixture
def terminal(anthropic_server: FakeAnthropic, tmp_path: Path) -> Iterator[pexpect.spawn]:
    """An IPython whose model calls `delete_rows`, and then answers."""
    startup = tmp_path / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "tools.py").write_text(TOOLS, "utf-8")
    anthropic_server.reply(tool_call("delete_rows", {"table": "sales"}, id="toolu_1"))
    anthropic_server.default = anthropic_server.script(text("The model's last word."))
    with run_ipython(tmp_path, anthropic_server.base_url, echo=False) as child:
        yield child


def ask(terminal: pexpect.spawn, options: str = "-t delete_rows") -> None:
    """Type a cell, and wait for the question."""
    type_cell(terminal, f"%%lauren {options}", "Drop the outliers.")
    terminal.expect_exact("The model wants to call delete_rows:")
    terminal.expect_exact(QUESTION)


def expect_calls(terminal: pexpect.spawn, calls: str) -> None:
    terminal.expect(PROMPT)
    terminal.sendline("print('CALLS', calls)")
    terminal.expect_exact(f"CALLS {calls}")


def get_result(server: FakeAnthropic) -> str:
    """What the model was told of its call."""
    return str(server.requests[-1].body["messages"][-1]["content"])


def test_yes_runs_it(terminal: pexpect.spawn, anthropic_server: FakeAnthropic) -> None:
    ask(terminal)
    assert '  table = "sales"' in terminal.before
    terminal.sendline("y")
    terminal.expect_exact("rows are gone")
    terminal.expect_exact("The model's last word.")
    expect_calls(terminal, "[('sales', 1)]")
    assert "rows are gone" in get_result(anthropic_server)


@pytest.mark.parametrize("line", ["n", ""])
def test_no_and_an_empty_line_run_nothing(terminal: pexpect.spawn, line: str) -> None:
    ask(terminal)
    terminal.sendline(line)
    terminal.expect_exact("[denied]")
    terminal.expect_exact("The model's last word.")
    expect_calls(terminal, "[]")


def test_reason_reaches_the_model(terminal: pexpect.spawn, anthropic_server: FakeAnthropic) -> None:
    ask(terminal)
    terminal.sendline("Not before Ada has seen it – ünïcode")
    terminal.expect_exact("The model's last word.")
    expect_calls(terminal, "[]")
    assert "Not before Ada has seen it – ünïcode" in get_result(anthropic_server)


def test_edited_arguments_run_once_they_fit(terminal: pexpect.spawn) -> None:
    ask(terminal)
    terminal.sendline('{"table": "test", "count": "many"}')
    terminal.expect_exact(QUESTION)
    assert "count" in terminal.before
    terminal.sendline('{"table": "test", "count": 2}')
    terminal.expect_exact("The model's last word.")
    expect_calls(terminal, "[('test', 2)]")


def test_always_asks_no_second_time(
    terminal: pexpect.spawn, anthropic_server: FakeAnthropic
) -> None:
    ask(terminal)
    anthropic_server.reply(tool_call("delete_rows", {"table": "stock"}, id="toolu_2"))
    terminal.sendline("a")
    terminal.expect_exact("The model's last word.")
    assert QUESTION not in terminal.before
    expect_calls(terminal, "[('sales', 1), ('stock', 1)]")


def test_ctrl_c_at_the_question_stops_the_run_and_runs_nothing(
    terminal: pexpect.spawn, anthropic_server: FakeAnthropic
) -> None:
    ask(terminal)
    press_ctrl_c(terminal)
    terminal.expect_exact("[interrupted]")
    expect_calls(terminal, "[]")
    assert len(anthropic_server.requests) == 1


def test_end_of_input_at_the_question_denies(
    terminal: pexpect.spawn, anthropic_server: FakeAnthropic
) -> None:
    ask(terminal)
    terminal.sendeof()
    terminal.expect_exact("The model's last word.")
    expect_calls(terminal, "[]")
    assert "terminal was closed" in get_result(anthropic_server)


def test_approved_ahead_asks_nothing(terminal: pexpect.spawn) -> None:
    type_cell(terminal, "%%lauren -t delete_rows --approve delete_rows", "Drop them.")
    terminal.expect_exact("The model's last word.")
    assert "wants to call" not in terminal.before
    expect_calls(terminal, "[('sales', 1)]")


def test_synchronous_cell_asks_too(terminal: pexpect.spawn) -> None:
    type_cell(terminal, "%%time", "%%lauren -t delete_rows", "Drop them.")
    terminal.expect_exact(QUESTION)
    terminal.sendline("y")
    terminal.expect_exact("The model's last word.")
    expect_calls(terminal, "[('sales', 1)]")


def test_ctrl_c_at_the_question_of_a_synchronous_cell_runs_nothing(
    terminal: pexpect.spawn, anthropic_server: FakeAnthropic
) -> None:
    type_cell(terminal, "%%time", "%%lauren -t delete_rows", "Drop them.")
    terminal.expect_exact(QUESTION)
    press_ctrl_c(terminal)
    terminal.expect_exact("[interrupted]")
    expect_calls(terminal, "[]")
    assert len(anthropic_server.requests) == 1
