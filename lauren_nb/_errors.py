"""The errors of the notebook layer, raised before a model is asked.

It owns their names and words, and how one shows as its message alone; when it does is the business
of who runs what failed.

    LaurenAIError
    ├── OptionError
    └── InterpolationError
"""

from __future__ import annotations

from lauren_ai import LaurenAIError


class OptionError(LaurenAIError):
    """The line of `%%lauren` cannot be understood. The message is one line and says what to do."""


class InterpolationError(LaurenAIError):
    """A `{{ expr }}` of the cell's body failed; the exception that it raised is `__cause__`.

    Attributes:
        expression: the expression as written, without braces.
        line: its line in the body, from 1.
    """

    def __init__(self, message: str, *, expression: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.expression = expression
        self.line = line


def show_only(error: BaseException, message: str) -> None:
    """Show `message` in place of the traceback, once: `%tb` then has the whole."""

    def render() -> list[str]:
        del error._render_traceback_  # type: ignore[attr-defined]
        return [message]

    error._render_traceback_ = render  # type: ignore[attr-defined]
