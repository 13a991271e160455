"""One run of a panel: what it asks, of whom, and the response that it leaves.

It draws nothing and keeps no conversation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lauren_ai import ConversationStore, LLMConfig, make_agent
from lauren_ai._agents import ATTRIBUTE, get_meta
from lauren_ai._pricing import FREE_PROVIDERS
from lauren_ai._tools import collect_tools
from lauren_nb._errors import OptionError
from lauren_nb._options.parse import CellOptions
from lauren_nb._run.agents import copy_agent, find_tools
from lauren_nb._run.answer import AnswerWriter
from lauren_nb._session.session import Session
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
        writer = AnswerWriter(
            self.agent,
            CellOptions(),
            is_own_agent=self.is_own_agent,
            is_chosen=self.model is not None,
            session=session,
            presenter=presenter,
        )
        message = read_content(turn.question, turn.mentions)
        try:
            await writer.write(message, config, conversation_id=conversation_id, store=store)
        finally:
            if (response := writer.response) is not None:
                turn.response, turn.messages = response, response.messages
                is_free = config.provider in FREE_PROVIDERS
                turn.cost_usd = 0.0 if is_free else writer.cost_usd


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
    # The agent itself goes on to serve cells, with tools that run where the cell does.
    return PanelModel(copy_agent(agent_or_model, system, ready), None, True)


def _find_tools(tools: Sequence[object], namespace: Mapping[str, Any]) -> list[object]:
    """The tools as `-t` takes them; a plain function asks before it runs."""
    if isinstance(tools, str):
        raise OptionError(f"tools={tools!r}: give a list, tools=[{tools!r}].")
    given = {f"tools[{i}]": tool for i, tool in enumerate(tools) if not isinstance(tool, str)}
    names = [tool if isinstance(tool, str) else f"tools[{i}]" for i, tool in enumerate(tools)]
    return find_tools(names, {**namespace, **given})
