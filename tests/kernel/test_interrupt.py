"""The kernel's interrupt ends a running cell at once, wherever it waits, and keeps what came."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernel._kernel import Kernel, Published
from tests.servers import FakeAnthropic, text

#: Without a heartbeat the kernel hears it after 5 s. Half a second is what a person gets; a busy
#: machine is slower, and benchmarks/page_latency.py measures.
CLOSED_WITHIN_S = 2.5
CELLS = {
    "awaited": "%%lauren -o kept\nhi",
    "time": "%%time\n%%lauren -o kept\nhi",
    "capture": "%%capture\n%%lauren -o kept\nhi",
    "function": "def ask():\n    get_ipython().run_cell_magic('lauren', '-o kept', 'hi')\nask()",
}


@pytest.fixture
def hanging(anthropic_server: FakeAnthropic) -> Iterator[FakeAnthropic]:
    """A provider that says "half " and then nothing more."""
    anthropic_server.queue(anthropic_server.script(text(["half ", "never"])).hanging(at=4))
    yield anthropic_server


def has_half(message: Published) -> bool:
    return "half" in str(message.view_message.get("ops"))


def test_in_mid_answer(kernel: Kernel, hanging: FakeAnthropic) -> None:
    run = kernel.start(CELLS["awaited"])
    kernel.wait_for(has_half)
    kernel.interrupt()
    assert hanging.requests[0].closed.wait(CLOSED_WITHIN_S)
    kernel.wait()
    assert run.error is not None
    assert run.traceback == "Interrupted. What came so far is kept."
    assert "half" in run.markdown
    assert "interrupted" in run.markdown
    assert kernel.run("print(kept)").stdout == "half \n"


@pytest.mark.parametrize("cell", CELLS)
def test_while_it_waits_for_the_first_word(
    kernel: Kernel, anthropic_server: FakeAnthropic, cell: str
) -> None:
    anthropic_server.queue(anthropic_server.script(text("never")).hanging())
    run = kernel.start(CELLS[cell])
    anthropic_server.wait_request()
    kernel.interrupt()
    assert anthropic_server.requests[0].closed.wait(CLOSED_WITHIN_S)
    kernel.wait()
    assert run.error is not None


@pytest.mark.parametrize("cell", ["time", "function"])
def test_in_mid_answer_of_the_synchronous_path(
    kernel: Kernel, hanging: FakeAnthropic, cell: str
) -> None:
    run = kernel.start(CELLS[cell])
    kernel.wait_for(has_half)
    kernel.interrupt()
    assert hanging.requests[0].closed.wait(CLOSED_WITHIN_S)
    kernel.wait()
    assert run.traceback == "Interrupted. What came so far is kept."
    assert "half" in run.markdown
    assert "interrupted" in run.markdown


@pytest.mark.parametrize("cell", CELLS)
def test_kernel_works_on_afterwards(
    kernel: Kernel, anthropic_server: FakeAnthropic, cell: str
) -> None:
    anthropic_server.queue(anthropic_server.script(text("never")).hanging())
    kernel.start(CELLS[cell])
    anthropic_server.wait_request()
    kernel.interrupt()
    kernel.wait()
    anthropic_server.reply(text("The answer."))
    assert kernel.run("1 + 1").error is None
    assert kernel.run(CELLS["awaited"]).error is None
    assert kernel.run("print(kept)").stdout == "The answer.\n"


def test_in_a_wait_before_a_retry(kernel: Kernel, anthropic_server: FakeAnthropic) -> None:
    anthropic_server.queue(anthropic_server.error(429, "slow", headers={"retry-after": "50"}))
    run = kernel.start(CELLS["awaited"])
    kernel.wait_for(lambda message: "Trying again" in str(message.view_message.get("ops")))
    kernel.interrupt()
    kernel.wait()
    assert run.traceback == "Interrupted. What came so far is kept."
