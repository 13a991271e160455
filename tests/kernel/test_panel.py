"""A panel where no page is: what a program that runs the notebook keeps of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel._headless import execute, make_notebook
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
