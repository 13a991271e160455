"""Makes the magics awaited: a cell that is `%%lauren` becomes a top-level await.

IPython does not await an async magic. The transformers add the `await`, and the flag `--awaited`
that tells the magic so. Where a cell is already running (`%%time`, `%%capture`, which transform and
run their body inside their own call) or `%autoawait` is off, an await could not be served: there
the line stays as it is.
"""

from __future__ import annotations

import re
import sys
from tokenize import DEDENT, INDENT, TokenInfo
from types import FrameType

from IPython.core.getipython import get_ipython
from IPython.core.inputtransformer2 import EscapedCommand, TransformerManager
from IPython.core.interactiveshell import InteractiveShell

_CALL = re.compile(r"^(get_ipython\(\)\.run_(?:cell|line)_magic\('lauren', )(['\"])")
_RUNS_A_CELL = InteractiveShell.run_code.__code__


def install(manager: TransformerManager) -> None:
    """Add the transformers, after IPython's own of whole cells, before its own of lines."""
    manager.line_transforms.append(await_magics)
    manager.token_transformers.append(AwaitedLineMagic)


def uninstall(manager: TransformerManager) -> None:
    """Take the transformers out again."""
    manager.line_transforms.remove(await_magics)
    manager.token_transformers.remove(AwaitedLineMagic)


def await_magics(lines: list[str]) -> list[str]:
    """The lines with `await` before each of our calls that begins a line."""
    if _is_inside_a_cell() or not _can_await():
        return lines
    return [_CALL.sub(r"await \1\2--awaited ", line) for line in lines]


class AwaitedLineMagic(EscapedCommand):
    """Transforms `%lauren` where it begins a line; made by IPython for each one that it finds.

    IPython reads lines by tokens, so that the text of a string is never taken for a magic.
    """

    priority = EscapedCommand.priority - 1

    @classmethod
    def find(cls, tokens_by_line: list[list[TokenInfo]]) -> AwaitedLineMagic | None:
        for line in tokens_by_line:
            words = [token for token in line if token.type not in (INDENT, DEDENT)][:2]
            if [word.string for word in words] == ["%", "lauren"] and words[0].start[1] == 0:
                return cls(words[0].start)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        return await_magics(super().transform(lines))  # type: ignore[no-untyped-call]


def _can_await() -> bool:
    """Whether a cell may await: `%autoawait off` forbids it."""
    shell = get_ipython()
    return shell is None or bool(shell.autoawait)


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
