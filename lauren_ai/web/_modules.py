"""Modules of the `lauren` framework that make services, runners and agents injectable."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any

from lauren import Token, injectable, module, use_class, use_factory

from lauren_ai._agents.definition import ATTRIBUTE, get_meta
from lauren_ai._agents.runner import AgentRunner, AgentRunnerBase
from lauren_ai._agents.signals import EventSink, SignalBus
from lauren_ai._config import LLMConfig
from lauren_ai._conversations.stores import ConversationStore
from lauren_ai._module import LLMService, build_transport
from lauren_ai._streaming.request import Transport
from lauren_ai._tools import check_tools


class LLMModule:
    """`LLMModule.for_root(config)` goes into a module's `imports`; `llm: LLMService` is injected.

    One service an application, made when it starts and closed when it stops.
    """

    @classmethod
    def for_root(cls, config: LLMConfig, transport_override: Transport | None = None) -> type:
        """A module that provides LLMService. With a transport of your own (a mock, a gateway),
        closing it stays with you. Raises AgentConfigError when the application starts."""

        @injectable(provides=[LLMService])
        async def provide_llm() -> AsyncGenerator[LLMService, None]:
            service = LLMService(transport_override or build_transport(config), config)
            yield service
            if transport_override is None:
                await service.close()

        return _make_module("LLMModule", [provide_llm], exports=[provide_llm])


class AgentModule:
    """`AgentModule.for_root(agents=[…], imports=[llm_module])` goes into a module's `imports`.

    Then `AgentRunner`, `AgentRunner[MyAgent]` (the same runner) and each agent class are injected
    by constructor. Agents and tool classes get what their own constructors ask for. One an
    application, with all its agents: the framework refuses a second provider of AgentRunner.
    """

    @classmethod
    def for_root(
        cls,
        agents: Sequence[type] = (),
        tools: Sequence[Any] = (),
        *,
        imports: Sequence[type] = (),
        signals: SignalBus | None = None,
        event_sinks: Sequence[EventSink] = (),
        conversation_store: ConversationStore | None = None,
    ) -> type:
        """A module that provides the runner and the agents; `imports` needs an LLMModule.

        An agent with `@use_tools` may call those tools alone, one without may call all of
        `tools`. A tool class in `tools` is made once, by injection. Raises AgentConfigError and
        ToolConfigError.
        """
        check_tools(tools)

        @injectable(
            provides=[AgentRunner, AgentRunnerBase, *(AgentRunner[a] for a in agents)]  # type: ignore[valid-type]
        )
        def provide_runner(llm: LLMService) -> AgentRunnerBase:
            return AgentRunnerBase(
                llm,
                signals=signals,
                event_sinks=event_sinks,
                conversation_store=conversation_store,
            )

        made = {tool: Token(tool.__name__) for tool in tools if isinstance(tool, type)}
        providers = [use_class(provide=token, use=tool) for tool, token in made.items()]
        for agent in agents:
            providers += _provide_agent(agent, tools, made)
        return _make_module(
            "AgentModule",
            [provide_runner, *providers],
            imports=imports,
            exports=[provide_runner, *agents],
        )


def _provide_agent(agent: type, tools: Sequence[Any], made: dict[type, Token]) -> list[Any]:
    """The agent as its class makes it, then with the module's instances of its tool classes."""
    meta = get_meta(agent)
    chosen = meta.tools or tuple(tools)
    bare = Token(agent.__name__)

    def equip(instance: Any, *instances: Any) -> Any:
        known: dict[Any, Any] = dict(zip(made, instances, strict=True))
        equipped = tuple(known.get(t, t) if isinstance(t, type) else t for t in chosen)
        setattr(instance, ATTRIBUTE, replace(meta, tools=equipped))
        return instance

    return [
        use_class(provide=bare, use=agent),
        use_factory(provide=agent, factory=equip, injects=[bare, *made.values()]),
    ]


def _make_module(
    name: str, providers: list[Any], *, exports: list[Any], imports: Sequence[type] = ()
) -> type:
    made = type(name, (), {"__module__": __name__})
    return module(providers=providers, imports=list(imports), exports=exports)(made)
