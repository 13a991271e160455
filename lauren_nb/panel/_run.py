"""One run of a panel: what it asks, of whom, and the response that it leaves.

It draws nothing and keeps no conversation.
"""

from __future__ import annotations

import asyncio
import copy
import inspect
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from lauren_ai import LaurenAIError, LLMConfig, make_agent
from lauren_ai._agents import ATTRIBUTE, get_meta
from lauren_ai._agents.types import AgentResponse
from lauren_ai._conversations.stores import ConversationStore
from lauren_ai._pricing import FREE_PROVIDERS
from lauren_ai._tools import collect_tools
from lauren_nb._errors import OptionError
from lauren_nb._options.parse import CellOptions
from lauren_nb._run.agents import find_tools
from lauren_nb._run.chunks import describe_usage
from lauren_nb._run.watcher import RunWatcher
from lauren_nb._session.models import resolve
from lauren_nb._session.session import Session
from lauren_nb._session.spending import get_cost
from lauren_nb.panel._loop import keep_on
from lauren_nb.panel._mentions import read_content
from lauren_nb.panel._presenter import PanelPresenter
from lauren_nb.panel._tree import PanelTurn


@dataclass(frozen=True, slots=True)
class PanelModel:
    """Who answers in a panel. `model` is what `-m` takes, or a whole configuration; None leaves
    it to the session at each run."""

    agent: object
    model: str | LLMConfig | None
    is_own_agent: bool
    """Whether the user wrote the agent: then its own settings hold."""

    def choose(self, session: Session) -> LLMConfig:
        """Raises OptionError."""
        return self.model if isinstance(self.model, LLMConfig) else session.choose(self.model)

    async def run(
        self,
        turn: PanelTurn,
        *,
        session: Session,
        presenter: PanelPresenter,
        store: ConversationStore,
        conversation_id: str,
    ) -> None:
        """Stream the answer into `presenter`, and leave its response in the turn, also that of a
        run that was cut short. Raises LaurenAIError, and what hooks raise."""
        config = self.choose(session)
        presenter.push("footer", {"model": config.model, "provider": config.provider})
        config = await resolve(config)
        runner = session.get_runner(config)
        options = CellOptions()
        watcher = RunWatcher(
            options,
            self.agent,
            session=session,
            presenter=presenter,
            runner=runner,
            config=config,
        )
        watcher.watch_fetch(config)
        stream = runner.run_stream(
            self.agent,
            read_content(turn.question, turn.mentions),
            conversation_id=conversation_id,
            conversation_store=store,
            config_override=self._get_overrides(config),
            model_override=config.model if self.model is not None else None,
            event_sinks=[watcher],
            confirm=watcher.policy,
        )
        stream.on_retry = watcher.note_retry
        try:
            async for chunk in stream:
                watcher.show(chunk)
            presenter.push("status", "done")
        finally:
            watcher.close()
            with suppress(LaurenAIError):  # a run that never began has no response
                turn.response = response = stream.response
                turn.messages = response.messages
                writing_ms = watcher.get_writing_ms()
                turn.cost_usd = _account(response, config, session, presenter, writing_ms)

    def _get_overrides(self, config: LLMConfig) -> dict[str, Any]:
        overrides: dict[str, Any] = {"transport_max_retries": config.max_retries}
        if not self.is_own_agent:
            overrides["max_tokens_per_turn"] = config.max_tokens
            overrides["parallel_tool_calls"] = True
        return overrides


def _account(
    response: AgentResponse,
    config: LLMConfig,
    session: Session,
    presenter: PanelPresenter,
    writing_ms: int,
) -> float | None:
    """Put the run's usage into the footer and the ledger, however it ended. Returns US dollars: 0
    on the user's machine, None where no price is known."""
    usage = response.total_usage
    cost = get_cost(usage, response.model, config)
    session.note_usage(response.model, usage, cost, config=config)
    footer = describe_usage(usage, writing_ms)
    footer |= {"model": response.model, "cost_usd": cost, "stop_reason": response.stop_reason}
    presenter.push("footer", footer)
    return 0.0 if config.provider in FREE_PROVIDERS else cost


def make_model(
    agent_or_model: object,
    tools: Sequence[object],
    system: str | None,
    *,
    namespace: Mapping[str, Any],
    kernel_loop: asyncio.AbstractEventLoop,
) -> PanelModel:
    """Read what `ChatPanel` was given. Raises OptionError.

    Tools that are coroutines run on `kernel_loop`, where the user's own code lives.
    """
    found = _find_tools(tools, namespace)
    if agent_or_model is None or isinstance(agent_or_model, str | LLMConfig):
        ready = [keep_on(kernel_loop, tool) for tool in collect_tools(found).values()]
        return PanelModel(make_agent(system, ready), agent_or_model, False)
    if not hasattr(agent_or_model, ATTRIBUTE):
        kind = type(agent_or_model).__name__
        raise OptionError(
            f"ChatPanel({kind}): give a model's name (provider:model), an LLMConfig, or an agent, "
            "a class decorated with @agent."
        )
    meta = get_meta(agent_or_model)
    both = collect_tools([*meta.tools, *found]).values()
    ready = [keep_on(kernel_loop, tool) for tool in both]
    # A copy: the agent itself goes on to serve cells with tools that run where the cell does.
    made = agent_or_model() if inspect.isclass(agent_or_model) else copy.copy(agent_or_model)
    changed = replace(meta, tools=tuple(ready), system=system or meta.system)
    setattr(made, ATTRIBUTE, changed)
    return PanelModel(made, None, True)


def _find_tools(tools: Sequence[object], namespace: Mapping[str, Any]) -> list[object]:
    """The tools as `-t` takes them; a plain function asks before it runs."""
    if isinstance(tools, str):
        raise OptionError(f"tools={tools!r}: give a list, tools=[{tools!r}].")
    given = {f"tools[{i}]": tool for i, tool in enumerate(tools) if not isinstance(tool, str)}
    names = [tool if isinstance(tool, str) else f"tools[{i}]" for i, tool in enumerate(tools)]
    return find_tools(names, {**namespace, **given})
