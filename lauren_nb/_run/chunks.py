"""Turns the chunks of one response into operations of a turn, and tells why a person waits.

It starts and stops nothing; agents and chains have their own watchers above it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from lauren_ai import CompletionChunk, LLMConfig, LLMService, TokenUsage
from lauren_ai.types import RetryNotice
from lauren_nb._display.presenters import Presenter
from lauren_nb._protocol import Footer, Push

PROGRESS_STEP = 1 << 20
#: Seconds before a wait for an import is worth a word.
LOADING_TOLD_S = 0.2


class ChunkWriter:
    """Made for one run, or for one step of a run."""

    def __init__(self, presenter: Presenter) -> None:
        self._push = presenter.push
        self._presenter = presenter
        self._thinking = False
        self._has_begun = False
        self._writing_ms = 0
        self._began_ms: int | None = None  # when the response that is being written began
        self._last_ms = 0
        #: What the provider tells beside the answer, from its last chunk on.
        self.metadata: Mapping[str, Any] = {}

    def show(self, chunk: CompletionChunk) -> None:
        """Show what one chunk brought."""
        self._last_ms = self._presenter.turn.elapsed_ms
        if self._began_ms is None:
            self._began_ms = self._last_ms
        if not self._has_begun:
            self._has_begun = True
            self._push("status", "streaming")
        if chunk.stop_reason is not None:
            self.metadata = chunk.provider_metadata or {}
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

    def end_response(self) -> None:
        """A response is whole: until the next one comes, tools run and people decide."""
        self._writing_ms = self.get_writing_ms()
        self._began_ms = None

    def get_writing_ms(self) -> int:
        """Milliseconds from the first to the last chunk of each response: no wait is the model's
        pace, be it for its first word, for a tool or for a person."""
        began = self._last_ms if self._began_ms is None else self._began_ms
        return self._writing_ms + self._last_ms - began


def describe_usage(usage: TokenUsage | None, writing_ms: int) -> Footer:
    """Usage as the footer has it. Pace is None where the time is too short to mean anything."""
    if usage is None:
        return {}
    pace = usage.output_tokens * 1000 / writing_ms if writing_ms >= 100 else None
    footer: Footer = {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "tokens_per_s": round(pace, 1) if pace is not None else None,
    }
    if usage.is_estimated:
        footer["is_estimated"] = True
    return footer


async def load_sdk(service: LLMService, push: Push) -> None:
    """Import what a provider needs; it takes seconds in a fresh kernel, which are told."""
    loading = asyncio.ensure_future(service.load())
    try:
        done, _ = await asyncio.wait({loading}, timeout=LOADING_TOLD_S)
        if not done:
            push("notice", "Loading the SDK")
            await loading
            push("notice", "")
        loading.result()
    finally:
        loading.cancel()
