"""Numbers as the footer writes them. js/src/format.ts writes the same in the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def format_tokens(count: int) -> str:
    """`1,234`."""
    return f"{count:,}"


def format_cost(usd: float) -> str:
    """US dollars with two digits that mean something: `$1.25`, `$0.0021`, `<$0.0001`."""
    if usd == 0:
        return "$0"
    if usd < 0.0001:
        return "<$0.0001"
    return f"${usd:.2f}" if usd >= 0.1 else f"${usd:.4f}"


def format_elapsed(ms: int) -> str:
    """`0.4 s`, `42 s`, `3 min 5 s`."""
    seconds = ms / 1000
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


_PLAIN_STOPS = frozenset({"end_turn", "tool_use", "stop_sequence"})
_STOPS = {
    "max_tokens": "cut at the token limit",
    "refusal": "refused",
    "content_filter": "cut by a content filter",
    "context_window": "cut at the end of the context window",
}


def footer_line(footer: Mapping[str, Any]) -> str:
    """`claude-… · 12 in (3 cached) · 340 out · $0.0021 · 4.2 s`; what is not known is left out.

    `elapsed_ms` may stand among the footer's values.
    """
    parts = [str(footer["model"])] if footer.get("model") else []
    if footer.get("input_tokens") is not None:
        cached = footer.get("cache_read_tokens") or 0
        sent = footer["input_tokens"] + cached + (footer.get("cache_write_tokens") or 0)
        note = f" ({format_tokens(cached)} cached)" if cached else ""
        parts.append(f"{format_tokens(sent)} in{note}")
    if footer.get("output_tokens") is not None:
        parts.append(f"{format_tokens(footer['output_tokens'])} out")
    if footer.get("cost_usd") is not None:
        parts.append(format_cost(footer["cost_usd"]))
    if footer.get("elapsed_ms") is not None:
        parts.append(format_elapsed(footer["elapsed_ms"]))
    if footer.get("tokens_per_s"):
        parts.append(f"{footer['tokens_per_s']:.0f} tok/s")
    stop = footer.get("stop_reason")
    if stop and stop not in _PLAIN_STOPS:
        parts.append(_STOPS.get(stop, stop))
    return " · ".join(parts)
