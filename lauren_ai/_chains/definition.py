"""Chains: steps that run one after another, each on what the one before made.

It owns what a chain is and what it needs; `run.py` and `stream.py` run it.
"""

from __future__ import annotations

from typing import Any

from lauren_ai._chains.run import ChainRun
from lauren_ai._chains.step import Step
from lauren_ai._chains.stream import ChainStream
from lauren_ai._exceptions import LaurenAIError
from lauren_ai._pipe import Pipeable
from lauren_ai._prompts import INPUT, Template


class Chain(Pipeable):
    """Made by `chain(…)` or `|`, never changed, shared freely; every run is a thing of its own.

    Keyword arguments are the variables of all its templates. The first step gets `input`, or a
    dict of the keyword arguments where it is no template and there is no input.
    """

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = steps

    def __repr__(self) -> str:
        return f"chain({' | '.join(step.label for step in self.steps)})"

    async def invoke(self, /, input: Any = None, **variables: Any) -> Any:
        """The last step's value: a str after an LLM step, a parser's value after a parser.

        Raises what the failing step raised, with the step's name in it (a foreign error has it
        in a note). Cancelling it closes the connection. For the usage, see `run`.
        """
        return await self.run(input, **variables)

    def run(self, /, input: Any = None, **variables: Any) -> ChainRun:
        """A run to be watched step by step, or awaited; afterwards it has the usage."""
        return ChainRun(self.steps, input, variables)

    def stream(self, /, input: Any = None, **variables: Any) -> ChainStream:
        """The chunks of the first LLM step; `await` it or not. The steps before it run (awaited
        or with the first chunk), those after it do not. Raises LaurenAIError without LLM step."""
        if all(step.kind != "llm" for step in self.steps):
            raise LaurenAIError(f"{self!r} has no LLM step to stream from. Use invoke(…).")
        return ChainStream(self.steps, input, variables)

    @property
    def input_variables(self) -> tuple[str, ...]:
        """The variables that must be given by keyword. A later template's place for the answer
        of the step before is none, nor are those that a dict from there could fill."""
        needed: dict[str, None] = {}
        for index, step in enumerate(self.steps):
            if isinstance(step.action, Template):
                names = step.action.variables
                if index:
                    names = tuple(n for n in names if n != INPUT) if INPUT in names else ()
                needed.update(dict.fromkeys(names))
        return tuple(needed)

    @property
    def variables(self) -> tuple[str, ...]:
        """Every variable that a template of the chain has."""
        templates = (s.action for s in self.steps if isinstance(s.action, Template))
        return tuple(dict.fromkeys(name for t in templates for name in t.variables))

    @property
    def takes_any_variable(self) -> bool:
        """Whether its first step is a function or an object, which gets all of them."""
        return self.steps[0].kind in ("function", "object")


def chain(*steps: Any) -> Chain:
    """A chain of these steps; a chain among them gives its own steps. Raises LaurenAIError on
    what is no step, and on none at all."""
    flat: list[Step] = []
    for step in steps:
        if isinstance(step, Step) and isinstance(step.action, Chain):
            raise LaurenAIError(f"Step {step.name!r} is a chain: name the steps inside it instead.")
        if isinstance(step, Chain):
            flat += step.steps
        else:
            flat.append(step if isinstance(step, Step) else Step(step))
    if not flat:
        raise LaurenAIError("A chain needs at least one step: chain(template, llm).")
    for entry in flat:
        _ = entry.kind  # raises here, not when it runs
    return Chain(tuple(flat))


Pipeable._chain = chain
