"""A run of a Chain of the namespace: the core's own, with what a cell wants to know of each step.

It shows nothing; `inline.py` is the other kind of run.
"""

from __future__ import annotations

from typing import Any

from lauren_ai import (
    CompletionStream,
    LLMConfig,
    LLMService,
    TokenUsage,
)
from lauren_ai.parsers import RetryOutputParser
from lauren_ai.types import ChainRun, StepRun, StructuredLLM
from lauren_nb._chains.parsers import Parser, get_format
from lauren_nb._chains.running import reads_code
from lauren_nb._protocol import TextFormat


class NamedStep:
    """One step of the core's run. `finish` raises what the step raised, with its place."""

    def __init__(self, step: StepRun, run: ChainRun) -> None:
        self._step = step
        self._action = step.step.action
        self._is_code_of_its_own = step.kind in ("function", "object")
        self._is_last = step.index == len(run.plans) - 1
        nearby = run.plans[step.index : step.index + 2]
        #: A parser step itself, or the one that follows a model.
        self._parser: Parser | None = next((s.action for s in nearby if s.kind == "parser"), None)

    @property
    def title(self) -> str:
        own = self._step.name if self._is_code_of_its_own else self._step.step.name
        return own or self.place.partition(" (")[0]

    @property
    def place(self) -> str:
        return self._step.place

    @property
    def config(self) -> LLMConfig | None:
        action = self._action
        return action.llm.config if isinstance(action, RetryOutputParser) else get_config(action)

    @property
    def stream(self) -> CompletionStream | None:
        return self._step.stream

    @property
    def usage(self) -> TokenUsage | None:
        return self._step.usage

    @property
    def value(self) -> Any:
        return self._step.value

    @property
    def format(self) -> TextFormat | None:
        return "json" if isinstance(self._action, StructuredLLM) else get_format(self._parser)

    @property
    def reads_text(self) -> bool:
        return self._step.kind == "parser" or isinstance(self._action, StructuredLLM)

    @property
    def makes_result(self) -> bool:
        return self._is_code_of_its_own and self._is_last

    @property
    def is_code(self) -> bool:
        return reads_code(self._parser)

    async def finish(self) -> Any:
        return await self._step.finish()


class NamedRun:
    """One run of a Chain."""

    def __init__(self, run: ChainRun) -> None:
        self._run = run

    @property
    def models(self) -> set[str]:
        return {c.model for step in self._run.plans if (c := get_config(step.action)) is not None}

    @property
    def value(self) -> Any:
        return self._run.value

    def begin(self) -> NamedStep | None:
        step = self._run.begin()
        return None if step is None else NamedStep(step, self._run)


def get_config(action: object) -> LLMConfig | None:
    """The configuration of a step that asks a model."""
    if isinstance(action, StructuredLLM):
        return action.llm.config
    return action.config if isinstance(action, LLMService) else None
