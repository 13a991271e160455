"""Numbers as the footer writes them. js/src/text/format.ts writes the same in the page.

tests/formats.json holds both to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import floor
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
    """`0.4 s`, `42 s`, `3 min 5 s`; halves are rounded up, as JavaScript does."""
    tenths = _round(ms / 100)
    if tenths < 100:
        return f"{tenths / 10:.1f} s"
    seconds = _round(ms / 1000)
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min {seconds % 60} s"


def _round(value: float) -> int:
    return floor(value + 0.5)


_PLAIN_STOPS = frozenset({"end_turn", "tool_use", "stop_sequence"})
_STOPS = {
    "max_tokens": "cut at the token limit",
    "refusal": "refused",
    "content_filter": "cut by a content filter",
    "context_window": "cut at the end of the context window",
    "max_turns": "ended at the limit of turns",
    "budget_exceeded": "ended at the limit of cost",
}


def footer_line(footer: Mapping[str, Any]) -> str:
    """`claude-… · 12 in (3 cached) · 340 out · $0.0021 · 4.2 s`; what is not known is left out,
    what is a guess begins with `~`.

    `elapsed_ms` may stand among the footer's values.
    """
    about = "~" if footer.get("is_estimated") else ""
    parts = [str(footer["model"])] if footer.get("model") else []
    parts += [about + part for part in (*_describe_input(footer), *_describe_output(footer))]
    if footer.get("cost_usd") is not None:
        parts.append(about + format_cost(footer["cost_usd"]))
    if footer.get("elapsed_ms") is not None:
        parts.append(format_elapsed(footer["elapsed_ms"]))
    if footer.get("tokens_per_s"):
        parts.append(f"{_round(footer['tokens_per_s'])} tok/s")
    stop = footer.get("stop_reason")
    if stop and stop not in _PLAIN_STOPS:
        parts.append(_STOPS.get(stop, stop))
    return " · ".join(parts)


def _describe_input(footer: Mapping[str, Any]) -> Iterator[str]:
    if footer.get("input_tokens") is None:
        return
    cached = footer.get("cache_read_tokens") or 0
    written = footer.get("cache_write_tokens") or 0
    notes = [f"{format_tokens(cached)} cached"] if cached else []
    notes += [f"{format_tokens(written)} written to cache"] if written else []
    sent = format_tokens(footer["input_tokens"] + cached + written)
    yield f"{sent} in ({', '.join(notes)})" if notes else f"{sent} in"


def _describe_output(footer: Mapping[str, Any]) -> Iterator[str]:
    if footer.get("output_tokens") is None:
        return
    thought = footer.get("reasoning_tokens")
    note = f" ({format_tokens(thought)} thinking)" if thought else ""
    yield f"{format_tokens(footer['output_tokens'])} out{note}"
