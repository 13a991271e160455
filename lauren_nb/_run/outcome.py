"""How a cell's run ends: what is shown of an interrupt or a failure before it goes on.

It knows no model and no step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lauren_ai import LaurenAIError, TransportError
from lauren_ai.errors import CassetteError, CassetteMissError
from lauren_nb._cuts import cut_middle
from lauren_nb._display.presenters import Presenter
from lauren_nb._kernel.interrupts import heartbeat
from lauren_nb._protocol import Footer

#: Why an answer is not whole. Others of a provider's reasons are told in its own word.
_STOP_NOTES = {
    "max_tokens": "The answer is cut: it reached its limit of tokens. Raise --max-tokens, or ask "
    "the model to go on.",
    "refusal": "The model refused to answer.",
    "content_filter": "The answer is cut: the provider's content filter stopped it.",
    "context_window": "The answer is cut: the model's context is full. Begin a new conversation.",
    "max_turns": "The run ended at its limit of turns, before its answer. Ask it to go on.",
    "budget_exceeded": "The run ended at its limit of cost. Raise --max-cost to go on.",
}
_WHOLE = frozenset({"end_turn", "tool_use", "stop_sequence", "cancelled", "error"})
MAX_DETAIL = 500


def describe_stop(stop_reason: str, metadata: Mapping[str, Any] | None) -> Footer:
    """Why an answer ended, in words where it is not whole; `metadata` is the provider's."""
    note, detail = _STOP_NOTES.get(stop_reason), _describe_details(metadata or {})
    if note is None and stop_reason not in _WHOLE:
        note, detail = "The provider ended the answer.", detail or stop_reason
    return {
        "stop_reason": stop_reason,
        "stop_note": note,
        "stop_detail": detail if note else None,
    }


def _describe_details(metadata: Mapping[str, Any]) -> str | None:
    """The reason that a provider gave: Anthropic's category and explanation, Azure's filters."""
    words: list[str] = []
    details = metadata.get("stop_details")
    if isinstance(details, dict):
        said = (details.get(name) for name in ("category", "explanation"))
        words = [word for word in said if isinstance(word, str) and word.strip()]
    filters = metadata.get("content_filter_results")
    if isinstance(filters, dict):
        words += [
            str(name) for name, f in filters.items() if isinstance(f, dict) and f.get("filtered")
        ]
    return cut_middle(": ".join(words), MAX_DETAIL) or None


@contextmanager
def finished(presenter: Presenter) -> Iterator[None]:
    """Around a whole run: an end by a person or by an error is marked and raised on, and the
    resting output is left in any case."""
    with heartbeat():
        try:
            yield
        except (asyncio.CancelledError, KeyboardInterrupt):  # awaited, and blocking
            presenter.push("status", "interrupted")
            raise
        except Exception as error:
            presenter.push("error", {"title": _get_title(error), "message": _describe(error)})
            presenter.push("status", "error")
            raise
        finally:
            presenter.finish()


def _describe(error: Exception) -> str:
    """One of ours as it reads; a foreign one with what was noted on it: the step, say."""
    if isinstance(error, CassetteMissError):  # the diff stands under the cell, as it is
        return str(error).split("\n")[0]
    if isinstance(error, LaurenAIError):
        return str(error)
    return "\n".join([*getattr(error, "__notes__", ()), repr(error)])


def _get_title(error: Exception) -> str:
    if isinstance(error, CassetteError):
        return "The cassette failed"
    if isinstance(error, TransportError):
        return f"{error.provider or 'The provider'} failed"
    return "The run failed"
