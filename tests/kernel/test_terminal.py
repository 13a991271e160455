"""IPython in a terminal: the answer streams as plain text, and Ctrl-C stops it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.kernel._terminal import PROMPT, run_ipython, type_cell
from tests.servers import FakeAnthropic, text, thinking


@pytest.fixture
def terminal(anthropic_server: FakeAnthropic, tmp_path: Path) -> Iterator[pexpect.spawn]:
    with run_ipython(tmp_path, anthropic_server.base_url) as child:
        yield child


def ask(terminal: pexpect.spawn) -> None:
    type_cell(terminal, "%%lauren -o answer", "hi")


def test_answer_comes_as_text_with_its_footer(
    terminal: pexpect.spawn, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(thinking("Let me see."), text("The **answer**."))
    ask(terminal)
    terminal.expect("Let.* me.* see.")  # dimmed, piece by piece
    terminal.expect_exact("The **answer**.")
    terminal.expect("claude-test · .* out")
    terminal.expect(PROMPT)
    terminal.sendline("print(answer.upper())")
    terminal.expect_exact("THE **ANSWER**.")


def test_text_is_printed_before_the_next_is_sent(
    terminal: pexpect.spawn, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.queue(anthropic_server.script(text(["first", "second"])).hanging(at=4))
    ask(terminal)
    terminal.expect_exact("first")


def test_escape_sequences_of_the_model_do_not_act(
    terminal: pexpect.spawn, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("red \x1b[31m and \x1b]8;;http://x\x07link"))
    ask(terminal)
    terminal.expect_exact("red \\u{1B}[31m and \\u{1B}]8;;http://x\\u{7}link")


def test_ctrl_c_closes_the_connection_and_keeps_the_text(
    terminal: pexpect.spawn, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.queue(anthropic_server.script(text(["half ", "never"])).hanging(at=4))
    ask(terminal)
    terminal.expect_exact("half ")
    terminal.sendintr()
    terminal.expect_exact("[interrupted]")
    assert anthropic_server.requests[0].closed.wait(2.5)
    terminal.expect(PROMPT)
    terminal.sendline("print(answer.upper())")
    terminal.expect_exact("HALF")


def test_ctrl_c_is_heard_while_it_waits_for_the_first_word(
    terminal: pexpect.spawn, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.queue(anthropic_server.script(text("never")).hanging())
    ask(terminal)
    anthropic_server.wait_request()
    terminal.sendintr()
    assert anthropic_server.requests[0].closed.wait(2.5)
    terminal.expect(PROMPT)
    terminal.sendline("print(1 + 1)")
    terminal.expect_exact("2")


def test_failure_is_one_line(terminal: pexpect.spawn, anthropic_server: FakeAnthropic) -> None:
    anthropic_server.queue(anthropic_server.error(401, "invalid x-api-key"))
    ask(terminal)
    terminal.expect_exact("AuthTransportError: anthropic answered 401: invalid x-api-key.")
    terminal.expect(PROMPT)
    assert "Traceback" not in terminal.before
