"""A run of inline steps: each is one request whose prompt may use the values of those before.

It shows nothing; `running.py` says what a cell may know of a step, here and of a Chain's alike.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lauren_ai import (
    CompletionStream,
    ContentBlock,
    LaurenAIError,
    LLMConfig,
    LLMService,
    Message,
    TokenUsage,
)
from lauren_ai._chains import StepNames
from lauren_ai._usage import add_usage
from lauren_ai.errors import AgentBudgetExceededError
from lauren_ai.parsers import OutputParser, RetryOutputParser
from lauren_nb._chains.parsers import Parser, get_format, get_instructions
from lauren_nb._chains.running import reads_code
from lauren_nb._chains.steps import StepSpec
from lauren_nb._prompt.content import to_message
from lauren_nb._prompt.interpolation import interpolate
from lauren_nb._protocol import TextFormat

#: The value of the step before, and of all of them, in a step's expressions.
LAST, ALL = "_", "steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class InlinePlan:
    """What is known of one step before any runs. `options` go to the request; `system` is the
    cell's own, for a step without one; `files` go with its prompt."""

    spec: StepSpec
    config: LLMConfig
    service: LLMService
    parser: Parser | None
    options: Mapping[str, Any]
    system: str | None = None
    files: Sequence[ContentBlock] = ()


class StepValues:
    """`steps` in an expression: `steps.draft`, `steps["draft"]`, `steps[0]`."""

    def __init__(self) -> None:
        self._values: list[Any] = []
        self._names: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError as exc:
            raise AttributeError(str(exc)) from None

    def __getitem__(self, key: str | int) -> Any:
        if isinstance(key, int):
            return self._values[key]
        if key not in self._names:
            raise KeyError(f"no step {key!r} went before: {', '.join(self._names) or 'none'}")
        return self._values[self._names[key]]

    def __repr__(self) -> str:
        names = {number: name for name, number in self._names.items()}
        return repr({names.get(n, n): value for n, value in enumerate(self._values)})

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def add(self, name: str | None, value: Any) -> None:
        if name is not None:
            self._names[name] = len(self._values)
        self._values.append(value)


class InlineStep:
    """One step of a run, opened. Iterate `stream`, then `finish`."""

    #: A model's text is all that it makes.
    makes_result = False

    def __init__(self, run: InlineRun, index: int) -> None:
        self._run = run
        self.index = index
        self.plan = run.plans[index]
        self.name = self.plan.spec.name or ""
        self.stream: CompletionStream | None = None
        self.usage: TokenUsage | None = None
        self.value: Any = None

    @property
    def title(self) -> str:
        return self.name or self.place or "Answer"

    @property
    def config(self) -> LLMConfig:
        return self.plan.config

    @property
    def format(self) -> TextFormat | None:
        return get_format(self.plan.parser)

    @property
    def reads_text(self) -> bool:
        return self.plan.parser is not None

    @property
    def is_code(self) -> bool:
        return reads_code(self.plan.parser)

    @property
    def place(self) -> str:
        """For messages: "Step 2 of 3 (translate)"; empty where there is one."""
        if len(self._run.plans) == 1:
            return ""
        name = f" ({self.name})" if self.name else ""
        return f"Step {self.index + 1} of {len(self._run.plans)}{name}"

    def open(self) -> None:
        """Make the stream; nothing is sent before its first chunk is wanted."""
        with StepNames(self.place):
            self.message = build_prompt(self.plan.spec.text, self._run.scope, self.plan.files)
            self.stream = self.plan.service.complete_stream(
                [self.message], system=self._get_system(), **self.plan.options
            )

    async def finish(self) -> Any:
        """The step's value. Raises what the request or the parser raised, with the step's name."""
        assert self.stream is not None
        with StepNames(self.place):
            try:
                async for _ in self.stream:
                    pass
            finally:
                with suppress(LaurenAIError):
                    self.usage = self.stream.completion.usage
            match self.stream.completion.stop_reason:
                case "cancelled":
                    raise LaurenAIError("It was stopped before its answer was whole.")
                case "budget_exceeded":
                    raise AgentBudgetExceededError(
                        "It was stopped at its limit of cost, before its answer was whole."
                    )
            self.value = await self._parse(self.stream.completion.content)
        self._run.note(self)
        return self.value

    def _get_system(self) -> str | None:
        texts = [self.plan.system] if self.plan.system else []
        if self.plan.spec.system is not None:
            texts = [build_prompt(self.plan.spec.system, self._run.scope).text()]
        if instructions := get_instructions(self.plan.parser):
            texts.append(instructions)
        return "\n\n".join(texts) or None

    async def _parse(self, text: str) -> Any:
        parser = self.plan.parser
        if parser is None:
            return text
        if isinstance(parser, RetryOutputParser):
            return await parser.parse_with_retry(
                text, [self.message], system=self._get_system(), on_usage=self._add_usage
            )
        value = parser.parse(text) if isinstance(parser, OutputParser) else parser(text)
        return await value if inspect.isawaitable(value) else value

    def _add_usage(self, usage: TokenUsage | None) -> None:
        self.usage = add_usage(self.usage, usage)


class InlineRun:
    """One run of all the steps, over a copy of the namespace; `extra` adds names to it."""

    def __init__(
        self,
        plans: Sequence[InlinePlan],
        namespace: Mapping[str, Any],
        *,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        self.plans = plans
        self.values = StepValues()
        self.scope = {**namespace, **(extra or {}), ALL: self.values}
        self.steps: list[InlineStep] = []
        self.value: Any = None

    @property
    def models(self) -> set[str]:
        return {plan.config.model for plan in self.plans}

    def begin(self) -> InlineStep | None:
        """The next step, opened; None after the last."""
        if len(self.steps) == len(self.plans):
            return None
        step = InlineStep(self, len(self.steps))
        self.steps.append(step)
        step.open()
        return step

    def note(self, step: InlineStep) -> None:
        """A step is done: its value is the next one's `_`."""
        self.value = self.scope[LAST] = step.value
        self.values.add(step.plan.spec.name, step.value)


def build_prompt(
    text: str, scope: Mapping[str, Any], files: Sequence[ContentBlock] = ()
) -> Message:
    """The message of a step, its expressions in place. Raises InterpolationError."""
    return to_message([*interpolate(text, scope), *files])
