"""Where nobody awaits the magic (`%%time`, `%%capture`, a function) it runs all the same."""

from __future__ import annotations

import pytest

from tests.kernel._kernel import Kernel
from tests.servers import FakeAnthropic, text

CALL = "get_ipython().run_cell_magic('lauren', '-o answer', 'hi')"
CELLS = {
    "at the top": "%%lauren -o answer\nhi",
    "%%time": "%%time\n%%lauren -o answer\nhi",
    "%%capture": "%%capture captured\n%%lauren -o answer\nhi",
    "a function": f"def ask():\n    {CALL}\nask()",
    "a coroutine": f"async def ask():\n    {CALL}\nawait ask()",
    "a loop of its own": f"import asyncio\nasync def ask():\n    {CALL}\nasyncio.run(ask())",
    "an if": f"if True:\n    {CALL}",
    "a thread": f"import asyncio\nawait asyncio.to_thread(lambda: {CALL})",
}


@pytest.mark.parametrize("cell", CELLS)
def test_answer_comes(kernel: Kernel, anthropic_server: FakeAnthropic, cell: str) -> None:
    anthropic_server.reply(text("The answer."))
    run = kernel.run(CELLS[cell])
    assert run.error is None, run.traceback
    assert kernel.run("print(answer)").stdout == "The answer.\n"


@pytest.mark.parametrize("cell", ["%%time", "a function", "a coroutine"])
def test_it_streams_there_too(kernel: Kernel, anthropic_server: FakeAnthropic, cell: str) -> None:
    anthropic_server.reply(text([f"{i} " for i in range(30)]), tokens_per_s=60)
    run = kernel.run(CELLS[cell])
    assert len(run.view_messages("delta")) > 3
    assert "29" in run.markdown


def test_capture_keeps_the_answer_from_the_page(
    kernel: Kernel, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("The answer."))
    assert kernel.run(CELLS["%%capture"]).shown == []
    shown = kernel.run("captured.show()")
    assert "The answer." in shown.markdown


def test_tasks_of_the_user_go_on_while_a_cell_streams(
    kernel: Kernel, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text([f"{i} " for i in range(20)]), tokens_per_s=40)
    kernel.run(
        "import asyncio\nbeats = []\n"
        "async def beat():\n"
        "    while True:\n"
        "        beats.append(1)\n"
        "        await asyncio.sleep(0.01)\n"
        "task = asyncio.ensure_future(beat())"
    )
    before = int(kernel.run("print(len(beats))").stdout)
    kernel.run(CELLS["at the top"])
    after = int(kernel.run("task.cancel()\nprint(len(beats))").stdout)
    assert after > before + 5


def test_code_after_the_magic_sees_the_answer(
    kernel: Kernel, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("The answer."))
    run = kernel.run(f"{CALL}\nprint(answer.upper())")
    assert run.error is None
    assert "THE ANSWER." in run.stdout


def test_loop_of_cells_asks_each_time(kernel: Kernel, anthropic_server: FakeAnthropic) -> None:
    for number in range(3):
        anthropic_server.reply(text(f"Answer {number}."))
    run = kernel.run(f"for i in range(3):\n    {CALL}\n    print(answer)")
    assert run.error is None
    assert [line for line in run.stdout.splitlines() if line] == [
        "Answer 0.",
        "Answer 1.",
        "Answer 2.",
    ]
