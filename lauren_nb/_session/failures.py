"""Keeps the last cell that failed, as `%lauren fix` sends it. It asks nobody.

What is kept is text: no exception and no frame, so that nothing of the cell stays alive here.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import Any

from lauren_ai._secrets import Scrubber, find_environment_secrets
from lauren_nb._cuts import cut_end
from lauren_nb._markdown.text import write_fence

MAX_CHARS = 4_000  # of the error; its end says what went wrong
MAX_SOURCE_CHARS = 20_000
_FRAMES = 8
_OWN = ("%lauren fix",)


@dataclass(frozen=True, slots=True)
class FailedCell:
    """A cell's source as the user wrote it, and its error without the values of variables."""

    source: str
    error: str

    def write(self) -> str:
        """Both as fenced blocks, which neither can end."""
        source = write_fence(self.source, "python", nested=False)
        return "\n".join([*source, "", *write_fence(self.error, "", nested=False)])


class FailureLog:
    """Made for one session, which registers `note` for IPython's `post_run_cell`."""

    def __init__(self) -> None:
        self.last: FailedCell | None = None

    def note(self, result: Any) -> None:
        """Keep the cell of this ExecutionResult if it failed. One that a person stopped, or that
        only asked for a fix, is no failure to explain."""
        error = result.error_before_exec or result.error_in_exec
        source = getattr(result.info, "raw_cell", None) or ""
        if not isinstance(error, Exception) or any(own in source for own in _OWN):
            return
        self.last = FailedCell(
            cut_end(source, MAX_SOURCE_CHARS, mark="\n# … (cut here)"), _describe(error)
        )


def _describe(error: Exception) -> str:
    """The last frames and the message, less the keys of the environment and what looks like one."""
    told = traceback.TracebackException(
        type(error), error, error.__traceback__, limit=-_FRAMES, capture_locals=False
    )
    text = Scrubber(find_environment_secrets()).scrub_text("".join(told.format(chain=False)))
    return text if len(text) <= MAX_CHARS else "…" + text[-MAX_CHARS:]
