"""What a `%%lauren chain` cell will run, checked whole before anything is sent.

It owns names, inputs and options; `cell.py` runs what it starts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from lauren_ai import Chain, LLMConfig
from lauren_nb._chains.inline import ALL, LAST, InlinePlan, InlineRun
from lauren_nb._chains.inputs import Inputs, explain_missing
from lauren_nb._chains.named import NamedRun, get_config
from lauren_nb._chains.parsers import Parser, find_parser
from lauren_nb._chains.running import RunningChain
from lauren_nb._chains.steps import StepSpec, check_expressions, find_names, parse_steps
from lauren_nb._errors import OptionError
from lauren_nb._options.parse import CellOptions
from lauren_nb._options.table import OPTIONS
from lauren_nb._prompt.files import load_files
from lauren_nb._prompt.namespace import find_name
from lauren_nb._protocol import Push
from lauren_nb._run.chunks import load_sdk
from lauren_nb._session.models import resolve
from lauren_nb._session.session import Session

#: The variable that holds the item of --map.
ITEM = "item"
_NOT_HERE = ("agent", "tools", "conversation", "approve")
_OF_THE_STEPS = (
    *("model", "system", "thinking", "effort", "max_tokens", "temperature", "timeout", "extra"),
    *("images", "files"),
)


class Recipe(Protocol):
    """Made once a cell; `start` gives a run, of which there is one for each item of --map."""

    @property
    def configs(self) -> list[LLMConfig]:
        """Of the steps that ask a model, in order."""
        ...

    @property
    def uses(self) -> Mapping[str, Any]:
        """The variables of the namespace on which its answers depend, by name."""
        ...

    async def prepare(self, push: Push) -> None:
        """Find what only a server knows, and import what a provider needs. Raises TransportError,
        OptionError."""
        ...

    def start(self, extra: Mapping[str, Any]) -> RunningChain:
        """A run; `extra` holds the item. Raises InterpolationError."""
        ...


def build_recipe(options: CellOptions, body: str, session: Session) -> Recipe:
    """What the cell says. Raises OptionError and InterpolationError, each in one line."""
    defaults = CellOptions()
    foreign = _NOT_HERE if options.chain_name is None else (*_NOT_HERE, *_OF_THE_STEPS)
    for spec in OPTIONS:
        if spec.field in foreign and getattr(options, spec.field) != getattr(defaults, spec.field):
            raise OptionError(f"{spec.name} does not go with chain. {_HINTS.get(spec.field, _SET)}")
    if options.chain_name is None:
        return InlineRecipe(options, body, session)
    return NamedRecipe(options, body, session)


_SET = "The chain's own steps say it: Step(llm, options={…})."
_HINTS = {
    "agent": "Its steps are plain requests.",
    "tools": "Its steps are plain requests.",
    "conversation": "A step knows what its prompt says: {{ _ }}, {{ steps.NAME }}.",
    "images": "A chain of the namespace takes its inputs from the body.",
    "files": "A chain of the namespace takes its inputs from the body.",
    "approve": "Its steps call no tools.",
}


class InlineRecipe:
    """The steps of the body."""

    def __init__(self, options: CellOptions, body: str, session: Session) -> None:
        self._session = session
        self._system = options.system
        self._namespace = session.namespace
        self.specs = parse_steps(body)
        known = {*self._namespace, LAST, ALL, *((ITEM,) if options.map_over else ())}
        check_expressions(self.specs, known)
        self._drafts = [
            self._draft(number, spec, options) for number, spec in enumerate(self.specs)
        ]
        self._files = load_files(options.images, options.files, self._namespace)
        self._plans: list[InlinePlan] = []

    def _draft(
        self, number: int, spec: StepSpec, options: CellOptions
    ) -> tuple[StepSpec, LLMConfig, Parser | None, dict[str, Any]]:
        where = f"Step {number + 1}"
        try:
            config = self._session.choose(spec.model or options.model)
        except OptionError as exc:
            raise OptionError(f"{where}: {exc}") from exc
        parser = find_parser(spec, self._namespace, where=where)
        return spec, config, parser, build_request(spec, options)

    @property
    def configs(self) -> list[LLMConfig]:
        if self._plans:
            return [plan.config for plan in self._plans]
        return [config for _, config, _, _ in self._drafts]

    @property
    def uses(self) -> Mapping[str, Any]:
        sent = {"--file": list(self._files)} if self._files else {}
        return _pick(self._namespace, find_names(self.specs)) | sent

    async def prepare(self, push: Push) -> None:
        for spec, chosen, parser, request in self._drafts:
            config = await resolve(chosen)
            service = self._session.get_service(config)
            await load_sdk(service, push)
            files = () if self._plans else self._files  # the first step's, as a cell's are its own
            plan = InlinePlan(
                spec=spec,
                config=config,
                service=service,
                parser=parser,
                options=request,
                system=self._system,
                files=files,
            )
            self._plans.append(plan)

    def start(self, extra: Mapping[str, Any]) -> InlineRun:
        return InlineRun(self._plans, self._namespace, extra=extra)


def build_request(spec: StepSpec, options: CellOptions) -> dict[str, Any]:
    """The options of a step's request: its own, else those of the cell."""
    request: dict[str, Any] = {}
    for field in ("temperature", "max_tokens", "effort", "timeout", "extra"):
        own = getattr(spec, field)
        value = getattr(options, field) if own is None else own
        if value is not None:
            request["reasoning_effort" if field == "effort" else field] = value
    thinking = options.thinking if spec.thinking is None else spec.thinking
    if thinking:
        request["thinking"] = True
        if thinking is not True:
            request["thinking_budget_tokens"] = thinking
    return request


