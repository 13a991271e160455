"""Runs `%%lauren chain --map`: one run of the chain an item, some of them side by side.

`results.py` owns the rows; what a chain is, `recipe.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace

from lauren_ai import LaurenAIError
from lauren_ai.errors import AgentBudgetExceededError, AuthTransportError
from lauren_ai.types import RetryNotice
from lauren_nb._chains.recipe import ITEM, NamedRecipe, Recipe
from lauren_nb._chains.results import MapTable, find_items
from lauren_nb._chains.running import RunningChain, get_used
from lauren_nb._chains.view import start_presenter, watch_fetch
from lauren_nb._display.presenters import Presenter
from lauren_nb._errors import OptionError
from lauren_nb._options.parse import CellOptions
from lauren_nb._protocol import Footer
from lauren_nb._run.chunks import describe_usage
from lauren_nb._run.outcome import finished
from lauren_nb._session.session import Session
from lauren_nb._session.spending import Spending

CONCURRENCY = 4
#: The next row would fail in the same way.
_FATAL = (AuthTransportError, AgentBudgetExceededError, OptionError)


async def run_map(recipe: Recipe, options: CellOptions, body: str, *, session: Session) -> None:
    """Run the chain for each item that has no result yet, and put the results into `-o`.

    A row that fails keeps its message, and the cell goes on; it fails where no row has a result,
    where a key is refused or the money is spent. Whatever ends it, the results so far are kept.
    """
    assert options.map_over is not None
    if options.output is None:
        raise OptionError("--map keeps its results in a variable. Add -o NAME.")
    namespace = session.namespace
    source, items = find_items(options.map_over, namespace)
    table = MapTable(
        source=source, items=items, key=get_key(recipe, options, body), uses=recipe.uses
    )
    before = session.maps.get(options.output)
    if isinstance(before, MapTable):
        table.take_over(before, namespace.get(options.output))
    presenter = start_presenter(recipe, options, session)
    spending = Spending(session, options.max_cost_usd)
    with finished(presenter):
        rows = _Rows(recipe, table, presenter, spending, label=_get_label(options))
        try:
            await recipe.prepare(presenter.push)
            watch_fetch(recipe, presenter)
            presenter.push("status", "streaming")
            await rows.run(options.concurrency or CONCURRENCY)
            presenter.push("status", "done")
        finally:
            namespace[options.output] = table.build_output(options.output)
            session.maps[options.output] = table
            presenter.push("value", table.write(options.output), "markdown")
            presenter.push("footer", rows.describe())
        if table.errors and not table.results:
            first = table.errors[min(table.errors)]
            raise LaurenAIError(f"No row has a result: all {len(table.errors)} failed. {first}")


class _Rows:
    """The runs of one cell, and their progress bar."""

    def __init__(
        self,
        recipe: Recipe,
        table: MapTable,
        presenter: Presenter,
        spending: Spending,
        *,
        label: str,
    ) -> None:
        self._recipe = recipe
        self._table = table
        self._push = presenter.push
        self._spending = spending
        self._label = label
        self._note = ""

    async def run(self, concurrency: int) -> None:
        """Run what is open. Raises what ends the whole cell."""
        self._show()
        rows = iter(self._table.open_rows)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(concurrency):
                    group.create_task(self._work(rows))
        except BaseExceptionGroup as group_error:
            raise group_error.exceptions[0] from None

    def describe(self) -> Footer:
        """The footer: what the rows used, and how many there were."""
        spent = self._spending
        footer: Footer = {
            "rows": len(self._table.items),
            "rows_failed": len(self._table.errors),
            "rows_kept": self._table.kept,
        }
        if spent.models:
            footer |= {"model": " + ".join(spent.models), "cost_usd": spent.cost_usd}
        return footer | describe_usage(spent.usage, 0)

    async def _work(self, rows: Iterator[int]) -> None:
        for row in rows:
            try:
                run = self._recipe.start({ITEM: self._table.items[row]})
                self._table.results[row] = await self._run_one(run)
            except _FATAL:
                raise
            except Exception as exc:  # noqa: BLE001 - any failure of a row is its result
                message = str(exc) if isinstance(exc, LaurenAIError) else repr(exc)
                self._table.errors[row] = message
            self._note = ""
            self._show()

    async def _run_one(self, run: RunningChain) -> object:
        while (step := run.begin()) is not None:
            config = step.config
            if config is not None:
                self._spending.check(config)
            try:
                async with AsyncExitStack() as stack:
                    if step.stream is not None and config is not None:
                        self._spending.limit(step.stream, config)
                        step.stream.on_retry = self._note_retry
                        step.stream.on_notice = self._tell
                        await stack.enter_async_context(step.stream)
                    await step.finish()
            finally:
                if (used := get_used(step)) is not None:
                    self._spending.add(used.usage, used.model, used.config, has_text=used.has_text)
        return run.value

    def _note_retry(self, notice: RetryNotice) -> None:
        reason = str(notice.error).split(". ")[0]
        self._note = f" · {reason}; trying again in {notice.delay:.0f} s"
        self._show()

    def _tell(self, text: str) -> None:
        self._push("notice", text)

    def _show(self) -> None:
        done, failed = len(self._table.results), len(self._table.errors)
        problem = f" · {failed} failed" if failed else ""
        label = f"{self._label}{problem}{self._note}"
        self._push("progress", label, done + failed, len(self._table.items), "rows")


def get_key(recipe: Recipe, options: CellOptions, body: str) -> object:
    """What must be the same for a result to be kept: the cell, the chain, the models."""
    said = replace(options, concurrency=None, max_cost_usd=None, awaited=False)
    chain = recipe.chain if isinstance(recipe, NamedRecipe) else None
    return said, body, chain, tuple((c.provider, c.model) for c in recipe.configs)


def _get_label(options: CellOptions) -> str:
    return f"{options.chain_name or 'chain'} over {options.map_over}"
