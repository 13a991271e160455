"""Runs one cell: the stream of a model's answer into a presenter, and what stays afterwards.

It parses no option and draws nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from lauren_ai import (
    CompletionChunk,
    CompletionStream,
    LaurenAIError,
    LLMConfig,
    Message,
    RetryNotice,
    TokenUsage,
    TransportError,
)
from lauren_nb._errors import OptionError
from lauren_nb._heartbeat import heartbeat
from lauren_nb._images import load_image
from lauren_nb._interpolate import interpolate
from lauren_nb._models import resolve
from lauren_nb._options import CellOptions
from lauren_nb._presenters import Presenter, make_presenter
from lauren_nb._session import Session
from lauren_nb._turn import Turn

PROGRESS_STEP = 1 << 20


async def run_cell(options: CellOptions, body: str, *, session: Session) -> None:
    """Ask the model and show its answer while it comes.

    Raises LaurenAIError before anything is sent (options, names, interpolation) or when the
    provider fails; asyncio.CancelledError when a person stops it. In the last two cases the
    partial answer is shown, marked, and kept in the variable of `-o`.
    """
    _refuse_unfinished(options)
    config = session.choose(options.model)
    message = build_message(options, body, session.shell.user_ns)
    task = asyncio.current_task()
    assert task is not None
    turn = Turn(format=options.format)
    presenter = make_presenter(session.shell, turn, on_stop=task.cancel)
    presenter.push("footer", {"model": config.model, "provider": config.provider})
    run = CellRun(options, message, session=session, presenter=presenter)
    with heartbeat():
        try:
            await run.stream(config)
        except (asyncio.CancelledError, KeyboardInterrupt):  # awaited, and blocking
            presenter.push("status", "interrupted")
            raise
        except Exception as error:
            message = str(error) if isinstance(error, LaurenAIError) else repr(error)
            presenter.push("error", {"title": _get_title(error), "message": message})
            presenter.push("status", "error")
            raise
        finally:
            run.keep()
            presenter.finish()


def build_message(options: CellOptions, body: str, namespace: Mapping[str, Any]) -> Message:
    """The user's message: the body with its expressions in place, and the images of --image.

    Raises InterpolationError, OptionError."""
    if not body.strip():
        raise OptionError("The cell has no text to send. Write the question under %%lauren.")
    parts = interpolate(body.strip(), namespace)
    for name in options.images:
        if name not in namespace:
            raise OptionError(f"--image {name}: there is no variable of that name.")
        try:
            parts.append(load_image(namespace[name]))
        except (TypeError, ValueError) as exc:
            raise OptionError(f"--image {name}: {exc}") from exc
    if all(isinstance(part, str) for part in parts):
        return Message.user("".join(str(part) for part in parts))
    return Message.from_multimodal("user", parts)


class CellRun:
    """One run of one cell, from the request to what it leaves in the session."""

    def __init__(
        self, options: CellOptions, message: Message, *, session: Session, presenter: Presenter
    ) -> None:
        self._options = options
        self._message = message
        self._session = session
        self._presenter = presenter
        self._thinking = False
        self._first_chunk_ms: int | None = None

    async def stream(self, config: LLMConfig) -> None:
        """Feed the presenter from the model's stream until it ends. Raises TransportError."""
        config = await resolve(config)
        self._presenter.push("footer", {"model": config.model})
        self._watch_fetch(config)
        options = self._options
        history = self._session.conversations.get(options.conversation or "", [])
        budget = options.thinking if type(options.thinking) is int else 8000
        stream = self._session.get_service(config).complete_stream(
            [*history, self._message],
            system=options.system,
            max_tokens=options.max_tokens,
            temperature=options.temperature,
            thinking=bool(options.thinking),
            thinking_budget_tokens=budget,
            on_retry=self._note_retry,
        )
        async for chunk in stream:
            self._show(chunk)
        self._end(stream)

    def keep(self) -> None:
        """Leave the answer, whole or not, where the options say."""
        if self._options.output:
            self._session.shell.user_ns[self._options.output] = self._presenter.turn.text

    def _show(self, chunk: CompletionChunk) -> None:
        push = self._presenter.push
        if self._first_chunk_ms is None:
            self._first_chunk_ms = self._presenter.turn.elapsed_ms
            push("status", "streaming")
        thinking = chunk.thinking_delta or chunk.reasoning_content_delta
        if thinking:
            self._thinking = True
            push("thinking", thinking)
        elif self._thinking and (chunk.delta or chunk.stop_reason):
            self._thinking = False
            push("thinking_end", self._presenter.turn.get_thinking_ms())
        if chunk.delta:
            push("text", chunk.delta)

    def _end(self, stream: CompletionStream) -> None:
        completion = stream.completion
        cost = self._session.note_usage(completion.model, completion.usage)
        self._presenter.push(
            "footer",
            {
                "model": completion.model,
                "stop_reason": completion.stop_reason,
                "cost_usd": cost,
                **_describe_usage(completion.usage, self._get_writing_ms()),
            },
        )
        self._presenter.push("status", "done")
        if self._options.conversation:
            history = self._session.conversations.setdefault(self._options.conversation, [])
            history += [self._message, completion.message()]

    def _get_writing_ms(self) -> int:
        """Milliseconds since the first chunk: the wait before it is not the model's pace."""
        return self._presenter.turn.elapsed_ms - (self._first_chunk_ms or 0)

    def _note_retry(self, notice: RetryNotice) -> None:
        reason = str(notice.error).split(". ")[0]
        self._presenter.push(
            "notice",
            f"{reason}. Trying again in {notice.delay:.1f} s "
            f"(attempt {notice.attempt} of {notice.attempts}).",
        )

    def _watch_fetch(self, config: LLMConfig) -> None:
        """Show the one-time fetch of an embedded model's weights as a progress bar."""
        if config.provider != "local":
            return
        from lauren_ai._transport._local import fetch_progress

        loop = asyncio.get_running_loop()
        shown = -PROGRESS_STEP

        def report(done: int, total: int | None) -> None:  # called in a thread
            nonlocal shown
            if done - shown >= PROGRESS_STEP or done == total:
                shown = done
                label = f"Fetching {config.model}, once for this machine"
                loop.call_soon_threadsafe(
                    self._presenter.push, "progress", label, done, total
                )

        fetch_progress.set(report)


def _describe_usage(usage: TokenUsage | None, writing_ms: int) -> dict[str, Any]:
    if usage is None:
        return {}
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "tokens_per_s": _get_pace(usage.output_tokens, writing_ms),
    }


def _get_pace(tokens: int, writing_ms: int) -> float | None:
    """Tokens a second; None where the time is too short to mean anything."""
    return round(tokens * 1000 / writing_ms, 1) if writing_ms >= 100 else None


def _get_title(error: Exception) -> str:
    if isinstance(error, TransportError):
        return f"{error.provider or 'The provider'} failed"
    return "The run failed"


def _refuse_unfinished(options: CellOptions) -> None:
    """Options that are read and explained already, but do nothing yet."""
    given = {
        "-t": options.tools,
        "-a": options.agent,
        "--max-cost": options.max_cost_usd,
        "chain": options.chain,
    }
    for name, value in given.items():
        if value:
            raise OptionError(f"{name} is not in this version yet; the changelog says when it is.")
