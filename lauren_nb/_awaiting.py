"""Makes the magics awaited: a cell that is `%%lauren` becomes a top-level await.

IPython does not await an async magic. The transformer adds the `await`, and the flag `--awaited`
that tells the magic so. Where a cell is already running (`%%time`, `%%capture`, which transform and
run their body inside their own call), an await could not be served: there the line stays as it is.
"""

from __future__ import annotations

import re
import sys
from types import FrameType

from IPython.core.interactiveshell import InteractiveShell

_CALL = re.compile(r"^(get_ipython\(\)\.run_(?:cell|line)_magic\('lauren', )(['\"])")
_RUNS_A_CELL = InteractiveShell.run_code.__code__


def await_magics(lines: list[str]) -> list[str]:
    """The lines with `await` before each of our calls that begins a line: an IPython line
    transformer, to stand after IPython's own."""
    if _is_inside_a_cell():
        return lines
    return [_CALL.sub(r"await \1\2--awaited ", line) for line in lines]


def _is_inside_a_cell() -> bool:
    """Whether the code that asks for a transformation is itself run by a cell.

    The call stack says so; IPython's events do not: `run_cell_async` reports no end.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code is _RUNS_A_CELL:
            return True
        frame = frame.f_back
    return False
