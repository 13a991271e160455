"""Runs one cell: what it asks, of whom, and what stays of its answer afterwards.

It parses no option and draws nothing; `answer.py` asks and shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from lauren_ai import Message
from lauren_nb._display.presenters import make_presenter
from lauren_nb._display.turn import Turn
from lauren_nb._errors import OptionError
from lauren_nb._options.parse import CellOptions
from lauren_nb._prompt.content import to_message
from lauren_nb._prompt.files import load_files
from lauren_nb._prompt.interpolation import interpolate
from lauren_nb._run.agents import build_agent, check_approved
from lauren_nb._run.answer import AnswerWriter
from lauren_nb._run.outcome import finished
from lauren_nb._session.cassettes import get_clock
from lauren_nb._session.session import Session


async def run_cell(options: CellOptions, body: str, *, session: Session) -> None:
    """Ask the model and show its answer while it comes.

    Raises LaurenAIError before anything is sent (options, names, interpolation) or when the
    provider fails; asyncio.CancelledError when a person stops it. In the last two cases the
    partial answer is shown, marked, and kept in the variable of `-o`.
    """
    config = session.choose(options.model)
    namespace = session.namespace
    message = build_message(options, body, namespace)
    agent = build_agent(options, namespace)
    check_approved(options.approve, agent)
    task = asyncio.current_task()
    assert task is not None
    turn = Turn(format=options.format, clock=get_clock([config]))
    presenter = make_presenter(session.shell, turn, on_stop=task.cancel)
    writer = AnswerWriter(
        agent,
        options,
        is_own_agent=options.agent is not None,
        is_chosen=options.model is not None,
        session=session,
        presenter=presenter,
    )
    with finished(presenter):
        try:
            await writer.write(message, config, conversation_id=options.conversation)
        finally:
            if options.output:
                namespace[options.output] = turn.text


def build_message(options: CellOptions, body: str, namespace: Mapping[str, Any]) -> Message:
    """The user's message: the body with its expressions in place, and what --image and --file name.

    Raises InterpolationError, OptionError."""
    if not body.strip():
        raise OptionError("The cell has no text to send. Write the question under %%lauren.")
    parts = interpolate(body.strip(), namespace)
    return to_message([*parts, *load_files(options.images, options.files, namespace)])
