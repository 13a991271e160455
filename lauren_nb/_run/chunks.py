"""Turns the chunks of one response into operations of a turn, and tells why a person waits.

It starts and stops nothing; agents and chains have their own watchers above it.
"""

from __future__ import annotations

import asyncio

from lauren_ai import CompletionChunk, LLMConfig, TokenUsage
from lauren_ai.types import RetryNotice
from lauren_nb._display.presenters import Presenter
from lauren_nb._protocol import Footer

PROGRESS_STEP = 1 << 20


class ChunkWriter:
    """Made for one run, or for one step of a run."""

    def __init__(self, presenter: Presenter) -> None:
        self._push = presenter.push
        self._presenter = presenter
        self._thinking = False
        self._first_chunk_ms: int | None = None

    def show(self, chunk: CompletionChunk) -> None:
        """Show what one chunk brought."""
        if self._first_chunk_ms is None:
            self._first_chunk_ms = self._presenter.turn.elapsed_ms
            self._push("status", "streaming")
        thinking = chunk.thinking_delta or chunk.reasoning_content_delta
        call = chunk.tool_call_delta
        if thinking:
            self._thinking = True
            self._push("thinking", thinking)
        elif self._thinking and (chunk.delta or call or chunk.stop_reason):
            self._thinking = False
            self._push("thinking_end", self._presenter.turn.get_thinking_ms())
        if chunk.delta:
            self._push("text", chunk.delta)
        if call is not None:
            self.show_call(call.tool_use_id, call.name, call.input_delta)

    def show_call(self, call_id: str, name: str | None, text: str) -> None:
        """Show what a chunk brought of a tool call; `name` comes with its first."""
        if name is not None:
            self._push("tool", call_id, name)
        if text:
            self._push("args", call_id, text)

    def note_retry(self, notice: RetryNotice) -> None:
        """Tell the person why they wait."""
        reason = str(notice.error).split(". ")[0]
        self._push(
            "notice",
            f"{reason}. Trying again in {notice.delay:.1f} s "
            f"(attempt {notice.attempt} of {notice.attempts}).",
        )

    def note(self, text: str) -> None:
        """Tell the person what a request had to leave out."""
        self._push("notice", text)

    def watch_fetch(self, config: LLMConfig) -> None:
        """Show the one-time fetch of an embedded model's weights as a progress bar."""
        if config.provider != "local":
            return
        from lauren_ai._transport.local import fetch_progress

        loop = asyncio.get_running_loop()
        shown = -PROGRESS_STEP

        def report(done: int, total: int | None) -> None:  # called in a thread
            nonlocal shown
            if done - shown >= PROGRESS_STEP or done == total:
                shown = done
                label = f"Fetching {config.model}, once for this machine"
                loop.call_soon_threadsafe(self._push, "progress", label, done, total)

        fetch_progress.set(report)

    def get_writing_ms(self) -> int:
        """Milliseconds since the first chunk: the wait before it is not the model's pace."""
        return self._presenter.turn.elapsed_ms - (self._first_chunk_ms or 0)


def describe_usage(usage: TokenUsage | None, writing_ms: int) -> Footer:
    """Usage as the footer has it. Pace is None where the time is too short to mean anything."""
    if usage is None:
        return {}
    pace = usage.output_tokens * 1000 / writing_ms if writing_ms >= 100 else None
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "tokens_per_s": round(pace, 1) if pace is not None else None,
    }
