"""What a view wants to know of a step, of inline steps and of a Chain's alike. It shows nothing."""

from __future__ import annotations

from typing import Any

from lauren_ai import (
    ChainRun,
    LLMConfig,
    MarkdownCodeBlockParser,
    RetryOutputParser,
    StepRun,
    StructuredLLM,
)
from lauren_nb._chains.inline import InlineRun, InlineStep
from lauren_nb._chains.parsers import get_format
from lauren_nb._chains.recipe import get_config
from lauren_nb._protocol import TextFormat

AnyRun = InlineRun | ChainRun
AnyStep = InlineStep | StepRun


def get_title(step: AnyStep) -> str:
    """Its own name, else a function's, else its place."""
    own = step.name if isinstance(step, InlineStep) else step.step.name
    if not own and step.kind in ("function", "object"):
        own = step.name
    return own or step.place.partition(" (")[0] or "Answer"


def is_last(step: AnyStep, run: AnyRun) -> bool:
    """Whether no step comes after it."""
    return step.index == len(run.plans) - 1


def makes_result(step: AnyStep, run: AnyRun) -> bool:
    """Whether it makes the last value by code of its own."""
    return step.kind in ("function", "object") and is_last(step, run)


def reads_text(step: AnyStep) -> bool:
    """Whether its value is read from a model's text, so that it may stand in its place."""
    if isinstance(step, InlineStep):
        return step.plan.parser is not None
    return step.kind == "parser" or isinstance(step.step.action, StructuredLLM)


def get_models(run: AnyRun) -> set[str]:
    """The models that its steps ask."""
    if isinstance(run, InlineRun):
        return {plan.config.model for plan in run.plans}
    return {c.model for step in run.plans if (c := get_config(step.action)) is not None}


def get_step_config(step: AnyStep) -> LLMConfig | None:
    """The configuration of what it asks: its own model, or a retry parser's."""
    if isinstance(step, InlineStep):
        return step.plan.config
    action = step.step.action
    return action.llm.config if isinstance(action, RetryOutputParser) else get_config(action)


def get_step_format(step: AnyStep, run: AnyRun) -> TextFormat | None:
    """How its text shows while it comes; None is "as the cell says"."""
    if not isinstance(step, InlineStep) and isinstance(step.step.action, StructuredLLM):
        return "json"
    return get_format(_get_parser(step, run))


def is_code(step: AnyStep, run: AnyRun) -> bool:
    """Whether its value is the code of a fenced block."""
    parser = _get_parser(step, run)
    return isinstance(getattr(parser, "parser", parser), MarkdownCodeBlockParser)


def _get_parser(step: AnyStep, run: AnyRun) -> Any:
    """Its parser: an inline step's own, a parser step itself, the one that follows a model."""
    if isinstance(step, InlineStep):
        return step.plan.parser
    steps = [] if isinstance(run, InlineRun) else run.plans[step.index : step.index + 2]
    return next((s.action for s in steps if s.kind == "parser"), None)
