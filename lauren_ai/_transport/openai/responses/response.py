"""Reads what a response of OpenAI's says of itself besides its items. It does no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lauren_ai._json import read_count
from lauren_ai._streaming.accumulate import MAX_UNKNOWN
from lauren_ai._usage import TokenUsage

#: What has a place of its own, and what only repeats the request.
_KNOWN = frozenset(
    """id object model output output_text usage status error created_at completed_at instructions
    metadata tools tool_choice parallel_tool_calls temperature top_p top_logprobs background
    conversation image max_output_tokens max_tool_calls previous_response_id prompt prompt_cache_key
    prompt_cache_options prompt_cache_retention reasoning safety_identifier store text truncation
    user frequency_penalty presence_penalty billing content_filters access_programs""".split()
)


def keep_others(metadata: dict[str, Any], response: Mapping[str, Any]) -> None:
    """Into `metadata` what no field of ours is for: the tier, searches, why it is incomplete."""
    for key, value in response.items():
        known = key in _KNOWN or key.startswith("unknown_")
        if value is not None and not known and len(metadata) < MAX_UNKNOWN:
            metadata[key] = value


def build_usage(usage: object, output: object = ()) -> TokenUsage | None:
    """None where the counts did not come. The input counts what was cached, ours does not. The
    searches in `output` have a price of their own."""
    if not isinstance(usage, dict):
        return None
    read, written = (read_count(usage.get(name)) for name in ("input_tokens", "output_tokens"))
    if read is None or written is None:
        return None
    from_cache = _get_detail(usage, "input_tokens_details", "cached_tokens")
    to_cache = _get_detail(usage, "input_tokens_details", "cache_write_tokens")
    reasoning = _get_detail(usage, "output_tokens_details", "reasoning_tokens")
    new = max(0, read - from_cache - to_cache)
    told = dict(usage)
    if searches := _count_searches(output):
        told["server_tool_use"] = {"web_search_requests": searches}
    return TokenUsage(new, written, from_cache, to_cache, reasoning, told)


def _count_searches(output: object) -> int:
    """Searches of the web: to open a page, or to look in it, costs its tokens alone."""
    items = [i for i in output if isinstance(i, dict)] if isinstance(output, list) else []
    actions = [i.get("action") for i in items if i.get("type") == "web_search_call"]
    return sum(isinstance(a, dict) and a.get("type") == "search" for a in actions)


def _get_detail(usage: Mapping[str, Any], group: str, name: str) -> int:
    details = usage.get(group)
    return (read_count(details.get(name)) or 0) if isinstance(details, dict) else 0
