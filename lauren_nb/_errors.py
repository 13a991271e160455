"""The errors of the notebook layer, raised before a model is asked.

It owns their names and words; how a cell shows them is the magic's business.

    LaurenAIError
    ├── OptionError
    └── InterpolationError
"""

from __future__ import annotations

from lauren_ai._exceptions import LaurenAIError


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
