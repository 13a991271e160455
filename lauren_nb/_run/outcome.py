"""How a cell's run ends: what is shown of an interrupt or a failure before it goes on.

It knows no model and no step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from lauren_ai import LaurenAIError, TransportError
from lauren_ai.errors import CassetteError, CassetteMissError
from lauren_nb._display.presenters import Presenter
from lauren_nb._kernel.interrupts import heartbeat


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
