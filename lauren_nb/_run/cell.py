"""Runs one cell: a run of the core into a presenter, and what stays of it afterwards.

It parses no option, draws nothing, and leaves turns, tools and approval to the core.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from lauren_ai import LaurenAIError, LLMConfig, Message
from lauren_ai._agents.types import AgentResponse
from lauren_nb._display.presenters import Presenter, make_presenter
from lauren_nb._display.turn import Turn
from lauren_nb._errors import OptionError
from lauren_nb._options.parse import CellOptions
from lauren_nb._prompt.images import load_image
from lauren_nb._prompt.interpolation import interpolate
from lauren_nb._prompt.namespace import find_name
from lauren_nb._run.agents import build_agent, check_approved
from lauren_nb._run.chunks import describe_usage
from lauren_nb._run.outcome import finished
from lauren_nb._run.watcher import RunWatcher
from lauren_nb._session.cassettes import get_clock
from lauren_nb._session.models import ANY, resolve
from lauren_nb._session.session import Session
from lauren_nb._session.spending import check_price, get_cost


async def run_cell(options: CellOptions, body: str, *, session: Session) -> None:
    """Ask the model and show its answer while it comes.

    Raises LaurenAIError before anything is sent (options, names, interpolation) or when the
    provider fails; asyncio.CancelledError when a person stops it. In the last two cases the
    partial answer is shown, marked, and kept in the variable of `-o`.
    """
    config = session.choose(options.model)
    namespace = session.namespace
    message = build_message(options, body, namespace)
    agent = build_agent(options, namespace)
    check_approved(options.approve, agent)
    task = asyncio.current_task()
    assert task is not None
    turn = Turn(format=options.format, clock=get_clock([config]))
    presenter = make_presenter(session.shell, turn, on_stop=task.cancel)
    known = None if config.model == ANY else config.model
    presenter.push("footer", {"model": known, "provider": config.provider})
    with finished(presenter):
        try:
            await _stream(options, agent, message, config, session=session, presenter=presenter)
        finally:
            if options.output:
                namespace[options.output] = turn.text


async def _stream(
    options: CellOptions,
    agent: object,
    message: Message,
    config: LLMConfig,
    *,
    session: Session,
    presenter: Presenter,
) -> None:
    config = await resolve(config)
    presenter.push("footer", {"model": config.model})
    if options.agent is None:  # an agent may name a model of its own: then the core looks
        check_price(config, options.max_cost_usd)
    runner = session.get_runner(config)
    watcher = RunWatcher(
        options, agent, session=session, presenter=presenter, runner=runner, config=config
    )
    watcher.watch_fetch(config)
    stream = runner.run_stream(
        agent,
        message,
        conversation_id=options.conversation,
        config_override=_get_overrides(options, config),
        model_override=config.model if options.model else None,
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
            _account(stream.response, config, session, presenter, watcher.get_writing_ms())


def _account(
    response: AgentResponse,
    config: LLMConfig,
    session: Session,
    presenter: Presenter,
    writing_ms: int,
) -> None:
    """Put the run's usage into the footer and into the ledger, however it ended."""
    usage = response.total_usage
    cost = get_cost(usage, response.model, config)
    session.note_usage(response.model, usage, cost, config=config)
    footer = describe_usage(usage, writing_ms)
    footer |= {"model": response.model, "cost_usd": cost, "stop_reason": response.stop_reason}
    presenter.push("footer", footer)


def _get_overrides(options: CellOptions, config: LLMConfig) -> dict[str, Any]:
    """The fields of AgentConfig that the cell sets; the agent's own hold for the rest."""
    overrides: dict[str, Any] = {"transport_max_retries": config.max_retries}
    if options.agent is None:
        overrides["max_tokens_per_turn"] = config.max_tokens
        overrides["parallel_tool_calls"] = True
    if options.max_tokens is not None:
        overrides["max_tokens_per_turn"] = options.max_tokens
    if options.temperature is not None:
        overrides["temperature"] = options.temperature
    if options.thinking:
        overrides["thinking"] = True
        if options.thinking is not True:
            overrides["thinking_budget_tokens"] = options.thinking
    if options.max_cost_usd is not None:
        overrides["max_cost_usd"] = options.max_cost_usd
    return overrides


def build_message(options: CellOptions, body: str, namespace: Mapping[str, Any]) -> Message:
    """The user's message: the body with its expressions in place, and the images of --image.

    Raises InterpolationError, OptionError."""
    if not body.strip():
        raise OptionError("The cell has no text to send. Write the question under %%lauren.")
    parts = interpolate(body.strip(), namespace)
    for name in options.images:
        value = find_name(name, namespace, option="--image")
        try:
            parts.append(load_image(value))
        except (TypeError, ValueError) as exc:
            raise OptionError(f"--image {name}: {exc}") from exc
        except OSError as exc:
            raise OptionError(f"--image {name}: {exc.strerror}: {exc.filename!r}.") from exc
    if all(isinstance(part, str) for part in parts):
        return Message.user("".join(str(part) for part in parts))
    return Message.from_multimodal("user", parts)