class NamedRecipe:
    """A Chain of the namespace, and the inputs of the body."""

    def __init__(self, options: CellOptions, body: str, session: Session) -> None:
        assert options.chain_name is not None
        name = options.chain_name
        self._namespace = session.namespace
        self.chain = find_chain(name, self._namespace)
        self._inputs = Inputs(body)
        is_map = options.map_over is not None
        missing = self._inputs.check(self.chain, name, {*self._namespace, *([ITEM] * is_map)})
        self._item_goes_to = self._find_place(missing, name) if is_map else None
        missing = [key for key in missing if key != self._item_goes_to]
        if missing:
            raise OptionError(explain_missing(missing, name))
        self._values = None if is_map else self._inputs.resolve(self._namespace)

    def _find_place(self, missing: list[str], name: str) -> str | None:
        """The input that takes the item; None where the body names the item."""
        if ITEM in self._inputs.names:
            return None
        if len(missing) == 1:
            return missing[0]
        if not missing and self.chain.takes_any_variable:
            return "input"
        if missing:
            raise OptionError(
                f"chain {name}: {', '.join(missing)} have no value; --map fills one. Write in the "
                f"body which: {missing[0]}: {{{{ item }}}}"
            )
        raise OptionError(f"chain {name}: nothing takes the item of --map. Name {{{{ item }}}}.")

    @property
    def configs(self) -> list[LLMConfig]:
        return [c for step in self.chain.steps if (c := get_config(step.action)) is not None]

    @property
    def uses(self) -> Mapping[str, Any]:
        return _pick(self._namespace, self._inputs.names)

    async def prepare(self, push: Push) -> None:
        """Its services are made already."""

    def start(self, extra: Mapping[str, Any]) -> NamedRun:
        values = self._values
        if values is None:
            values = self._inputs.resolve({**self._namespace, **extra})
        if self._item_goes_to is not None:
            values = {**values, self._item_goes_to: extra[ITEM]}
        return NamedRun(self.chain.run(**values))


def _pick(namespace: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """What the notebook has under these names, but for those that a run gives."""
    return {n: namespace[n] for n in names if n in namespace and n not in (ITEM, LAST, ALL)}


def find_chain(name: str, namespace: Mapping[str, Any]) -> Chain:
    """The Chain of that name, dots followed. Raises OptionError."""
    value = find_name(name, namespace, option="chain")
    if not isinstance(value, Chain):
        raise OptionError(
            f"chain {name}: that is {type(value).__name__}, no Chain. Make one: "
            "template | llm | parser, or chain(template, llm)."
        )
    return value
