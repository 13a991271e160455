"""Shows a chain's run: who will answer, then each step in a fold with its usage, and the sum.

It runs nothing; `cell.py` does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from lauren_ai import TokenUsage
from lauren_ai._usage import add_usage
from lauren_nb._chains.recipe import Recipe
from lauren_nb._chains.running import RunningChain, RunningStep, get_used
from lauren_nb._chains.value import write_value
from lauren_nb._display.presenters import Presenter, make_presenter
from lauren_nb._display.turn import Turn
from lauren_nb._options.parse import CellOptions, Format
from lauren_nb._protocol import Footer, StepEnd, StepStatus
from lauren_nb._run.chunks import ChunkWriter, describe_usage
from lauren_nb._run.outcome import describe_stop
from lauren_nb._session.cassettes import get_clock
from lauren_nb._session.session import Session
from lauren_nb._session.spending import Spending


class StepChunkWriter(ChunkWriter):
    """The chunks of one step. A structured answer comes as a tool's arguments: its text is JSON."""

    def show_call(self, call_id: str, name: str | None, text: str) -> None:
        if text:
            self._push("text", text)


class ChainWriter:
    """Made for one run. `step` goes around each step; `finish` once, however the run ended."""

    def __init__(
        self, run: RunningChain, presenter: Presenter, spending: Spending, *, format: Format
    ) -> None:
        self._presenter = presenter
        self._push = presenter.push
        self._spending = spending
        self._format = format
        self._names_models = len(run.models) > 1
        self._step: RunningStep | None = None
        self._before: Any = ""
        self._writing_ms = 0
        self._fold_usage: TokenUsage | None = None
        self.chunks = StepChunkWriter(presenter)

    @property
    def partial(self) -> Any:
        """What there is when a run did not end well: the text of the step that stopped, else the
        value of the one before it."""
        stream = self._step.stream if self._step is not None else None
        return (stream.text if stream is not None else "") or self._before

    @contextmanager
    def step(self, step: RunningStep) -> Iterator[None]:
        """Open the step's fold, and close it with what became of the step."""
        self._step, began_ms = step, self._presenter.turn.elapsed_ms
        has_fold = self._open(step, began_ms)
        status: StepStatus = "error"
        try:
            yield
            status = "done"
        except (asyncio.CancelledError, KeyboardInterrupt):
            status = "interrupted"
            raise
        finally:
            facts = self._account(step)
            if status == "done":
                self._show_value(step)
                self._before = step.value
            end = cast(StepEnd, {**facts, "status": status})
            if has_fold:
                end["elapsed_ms"] = self._presenter.turn.elapsed_ms - began_ms
            if len(end) > 1 or status != "done":
                self._push("step_end", end)

    def finish(self) -> None:
        """Tell the whole usage."""
        spent = self._spending
        cost = spent.cost_usd if spent.usage is not None else None
        footer: Footer = {"cost_usd": cost, **describe_usage(spent.usage, self._writing_ms)}
        if spent.models:
            footer["model"] = " + ".join(spent.models)
        self._push("footer", footer)

    def _open(self, step: RunningStep, began_ms: int) -> bool:
        """Whether it has a fold: what asks a model, and what makes the last value by code."""
        if step.stream is None and not step.makes_result:
            return False
        self._fold_usage = None
        self.chunks = StepChunkWriter(self._presenter)
        if self._names_models and (config := step.config) is not None:
            self._push("footer", {"model": config.model})  # the one that is waited for
        self._push("step", step.title, began_ms)
        self._push("format", step.format or self._format)
        return True

    def _show_value(self, step: RunningStep) -> None:
        """Put the value in the place of the text that it was read from, where it differs."""
        if not step.makes_result and not step.reads_text:
            return
        text = step.stream.text if step.stream is not None else self._before
        if not isinstance(step.value, str):
            self._push("value", *write_value(step.value))
        elif step.makes_result or step.value.strip() != str(text).strip():
            format = "code" if step.is_code else self._format
            self._push("value", step.value, format)

    def _account(self, step: RunningStep) -> Footer:
        """Count what the step used; gives the fields of its own line."""
        used = get_used(step)
        if used is None:
            return {}
        facts: Footer = {}
        if step.stream is not None:
            self._writing_ms += self.chunks.get_writing_ms() if used.usage is not None else 0
            completion = step.stream.completion
            stop = describe_stop(completion.stop_reason, completion.provider_metadata)
            self._push("footer", stop)
            if completion.stop_reason not in ("cancelled", "error"):  # the status says it
                facts["stop_reason"] = completion.stop_reason
        facts["cost_usd"] = self._spending.add(
            used.usage, used.model, used.config, has_text=used.has_text
        )
        if self._names_models:
            facts["model"] = used.model
        self._fold_usage = add_usage(self._fold_usage, used.usage)
        return facts | describe_usage(self._fold_usage, 0)


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
