"""What a chain's cell shows before its first step: who will answer, and an embedded model's fetch.

It runs nothing.
"""

from __future__ import annotations

import asyncio

from lauren_nb._chains.recipe import Recipe
from lauren_nb._display.presenters import Presenter, make_presenter
from lauren_nb._display.turn import Turn
from lauren_nb._options.parse import CellOptions
from lauren_nb._run.chunks import ChunkWriter
from lauren_nb._session.cassettes import get_clock
from lauren_nb._session.session import Session


def start_presenter(recipe: Recipe, options: CellOptions, session: Session) -> Presenter:
    """A presenter whose footer names the models that will answer."""
    task = asyncio.current_task()
    assert task is not None
    turn = Turn(format=options.format, clock=get_clock(recipe.configs))
    presenter = make_presenter(session.shell, turn, on_stop=task.cancel)
    configs = recipe.configs
    presenter.push(
        "footer",
        {
            "model": " + ".join(dict.fromkeys(config.model for config in configs)) or None,
            "provider": " + ".join(dict.fromkeys(config.provider for config in configs)) or None,
        },
    )
    return presenter


def watch_fetch(recipe: Recipe, presenter: Presenter) -> None:
    """Show the one-time fetch of an embedded model that a step uses."""
    for config in recipe.configs:
        ChunkWriter(presenter).watch_fetch(config)
