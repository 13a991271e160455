"""One run of a chain, step by step. How a chain is made is `_chains`' affair."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import aclosing, suppress
from typing import Any

from lauren_ai._chains.step import Step
from lauren_ai._exceptions import AgentBudgetExceededError, LaurenAIError
from lauren_ai._module import LLMService
from lauren_ai._output_parsers.parsers import OutputParser
from lauren_ai._output_parsers.retry import RetryOutputParser
from lauren_ai._output_parsers.structured import StructuredLLM
from lauren_ai._prompts import ChatPrompt, Template
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._streaming.stream import CompletionStream
from lauren_ai._types import Completion, Message
from lauren_ai._usage import TokenUsage, add_usage


class StepRun:
    """One step of a run. `stream` is the open stream of an LLM step, None for any other.

    Made by ChainRun when its turn comes. Iterate `stream` to watch it, then `finish()`; the run
    finishes a step by itself before it goes on. `value`, `usage` (an LLM's, or a retry parser's)
    and `error` are set by `finish`.
    """

    def __init__(self, run: ChainRun, index: int) -> None:
        self._run = run
        self.step: Step = run.plans[index]
        self.index = index
        self.name = self.step.label
        self.kind = self.step.kind
        self.input = run.value
        self.stream: CompletionStream | None = None
        self._asked: tuple[list[Message], dict[str, Any]] = [], {}
        self.value: Any = None
        self.usage: TokenUsage | None = None
        self.error: Exception | None = None
        self.finished = False

    @property
    def place(self) -> str:
        """For messages: "Step 2 of 3 (translate)"."""
        return f"Step {self.index + 1} of {len(self._run.plans)} ({self.name})"

    def open(self) -> None:
        """Make the stream of an LLM step; nothing is sent before its first chunk is wanted."""
        action = self.step.action
        if isinstance(action, LLMService | StructuredLLM):
            with StepNames(self.place, self._note_error):
                system, messages = get_prompt(self.input)
                options = dict(self.step.options)
                if own := options.pop("system", None):
                    system = f"{system}\n\n{own}" if system else own
                options["system"] = system
                self._asked = messages, options
                self.stream = action.complete_stream(messages, **options)

    async def finish(self) -> Any:
        """The step's value, when the step is done. Calling it again gives it again. Raises what
        the step raised, and LaurenAIError where its stream was stopped before its end."""
        if self.error is not None:
            raise self.error
        if not self.finished:
            with StepNames(self.place, self._note_error):
                self.value = await self._run_action()
            self.finished = True
            self._run.value = self.value
        return self.value

    async def _run_action(self) -> Any:
        action = self.step.action
        if self.stream is not None:
            completion = await self._drain(self.stream)
            if isinstance(action, StructuredLLM):
                asked, options = self._asked
                return await action.read_or_ask(
                    completion, asked, on_usage=self._add_usage, **options
                )
            return completion.content
        if isinstance(action, RetryOutputParser):
            request = self._run.last_request
            messages, system = (request.messages, request.system) if request else ((), None)
            return await action.parse_with_retry(
                self.input, messages, system=system, on_usage=self._add_usage
            )
        result = self._call(action)
        return await result if inspect.isawaitable(result) else result

    def _call(self, action: Any) -> Any:
        if isinstance(action, Template):
            return action.invoke(self.input, **self._run.variables)
        given = self.input
        if isinstance(action, OutputParser):
            return action.invoke(given)
        if self.index == 0 and given is None and self._run.variables:
            given = dict(self._run.variables)
        return action.invoke(given) if self.kind == "object" else action(given)

    def _note_error(self, error: Exception) -> None:
        self.error = error

    def _add_usage(self, usage: TokenUsage | None) -> None:
        self.usage = add_usage(self.usage, usage)

    async def _drain(self, stream: CompletionStream) -> Completion:
        """Read what its watcher left. Raises LaurenAIError where it was stopped."""
        try:
            async for _ in stream:
                pass
        finally:
            with suppress(LaurenAIError):  # raised where another task is still reading it
                self.usage = stream.completion.usage
        completion = stream.completion
        if completion.stop_reason == "budget_exceeded":
            raise AgentBudgetExceededError(
                "It was stopped at its limit of cost, before its answer was whole."
            )
        if completion.stop_reason in ("cancelled", "error"):  # a watcher may have caught the error
            how = "was stopped" if completion.stop_reason == "cancelled" else "failed"
            raise LaurenAIError(f"It {how} before its answer was whole.")
        return completion


class StepNames:
    """Puts a step's place into the message of an error of ours that is raised inside, into a note
    of a foreign one; an empty place changes nothing. `on_error` is told of either."""

    def __init__(self, place: str, on_error: Callable[[Exception], None] | None = None) -> None:
        self._place = place
        self._on_error = on_error

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, exc: BaseException | None, traceback: object) -> None:
        if not isinstance(exc, Exception):
            return
        if self._on_error is not None:
            self._on_error(exc)
        if not self._place:
            return
        if isinstance(exc, LaurenAIError):
            exc.args = (f"{self._place}: {exc}", *exc.args[1:])
        else:
            exc.add_note(f"{self._place} of the chain raised this.")


class ChainRun:
    """One run. Await it for the last value, or watch it:

        async for step in run:
            if step.stream is not None:
                async for chunk in step.stream: …
            print(step.name, await step.finish())

    `plans` has every step of the chain, `steps` each one that began, the failed one too. `usage`
    sums these. Leaving the loop ends the run; closing the step's stream (`aclose`) closes its
    connection.
    """

    def __init__(self, plans: tuple[Step, ...], input: Any, variables: Mapping[str, Any]) -> None:
        self.plans = plans
        self.variables = dict(variables)
        self.steps: list[StepRun] = []
        self.value: Any = input

    def __await__(self) -> Generator[Any, None, Any]:
        return self._finish().__await__()

    async def __aiter__(self) -> AsyncGenerator[StepRun, None]:
        while (step := self.begin()) is not None:
            try:
                yield step
                await step.finish()
            finally:
                if step.stream is not None:
                    await step.stream.aclose()

    def begin(self) -> StepRun | None:
        """The next step, opened; None after the last. The one before must have been finished:
        raises its error again, and LaurenAIError where it was left."""
        if self.steps and (error := self.steps[-1].error):
            raise error
        if self.steps and not self.steps[-1].finished:
            raise LaurenAIError(f"{self.steps[-1].place} was left before it was done. Run anew.")
        if len(self.steps) == len(self.plans):
            return None
        step = StepRun(self, len(self.steps))
        self.steps.append(step)
        step.open()
        return step

    @property
    def usage(self) -> TokenUsage | None:
        """The usage of all steps so far; None where no provider told any."""
        total: TokenUsage | None = None
        for step in self.steps:
            total = add_usage(total, step.usage)
        return total

    @property
    def failed(self) -> StepRun | None:
        """The step that raised."""
        return next((step for step in self.steps if step.error is not None), None)

    @property
    def last_request(self) -> CompletionRequest | None:
        """The request of the last LLM step so far."""
        streams = [step.stream for step in self.steps if step.stream is not None]
        return streams[-1].request if streams else None

    async def _finish(self) -> Any:
        async with aclosing(aiter(self)) as steps:
            async for _ in steps:
                pass
        return self.value


def get_prompt(value: Any) -> tuple[str | None, list[Message]]:
    """The system text and the messages that `value` is for an LLM step. Raises LaurenAIError."""
    if isinstance(value, ChatPrompt):
        return value.system, value.messages
    if isinstance(value, Completion):
        value = value.content
    if isinstance(value, str):
        return None, [Message.user(value)]
    if isinstance(value, Message):
        return None, [value]
    if isinstance(value, list) and value and all(isinstance(m, Message) for m in value):
        return None, value
    raise LaurenAIError(
        f"An LLM step takes text or messages, not {type(value).__name__}. "
        "Put a PromptTemplate before it."
    )
