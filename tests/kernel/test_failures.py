"""A cell that fails says why in one line, fails, and keeps what came of the answer."""

from __future__ import annotations

import re
import socket

import pytest

from tests.kernel._failing import FAILURES, IN_MID_STREAM, Make, refuse_the_key
from tests.kernel._kernel import KEY, Kernel, Run
from tests.servers import FakeAnthropic, text


def assert_one_clear_line(run: Run, words: str) -> None:
    """The cell failed; its error is one line without a traceback, escapes or the key."""
    assert run.error is not None
    assert words in run.traceback
    assert len(run.traceback.splitlines()) == 1
    assert "Traceback" not in run.traceback
    assert len(run.traceback) < 400
    assert KEY not in str(run.messages)


@pytest.mark.parametrize("make", FAILURES, ids=lambda make: make.__name__)
def test_provider_fails(kernel: Kernel, anthropic_server: FakeAnthropic, make: Make) -> None:
    anthropic_server.default = make(anthropic_server)
    run = kernel.run("%%lauren\nhi")
    assert_one_clear_line(run, FAILURES[make])
    # The output says it too, so that a saved notebook tells the same without the error.
    assert "✗ failed" in run.markdown


@pytest.mark.parametrize("make", IN_MID_STREAM, ids=lambda make: make.__name__)
def test_partial_text_is_kept_in_the_output_and_the_variable(
    kernel: Kernel, anthropic_server: FakeAnthropic, make: Make
) -> None:
    anthropic_server.queue(make(anthropic_server))
    run = kernel.run("%%lauren -o kept\nhi")
    assert "half an" in run.markdown
    assert run.shown[0]["metadata"]["lauren"]["status"] == "error"
    assert kernel.run("print(kept)").stdout == "half an\n"


LINES = {
    "%%lauren --modle x\nhi": "Usage: Unknown option '--modle'. Did you mean --model?",
    "%%lauren --max-tokens many\nhi": "Usage: --max-tokens needs a whole number",
    "%%lauren -m claude-sonet-4-6\nhi": "Usage: Unknown model 'claude-sonet-4-6'. Did you mean",
    "%%lauren -m antropic:x\nhi": "Usage: Unknown provider 'antropic'. Did you mean anthropic?",
    "%%lauren\n{{ nothing }}": "nothing",
    "%%lauren\n\n": "Usage: The cell has no text to send.",
    "%lauren usge": "Usage: Unknown command 'usge'.",
    "%%lauren --image gone\nhi": "Usage: --image gone: No such file or directory: 'gone.png'.",
    "%%lauren --approve plt\nhi": "Usage: --approve plt: the model has no tool of that name.",
    "%%lauren --max-cost 1 -m anthropic:claude-x\nhi": "Usage: --max-cost cannot be kept",
    "%lauren usage all": "Usage: %lauren usage takes no argument",
    "%lauren fix": "Usage: ",
}


@pytest.mark.parametrize("cell", LINES)
def test_mistake_is_told_before_anything_is_sent(
    kernel: Kernel, anthropic_server: FakeAnthropic, cell: str
) -> None:
    kernel.run("import sys\nsys.last_value = None\ngone = 'gone.png'")
    run = kernel.run(cell)
    assert_one_clear_line(run, LINES[cell])
    assert anthropic_server.requests == []


def test_missing_key_is_told_and_can_be_set_afterwards(
    kernel: Kernel, anthropic_server: FakeAnthropic
) -> None:
    kernel.run("key = os.environ.pop('ANTHROPIC_API_KEY')")
    run = kernel.run("%%lauren -m anthropic:claude-test\nhi")
    assert_one_clear_line(run, "No key for Anthropic. Set ANTHROPIC_API_KEY")
    assert anthropic_server.requests == []
    anthropic_server.reply(text("The answer."))
    kernel.run("os.environ['ANTHROPIC_API_KEY'] = key")
    assert "The answer." in kernel.run("%%lauren -m anthropic:claude-test\nhi").markdown


def test_a_model_that_is_not_known_yet_has_no_name(kernel: Kernel) -> None:
    kernel.run("os.environ['OLLAMA_HOST'] = 'http://127.0.0.1:9'")
    run = kernel.run("%%lauren -m ollama\nhi")
    assert_one_clear_line(run, "No connection to ollama at http://127.0.0.1:9")
    assert "*" not in run.markdown.split("<sub>")[-1]
    kernel.run("%lauren config model=ollama")
    assert "ollama, the first model that its server lists" in kernel.run("%lauren config").stdout


def test_cells_work_where_autoawait_is_off(kernel: Kernel, anthropic_server: FakeAnthropic) -> None:
    kernel.run("%autoawait False")
    anthropic_server.reply(text("The answer."))
    run = kernel.run("%%lauren -o kept\nhi")
    kernel.run("%autoawait True")
    assert run.error is None
    assert "The answer." in run.markdown


def test_server_that_is_down_is_told(kernel: Kernel) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kernel.run(f"os.environ['ANTHROPIC_BASE_URL'] = 'http://127.0.0.1:{port}'")
    run = kernel.run("%%lauren\nhi")
    assert_one_clear_line(run, f"No connection to anthropic at http://127.0.0.1:{port}")
    # While it tried again, the view said why.
    notices = [op for m in run.view_messages("delta") for op in m.view_message["ops"]]
    assert any("Trying again in" in op[1] for op in notices if op[0] == "notice")


def test_tb_shows_the_whole(kernel: Kernel, anthropic_server: FakeAnthropic) -> None:
    anthropic_server.queue(refuse_the_key(anthropic_server))
    kernel.run("%%lauren\nhi")
    whole = re.sub(r"\x1b\[[\d;]*m", "", kernel.run("%tb").traceback)
    assert "Traceback (most recent call last)" in whole
    assert "AuthTransportError: anthropic answered 401" in whole


def test_fix_sends_the_cell_that_failed_and_its_error(
    kernel: Kernel, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("Zero divides nothing."))
    kernel.run("numbers = [1, 2]\nsum(numbers) / 0")
    run = kernel.run("%lauren fix")
    assert "Zero divides nothing." in run.markdown
    sent = anthropic_server.requests[0].body["messages"][0]["content"]
    assert "sum(numbers) / 0" in str(sent)
    assert "ZeroDivisionError" in str(sent)
