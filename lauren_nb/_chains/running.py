"""A chain that runs, as a cell drives and shows it: of inline steps, or a Chain of the namespace.

It runs nothing itself; `inline.py` and `named.py` do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from lauren_ai import CompletionStream, LLMConfig, TokenUsage
from lauren_ai.parsers import MarkdownCodeBlockParser
from lauren_nb._chains.parsers import Parser
from lauren_nb._protocol import TextFormat


class RunningStep(Protocol):
    """One step of a run, opened. Watch `stream` where it asks a model, then `finish`."""

    @property
    def title(self) -> str:
        """What its fold is called: its own name, else a function's, else its place."""
        ...

    @property
    def place(self) -> str:
        """For messages: "Step 2 of 3 (translate)"; empty where nothing needs telling apart."""
        ...

    @property
    def config(self) -> LLMConfig | None:
        """Of the model that it asks, for its text or only to mend one."""
        ...

    @property
    def stream(self) -> CompletionStream | None: ...

    @property
    def usage(self) -> TokenUsage | None:
        """What it used, once it is finished; a retry parser's requests are in it."""
        ...

    @property
    def value(self) -> Any:
        """What the next step gets, once it is finished."""
        ...

    @property
    def format(self) -> TextFormat | None:
        """How its text shows while it comes; None is "as the cell says"."""
        ...

    @property
    def reads_text(self) -> bool:
        """Whether its value is read from a model's text, so that it may stand in its place."""
        ...

    @property
    def makes_result(self) -> bool:
        """Whether it makes the run's last value by code of its own."""
        ...

    @property
    def is_code(self) -> bool:
        """Whether its value is the code of a fenced block."""
        ...

    async def finish(self) -> Any:
        """Its value. Raises what the step raised, with its place."""
        ...


class RunningChain(Protocol):
    """One run: `begin` and finish each step in turn."""

    @property
    def models(self) -> set[str]:
        """All that its steps ask."""
        ...

    @property
    def value(self) -> Any:
        """Of the last step that is finished."""
        ...

    def begin(self) -> RunningStep | None:
        """The next step, opened; None after the last."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a step asked and got: whose answer it was, its usage, whether any text came."""

    config: LLMConfig
    model: str
    usage: TokenUsage | None
    has_text: bool


def get_used(step: RunningStep) -> Used | None:
    """Also of a step that failed or was stopped; None where it asked no model."""
    config, stream, usage = step.config, step.stream, step.usage
    if config is None:
        return None
    if stream is None:  # a retry parser, perhaps one that had nothing to mend
        if usage is None:
            return None
        return Used(config=config, model=config.model, usage=usage, has_text=True)
    got = stream.completion
    return Used(
        config=config, model=got.model, usage=usage or got.usage, has_text=bool(got.content)
    )


def reads_code(parser: Parser | None) -> bool:
    """Whether it takes the code out of a fenced block; also one that asks again when it fails."""
    return isinstance(getattr(parser, "parser", parser), MarkdownCodeBlockParser)
