"""Runs Python code in the user's namespace inside a cell that already runs. It shows nothing.

`run_cell` would send the error of a failing tool to the page as the cell's own.
"""

from __future__ import annotations

import ast
import inspect
import io
import traceback
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from types import CodeType

from IPython.core.interactiveshell import InteractiveShell

FILENAME = "<run_python>"


@dataclass(frozen=True, slots=True)
class Execution:
    """What code printed, the value of its last expression, and the traceback if it failed."""

    printed: str
    value: object
    error: str | None


async def execute(code: str, *, shell: InteractiveShell) -> Execution:
    """Run `code` as a cell would: magics, top-level await, the last expression's value.

    The code's own exception is a result, not raised; an interrupt goes through."""
    printed = io.StringIO()
    value: object = None
    error: str | None = None
    with redirect_stdout(printed), redirect_stderr(printed):
        try:
            for block in _compile(shell.input_transformer_manager.transform_cell(code)):
                value = eval(block, shell.user_global_ns, shell.user_ns)
                if inspect.iscoroutine(value):
                    value = await value
        except Exception as exc:  # noqa: BLE001 - any exception of the code is its result
            error = _format_error(exc)
    return Execution(printed.getvalue(), value, error)


def _compile(source: str) -> list[CodeType]:
    """The statements, then the last expression by itself so that its value can be had."""
    tree = ast.parse(source, FILENAME)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        return [compile(tree, FILENAME, "exec", flags=flags)]
    tree.body.pop()
    expression = ast.Expression(last.value)
    return [
        compile(tree, FILENAME, "exec", flags=flags),
        compile(expression, FILENAME, "eval", flags=flags),
    ]


def _format_error(exc: Exception) -> str:
    """The traceback from the code's own first line on."""
    trace = exc.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != FILENAME:
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(exc), exc, trace))
