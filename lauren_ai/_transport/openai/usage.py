"""Reads the usage of a chat completions response, in every vendor's fields. It prices nothing.

Sources: https://platform.openai.com/docs/api-reference/chat/object (cached, written, reasoning),
https://api-docs.deepseek.com/guides/kv_cache (prompt_cache_hit_tokens),
https://platform.moonshot.ai/docs/api/chat (cached_tokens beside the counts), LiteLLM and
OpenRouter (Anthropic's names), https://docs.x.ai/docs/guides/reasoning and Gemini's endpoint (the
total tells of thinking that `completion_tokens` leaves out).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lauren_ai._json import read_count
from lauren_ai._usage import TokenUsage

_PROMPT = "prompt_tokens_details"
_CACHED = (
    (_PROMPT, "cached_tokens"),
    "prompt_cache_hit_tokens",
    "cached_tokens",
    "cache_read_input_tokens",
    "num_cached_tokens",
)
_WRITTEN = (
    (_PROMPT, "cache_write_tokens"),
    (_PROMPT, "cache_creation_tokens"),
    (_PROMPT, "cache_creation_input_tokens"),
    "cache_creation_input_tokens",
)
_REASONING = (("completion_tokens_details", "reasoning_tokens"), "reasoning_tokens")


def build_usage(usage: Mapping[str, Any], *, vendor: str = "") -> TokenUsage | None:
    """None where the counts are no counts. `prompt_tokens` holds the cached ones, ours do not.
    `vendor` is the model's."""
    prompt = read_count(usage.get("prompt_tokens"))
    output = read_count(usage.get("completion_tokens"))
    if prompt is None or output is None:
        return None
    cached = min(prompt, _find(usage, _CACHED))
    written = min(prompt - cached, _find(usage, _WRITTEN))
    reasoning = _find(usage, _REASONING)
    # xAI and Gemini count the thinking beside the answer: it is billed as output. Of Gemini's the
    # total alone tells; of others a proxy may have made it up.
    beside = (read_count(usage.get("total_tokens")) or 0) - prompt - output
    if beside > 0 and (reasoning == beside or (vendor == "google" and not reasoning)):
        reasoning = beside
        output += beside
    return TokenUsage(prompt - cached - written, output, cached, written, reasoning, dict(usage))


def _find(usage: Mapping[str, Any], places: Iterable[str | tuple[str, str]]) -> int:
    """The first count that is told; 0 where none is."""
    for place in places:
        group, name = place if isinstance(place, tuple) else (None, place)
        values = usage.get(group) if group else usage
        if isinstance(values, Mapping) and (count := read_count(values.get(name))):
            return count
    return 0
