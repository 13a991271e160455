"""One step of a chain: what it is and how it is called. `run.py` runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lauren_ai._exceptions import LaurenAIError
from lauren_ai._module import LLMService
from lauren_ai._output_parsers.parsers import OutputParser
from lauren_ai._output_parsers.structured import StructuredLLM
from lauren_ai._pipe import Pipeable
from lauren_ai._prompts import Template

StepKind = Literal["prompt", "llm", "parser", "function", "object"]


@dataclass(frozen=True, slots=True)
class Step(Pipeable):
    """One step with a name of its own: `chain(template, Step(llm, name="translate"))`.

    `options` go to the request of an LLM step (`model`, `system`, `temperature`, …).
    """

    action: Any
    name: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def kind(self) -> StepKind:
        """What the step is; only "llm" steps stream. Raises LaurenAIError on what is none."""
        action = self.action
        if isinstance(action, LLMService | StructuredLLM):
            return "llm"
        if isinstance(action, Template):
            return "prompt"
        if isinstance(action, OutputParser):
            return "parser"
        if callable(getattr(action, "invoke", None)):
            if isinstance(action, type):
                name = action.__name__
                raise LaurenAIError(f"{name} is a class. Make a step of an object: {name}(…).")
            return "object"
        if callable(action):
            return "function"
        raise LaurenAIError(
            f"{action!r} is no step of a chain. Use a template, an LLMService, a parser, "
            "a function, a chain, or an object with `invoke`."
        )

    @property
    def label(self) -> str:
        """Its name: as given, else a function's own, else its class's."""
        if self.name:
            return self.name
        own = getattr(self.action, "__name__", None) or type(self.action).__name__
        return "lambda" if own == "<lambda>" else str(own)
