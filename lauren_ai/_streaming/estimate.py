"""What a request may use and cost, while or where its provider does not tell. It asks nobody.

What is written here is a guess, and marked as one; it counts where a response has no end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from lauren_ai._conversations.memory import BYTES_PER_TOKEN, estimate_content, estimate_tokens
from lauren_ai._pricing import Counts, get_cost_usd
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._types import CompletionChunk
from lauren_ai._usage import TokenUsage


def estimate_usage(prompt: Counts, snapshot: Accumulator) -> TokenUsage:
    """The input as the provider told at the start, else `prompt`; the output by what has come.
    Thinking that is not shown is not known."""
    output = sum(estimate_content(block.text.getvalue()) for block in snapshot.blocks)
    told = snapshot.usage
    if told is not None:
        return replace(told, output_tokens=max(told.output_tokens, output), is_estimated=True)
    written = prompt.cache_write + prompt.cache_write_1h
    return TokenUsage(prompt.input, output, prompt.cache_read, written, is_estimated=True)


def estimate_prompt(request: CompletionRequest) -> Counts:
    """Everything that is sent."""
    tools = [[t.name, t.description, t.input_schema] for t in request.tools]
    around = [request.system or "", json.dumps(tools) if tools else ""]
    messages = sum(map(estimate_tokens, request.messages))
    return Counts(sum(map(estimate_content, around)) + messages)


class CostMeter:
    """Made for one request under a limit of US dollars: what it may cost at most, and, fed with
    what comes, whether it costs more. Where the model has no price it never does."""

    def __init__(self, limit_usd: float, model: str, prompt: Counts) -> None:
        self.limit_usd = limit_usd
        self._model = model
        self._bytes = 0
        self._told: TokenUsage | None = None
        self._set_prompt(prompt)

    def get_most(self, max_tokens: int) -> float:
        """The cost of an answer of `max_tokens`."""
        return self._prompt_usd + max_tokens * self._token_usd

    def add(self, chunks: Iterable[CompletionChunk], told: TokenUsage | None) -> bool:
        """Whether the limit is passed. `told` is the usage so far, where the provider says it."""
        if told is not None and told is not self._told:
            self._told = told
            self._set_prompt(told.count()._replace(output=0))
        for chunk in chunks:
            thinking = chunk.thinking_delta or chunk.reasoning_content_delta or ""
            call = chunk.tool_call_delta.input_delta if chunk.tool_call_delta is not None else ""
            self._bytes += sum(
                len(t.encode("utf-8", "replace")) for t in (chunk.delta, thinking, call)
            )
        written = self._told.output_tokens if self._told is not None else 0
        tokens = max(written, self._bytes // BYTES_PER_TOKEN)
        return self.get_most(tokens) > self.limit_usd

    def _set_prompt(self, prompt: Counts) -> None:
        self._prompt_usd = get_cost_usd(self._model, prompt) or 0.0
        thousand = get_cost_usd(self._model, prompt._replace(output=1_000)) or 0.0
        self._token_usd = (thousand - self._prompt_usd) / 1_000
