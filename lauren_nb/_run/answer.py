"""One answer of an agent, for a cell or a panel: asked, written into a presenter, accounted.

It chooses no model and keeps no text; who asks does.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from lauren_ai import (
    AgentResponse,
    ContentBlock,
    ConversationStore,
    LaurenAIError,
    LLMConfig,
    Message,
)
from lauren_ai._agents import get_meta
from lauren_nb._display.presenters import Presenter
from lauren_nb._options.parse import CellOptions
from lauren_nb._run.chunks import describe_usage, load_sdk
from lauren_nb._run.outcome import describe_stop
from lauren_nb._run.watcher import RunWatcher
from lauren_nb._session.models import ANY, resolve
from lauren_nb._session.session import Session
from lauren_nb._session.spending import check_price, get_cost


class AnswerWriter:
    """Made for one run of `agent`; `write` it once. Afterwards `response` is what the run left,
    also one that was cut short, and `cost_usd` its US dollars: None where no price is known, and
    on the user's machine. Both stay None where no run began.

    `is_own_agent`: the user wrote the agent, so its settings hold where `options` has none.
    `is_chosen`: the model was named for this run, so it holds also where the agent names another.
    """

    def __init__(
        self,
        agent: object,
        options: CellOptions,
        *,
        is_own_agent: bool,
        is_chosen: bool,
        session: Session,
        presenter: Presenter,
    ) -> None:
        self.response: AgentResponse | None = None
        self.cost_usd: float | None = None
        self._agent = agent
        self._options = options
        self._is_own_agent = is_own_agent
        self._is_chosen = is_chosen
        self._session = session
        self._presenter = presenter

    async def write(
        self,
        message: Message | str | list[ContentBlock],
        config: LLMConfig,
        *,
        conversation_id: str | None,
        store: ConversationStore | None = None,
    ) -> None:
        """Ask and show the answer while it comes. Raises LaurenAIError, and what hooks raise;
        asyncio.CancelledError when a person stops it."""
        push = self._presenter.push
        known = None if config.model == ANY else config.model
        push("footer", {"model": known, "provider": config.provider})
        config = await resolve(config)
        push("footer", {"model": config.model})
        if not self._is_own_agent:  # an agent may name a model of its own: then the core looks
            check_price(config, self._options.max_cost_usd)
        runner = self._session.get_runner(config)
        watcher = RunWatcher(
            self._options,
            self._agent,
            session=self._session,
            presenter=self._presenter,
            runner=runner,
            config=config,
        )
        watcher.watch_fetch(config)
        await load_sdk(self._session.get_service(config), push)
        stream = runner.run_stream(
            self._agent,
            message,
            conversation_id=conversation_id,
            conversation_store=store,
            config_override=self._get_overrides(config, conversation_id),
            model_override=config.model if self._is_chosen else None,
            event_sinks=[watcher],
            confirm=watcher.policy,
        )
        stream.on_retry = watcher.note_retry
        stream.on_notice = watcher.note
        try:
            async for chunk in stream:
                watcher.show(chunk)
            push("status", "done")
        finally:
            watcher.close()
            with suppress(LaurenAIError):  # a run that never began has no response
                self._account(stream.response, config, watcher)

    def _account(self, response: AgentResponse, config: LLMConfig, watcher: RunWatcher) -> None:
        """Put the run's usage into the footer and into the ledger, however it ended."""
        usage = response.total_usage
        cost = get_cost(usage, response.model, config)
        self.response, self.cost_usd = response, cost
        self._session.note_usage(response.model, usage, cost, config=config)
        footer = describe_usage(usage, watcher.get_writing_ms())
        footer |= {"model": response.model, "cost_usd": cost}
        footer |= describe_stop(response.stop_reason, watcher.metadata)
        self._presenter.push("footer", footer)

    def _get_overrides(self, config: LLMConfig, conversation_id: str | None) -> dict[str, Any]:
        """The fields of AgentConfig that are set here; the agent's own hold for the rest."""
        options = self._options
        overrides: dict[str, Any] = {"transport_max_retries": config.max_retries}
        if not self._is_own_agent:
            overrides["max_tokens_per_turn"] = config.max_tokens
            overrides["parallel_tool_calls"] = True
            if conversation_id is None and not get_meta(self._agent).tools:
                overrides["cache"] = False  # one question: nothing is sent a second time
        if options.max_tokens is not None:
            overrides["max_tokens_per_turn"] = options.max_tokens
        if options.temperature is not None:
            overrides["temperature"] = options.temperature
        if options.thinking:
            overrides["thinking"] = True
            if options.thinking is not True:
                overrides["thinking_budget_tokens"] = options.thinking
        if options.effort is not None:
            overrides["reasoning_effort"] = options.effort
        if options.extra:
            overrides["extra"] = options.extra
        if options.timeout is not None:
            overrides["timeout"] = options.timeout
        if options.max_cost_usd is not None:
            overrides["max_cost_usd"] = options.max_cost_usd
        return overrides
