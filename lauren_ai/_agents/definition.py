"""The decorators `@agent` and `@use_tools`, and agents made without a class. They run nothing."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, overload

from lauren_ai._config import AgentConfig
from lauren_ai._conversations.memory import ShortTermMemory
from lauren_ai._conversations.stores import ConversationStore
from lauren_ai._exceptions import AgentConfigError, DecoratorUsageError
from lauren_ai._tools import check_tools, collect_tools

C = TypeVar("C", bound=type)

ATTRIBUTE = "__lauren_ai_agent__"
_TOOLS = "__lauren_ai_tools__"
_FIELDS = frozenset(field.name for field in dataclasses.fields(AgentConfig))


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentMeta:
    """What the decorators know of an agent class, in `cls.__lauren_ai_agent__`.

    `model` None is the service's own; `tools` are what `@use_tools` was given, in order.
    """

    name: str
    model: str | None = None
    system: str | None = None
    config: AgentConfig = field(default_factory=AgentConfig)
    tools: tuple[object, ...] = ()
    memory: ShortTermMemory | None = None
    conversation_store: ConversationStore | None = None


@overload
def agent(cls: C) -> C: ...


@overload
def agent(
    *,
    name: str | None = None,
    model: str | None = None,
    system: str | None = None,
    memory: ShortTermMemory | None = None,
    conversation_store: ConversationStore | None = None,
    config: AgentConfig | None = None,
    **fields: Any,
) -> Callable[[C], C]: ...


def agent(
    cls: type | None = None,
    *,
    name: str | None = None,
    model: str | None = None,
    system: str | None = None,
    memory: ShortTermMemory | None = None,
    conversation_store: ConversationStore | None = None,
    config: AgentConfig | None = None,
    **fields: Any,
) -> Any:
    """Make a class an agent that a runner can run; its docstring is the system prompt.

    `fields` are those of AgentConfig (max_turns, temperature, max_cost_usd, …) and override
    `config`. Hooks are methods, sync or async: on_start(ctx), on_turn_complete(completion, ctx),
    on_tool_result(result, ctx) (what it returns replaces the result), on_finish(response, ctx)
    (always called, also on cancel and error).

    Raises DecoratorUsageError, and AgentConfigError for an unknown or impossible field.
    """

    def decorate(cls: C) -> C:
        if not inspect.isclass(cls):
            raise DecoratorUsageError(
                f"@agent decorates a class, not {type(cls).__name__} ({cls!r}). "
                "Its options are keywords: @agent(model=…)."
            )
        made = override(config or AgentConfig(), fields)
        own = cls.__dict__.get("__doc__")
        prompt = system or made.system_prompt or (inspect.cleandoc(own) if own else "")
        meta = AgentMeta(
            name=name or cls.__name__,
            model=model,
            system=prompt or None,
            config=made,
            tools=getattr(cls, _TOOLS, ()),
            memory=memory,
            conversation_store=conversation_store,
        )
        setattr(cls, ATTRIBUTE, meta)
        return cls

    return decorate if cls is None else decorate(cls)


def use_tools(*tools: object) -> Callable[[C], C]:
    """Give an agent class its tools; above or below `@agent`, and more than once.

    Raises ToolConfigError for what is no tool, or a name that comes twice."""

    def decorate(cls: C) -> C:
        if not inspect.isclass(cls):
            raise DecoratorUsageError(f"@use_tools decorates a class, not {type(cls).__name__}.")
        given = (*getattr(cls, _TOOLS, ()), *tools)
        check_tools(given)
        setattr(cls, _TOOLS, given)
        meta = getattr(cls, ATTRIBUTE, None)
        if isinstance(meta, AgentMeta):  # its own, or inherited: then this makes it one of its own
            setattr(cls, ATTRIBUTE, replace(meta, tools=given))
        return cls

    check_tools(tools)
    return decorate


def make_agent(
    system: str | None = None,
    tools: Sequence[object] = (),
    *,
    name: str = "agent",
    model: str | None = None,
    config: AgentConfig | None = None,
    **fields: Any,
) -> object:
    """An agent without a class, to run a system prompt and some tools. Raises AgentConfigError
    and ToolConfigError."""
    made = override(config or AgentConfig(), fields)
    ready = tuple(collect_tools(tools).values())
    meta = AgentMeta(
        name=name, model=model, system=system or made.system_prompt, config=made, tools=ready
    )
    return _PlainAgent(meta)


class _PlainAgent:
    """Carries its metadata on the instance, where a class would."""

    def __init__(self, meta: AgentMeta) -> None:
        setattr(self, ATTRIBUTE, meta)


def get_meta(agent: object) -> AgentMeta:
    """The metadata of an agent. Raises AgentConfigError."""
    meta = getattr(agent, ATTRIBUTE, None)
    if not isinstance(meta, AgentMeta):
        kind = agent.__name__ if inspect.isclass(agent) else type(agent).__name__
        raise AgentConfigError(f"{kind} is not an agent. Decorate its class with @agent.")
    return meta


def make_instance(cls: type) -> object:
    """An agent of this class. Raises AgentConfigError where it wants arguments."""
    try:
        return cls()
    except TypeError as exc:
        raise AgentConfigError(
            f"The agent class {cls.__name__} cannot be made without arguments ({exc}). "
            "Pass an instance of it."
        ) from exc


def override(config: AgentConfig, fields: dict[str, Any]) -> AgentConfig:
    """`config` with other values. Raises AgentConfigError."""
    if unknown := sorted(fields.keys() - _FIELDS):
        raise AgentConfigError(
            f"Unknown agent option {unknown[0]!r}. AgentConfig has: {', '.join(sorted(_FIELDS))}."
        )
    return replace(config, **fields) if fields else config


async def call_hook(agent: object, name: str, *args: Any) -> Any:
    """What the hook returns; None where the agent has none of that name."""
    hook = getattr(agent, name, None)
    if hook is None:
        return None
    answer = hook(*args)
    return await answer if inspect.isawaitable(answer) else answer
