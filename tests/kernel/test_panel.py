"""A panel where no page is: what a program that runs the notebook keeps of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel._headless import execute, make_notebook
from tests.kernel._kernel import Kernel
from tests.servers import FakeAnthropic, text

#: So long that its transcript is not sent again at once (0.4 s), while cells are this short.
LONG = "many words " * 4_000
CELLS = [
    "%load_ext lauren_nb",
    "from lauren_nb import ChatPanel\npanel = ChatPanel('anthropic:claude-test')\npanel",
    "await panel.send('first'); None",
    "await panel.send('second'); None",
]


def run(folder: Path, *cells: str) -> str:
    """The transcript that is saved below the panel."""
    notebook = make_notebook(*cells)
    execute(notebook, folder)
    panel = next(cell for cell in notebook.cells if cell.source.endswith("\npanel"))
    return str(panel.outputs[-1].data["text/markdown"])


@pytest.mark.usefixtures("environment")
def test_a_program_keeps_the_transcript_up_to_the_last_cell(
    anthropic_server: FakeAnthropic, tmp_path: Path
) -> None:
    anthropic_server.reply(text([LONG]))
    anthropic_server.reply(text("The end."))
    transcript = run(tmp_path, *CELLS)
    assert "many words" in transcript and transcript.count("**You**") == 2
    assert "The end." in transcript


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("change", "kept", "gone"),
    [
        ("await panel.clear()", "Chat", "secret"),
        ("await panel.rename('Sales')", "Sales", "Chat"),
        ("await panel._call(panel._chat.choose('t1'))", "The secret.", "Other."),
    ],
)
def test_a_transcript_follows_what_becomes_of_the_conversation(
    anthropic_server: FakeAnthropic, tmp_path: Path, change: str, kept: str, gone: str
) -> None:
    anthropic_server.reply(text("The secret."))
    anthropic_server.reply(text("Other."))
    again = "await panel._call(panel._chat.ask_again('t1', 'again')); None"
    cells = CELLS[:3] if gone == "secret" else [*CELLS[:3], again]
    transcript = run(tmp_path, *cells, change)
    assert kept in transcript
    assert gone not in transcript


@pytest.mark.usefixtures("environment")
def test_a_replayed_transcript_is_the_same_each_time_and_tells_no_hour(
    anthropic_server: FakeAnthropic, tmp_path: Path
) -> None:
    anthropic_server.reply(text("One."))
    anthropic_server.reply(text("Two."))
    load, *rest = CELLS
    recorded = run(tmp_path, load, "%lauren record panel.json", *rest)
    assert recorded.count("> **You** · 20") == 2
    first, again = (run(tmp_path, load, "%lauren replay panel.json", *rest) for _ in range(2))
    assert first == again and "Two." in first
    assert first.count("> **You**\n") == 2


def test_interrupt_of_an_awaited_question_stops_it_and_says_so(
    kernel: Kernel, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.queue(anthropic_server.script(text(["half ", "never"])).hanging(at=4))
    anthropic_server.reply(text("Next."))
    ready = kernel.run("\n".join(CELLS[1:2]))
    assert ready.error is None, ready.traceback
    run = kernel.start("await panel.send('go')")
    kernel.wait_for(lambda message: "half" in str(message.view_message))
    kernel.interrupt()
    kernel.wait()
    assert run.traceback == "Interrupted. What came so far is kept in the panel."
    assert anthropic_server.requests[0].closed.wait(2.5)
    shown = kernel.run("print([(t.text, t.view.status) for t in panel.turns])")
    assert shown.stdout == "[('half ', 'interrupted')]\n"
    assert "Next." in kernel.run("print((await panel.send('on')).content)").stdout


def test_callback_that_fails_is_seen_in_the_notebook(
    kernel: Kernel, anthropic_server: FakeAnthropic
) -> None:
    anthropic_server.reply(text("One."))
    kernel.run(CELLS[1])
    run = kernel.run(
        "import asyncio\npanel.on_turn(lambda turn: 1 / 0)\n"
        "await panel.send('go')\nawait asyncio.sleep(0.2)"
    )
    assert "ZeroDivisionError: division by zero" in run.stdout
