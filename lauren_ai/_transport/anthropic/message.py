"""Reads what a message of Anthropic's says of itself besides its blocks. It does no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lauren_ai._json import read_count
from lauren_ai._streaming.accumulate import MAX_UNKNOWN
from lauren_ai._usage import TokenUsage

#: What has a place of its own; the last is a name of ours, which no server may take.
_KNOWN = frozenset(
    """type id role model content usage delta stop_reason stop_sequence
    malformed_server_tool_inputs""".split()
)


def keep_others(metadata: dict[str, Any], value: Mapping[str, Any]) -> None:
    """Into `metadata` what no field of ours is for: a container, why the model refused."""
    for key, other in value.items():
        known = key in _KNOWN or key.startswith("unknown_")
        if other is not None and not known and len(metadata) < MAX_UNKNOWN:
            metadata[key] = other


def build_usage(usage: Mapping[str, Any]) -> TokenUsage | None:
    """None where neither count came."""
    read, written = (read_count(usage.get(name)) for name in ("input_tokens", "output_tokens"))
    if read is None and written is None:
        return None
    details = usage.get("output_tokens_details")
    reasoning = details.get("thinking_tokens") if isinstance(details, dict) else None
    return TokenUsage(
        read or 0,
        written or 0,
        read_count(usage.get("cache_read_input_tokens")) or 0,
        read_count(usage.get("cache_creation_input_tokens")) or 0,
        read_count(reasoning) or 0,
        dict(usage),
    )


def without_nulls(usage: Mapping[str, Any] | None) -> dict[str, Any]:
    return {k: v for k, v in usage.items() if v is not None} if usage else {}
