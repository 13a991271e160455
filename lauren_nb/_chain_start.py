"""What a chain's cell shows before its first step: who will answer, and an embedded model's fetch.

It runs nothing.
"""

from __future__ import annotations

import asyncio

from lauren_nb._cassettes import get_clock
from lauren_nb._chain_recipe import Recipe
from lauren_nb._chunk_view import ChunkWriter
from lauren_nb._options import CellOptions
from lauren_nb._presenters import Presenter, make_presenter
from lauren_nb._session import Session
from lauren_nb._turn import Turn


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
