"""Runs `%%lauren chain`: step by step into a presenter, and what stays of it afterwards.

`recipe.py` knows what runs, `view.py` what is shown, `map.py` many runs.
"""

from __future__ import annotations

from typing import Any

from lauren_ai._chains import StepNames
from lauren_nb._chains.map import run_map
from lauren_nb._chains.recipe import build_recipe
from lauren_nb._chains.running import RunningChain
from lauren_nb._chains.view import ChainWriter, start_presenter, watch_fetch
from lauren_nb._options.parse import CellOptions
from lauren_nb._run.outcome import finished
from lauren_nb._session.session import Session
from lauren_nb._session.spending import Spending


async def run_chain_cell(options: CellOptions, body: str, *, session: Session) -> None:
    """Run the chain and show each step while it comes; its value goes to the variable of `-o`.

    Raises LaurenAIError before anything is sent (options, names, inputs), and what a step raised,
    with the step's name; asyncio.CancelledError when a person stops it. In the last two cases
    the earlier steps stay, and the variable gets the text of the step that stopped, or the value
    of the one before where it had none.
    """
    recipe = build_recipe(options, body, session)
    if options.map_over is not None:
        await run_map(recipe, options, body, session=session)
        return
    presenter = start_presenter(recipe, options, session)
    spending = Spending(session, options.max_cost_usd)
    with finished(presenter):
        await recipe.prepare(presenter.push)
        watch_fetch(recipe, presenter)
        run = recipe.start({})
        writer = ChainWriter(run, presenter, spending, format=options.format)
        value: Any = None
        is_done = False
        try:
            value = await _drive(run, writer, spending)
            is_done = True
            presenter.push("status", "done")
        finally:
            writer.finish()
            if options.output:
                session.namespace[options.output] = value if is_done else writer.partial


async def _drive(run: RunningChain, writer: ChainWriter, spending: Spending) -> Any:
    while (step := run.begin()) is not None:
        config = step.config
        if config is not None:
            spending.check(config)
        with writer.step(step):
            if step.stream is not None and config is not None:
                spending.limit(step.stream, config)
                step.stream.on_retry = writer.chunks.note_retry
                step.stream.on_notice = writer.chunks.note
                with StepNames(step.place):  # `finish` does the same to what it raises
                    async with step.stream as stream:
                        async for chunk in stream:
                            writer.chunks.show(chunk)
            await step.finish()
    return run.value
