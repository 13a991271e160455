"""Tools for people who work with data: `%%lauren -t kernel` brings them all.

They look at and run code in this kernel. What runs code asks a person, always; what only looks
at variables does not.
"""

from __future__ import annotations

import inspect
from itertools import islice
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell

from lauren_ai import ToolExecutionError, get_tool, tool
from lauren_nb._approval.approver import ALWAYS_ASKS
from lauren_nb._cuts import cut_middle, cut_rows
from lauren_nb._kernel.execution import execute
from lauren_nb._prompt.content import to_content
from lauren_nb._prompt.namespace import get_own_variables
from lauren_nb._prompt.tables import is_frame

#: Characters of a result that the model reads; what is longer loses its middle.
MAX_RESULT = 8_000
MAX_VARIABLES = 200
MAX_COLUMNS = 100
MAX_ITEMS = 1_000
_CONTAINERS = (list, tuple, dict, set, frozenset)

__all__ = ["dataframe_info", "inspect_variable", "list_variables", "run_python"]


@tool(requires_confirmation=True)
async def run_python(code: str) -> str:
    """Run Python code in the user's notebook namespace.

    Variables that the code sets stay. Returns what it prints and the value of its last expression,
    or the traceback.

    Args:
        code: the code of one notebook cell; magics and top-level await work.
    """
    done = await execute(code, shell=_get_shell())
    parts = [done.printed.rstrip()]
    if done.error is not None:
        parts.append(done.error.rstrip())
    elif done.value is not None:
        parts.append(_write(done.value))
    return cut_middle("\n".join(p for p in parts if p), MAX_RESULT) or "(done, no output)"


setattr(get_tool(run_python).origin, ALWAYS_ASKS, True)


@tool
def list_variables() -> str:
    """List the variables of the user's notebook with their types and sizes."""
    rows = [f"{name}: {_describe(value)}" for name, value in _get_variables().items()]
    return "\n".join(cut_rows(rows, MAX_VARIABLES)) or "The notebook has no variables yet."


@tool
def inspect_variable(name: str) -> str:
    """Show one variable of the user's notebook: its type, its value, its documentation.

    Args:
        name: the variable's name, not an expression.
    """
    value = _get_variable(name)
    is_code = inspect.isroutine(value) or inspect.isclass(value)
    text = inspect.getdoc(value) or "(no docstring)" if is_code else _write(_get_head(value))
    return cut_middle(f"{name}: {_describe(value)}\n{text}", MAX_RESULT)


@tool
def dataframe_info(name: str) -> str:
    """Describe a DataFrame of the user's notebook: columns, types, missing values, first rows.

    Args:
        name: the variable's name.
    """
    frame = _get_variable(name)
    if not is_frame(frame):
        raise ToolExecutionError(f"{name} is a {type(frame).__name__}, not a DataFrame.")
    columns = [f"{column}: {dtype}, {lost} missing" for column, dtype, lost in _get_columns(frame)]
    shown = cut_rows(columns, MAX_COLUMNS)
    lines = [f"{name}: {_describe(frame)}", "", "column: type, missing", *shown]
    return cut_middle("\n".join([*lines, "", _write(frame.head(5))]), MAX_RESULT)


def _get_shell() -> InteractiveShell:
    shell = get_ipython()
    if shell is None:
        raise ToolExecutionError("The kernel's tools work inside IPython only.")
    return shell


def _get_variables() -> dict[str, Any]:
    shell = _get_shell()
    return get_own_variables(shell.user_ns, shell.user_ns_hidden)


def _get_variable(name: str) -> Any:
    variables = _get_variables()
    if name not in variables:
        known = ", ".join(list(variables)[:20]) or "none"
        raise ToolExecutionError(f"There is no variable {name[:100]!r}. There are: {known}.")
    return variables[name]


def _describe(value: Any) -> str:
    kind = type(value).__name__
    try:
        shape = getattr(value, "shape", None)
        if isinstance(shape, tuple):
            return f"{kind} of shape {shape}"
        if isinstance(value, (*_CONTAINERS, str, bytes)):
            return f"{kind} of length {len(value)}"
    except Exception as exc:  # noqa: BLE001 - the value's own code: one that fails hides no other
        return f"{kind} ({type(exc).__name__} when looked at)"
    return kind


def _write(value: Any) -> str:
    try:
        content = to_content(value)
    except Exception as exc:  # noqa: BLE001 - the value's own code: its failure is the result
        return f"({type(value).__name__} cannot be shown: {type(exc).__name__}: {exc})"
    return content if isinstance(content, str) else "(an image)"


def _get_head(value: Any) -> Any:
    """The first items of a long container: all would be written, to be cut then."""
    if not isinstance(value, _CONTAINERS) or len(value) <= MAX_ITEMS:
        return value
    if isinstance(value, dict):
        return dict(islice(value.items(), MAX_ITEMS))
    return list(islice(value, MAX_ITEMS))


def _get_columns(frame: Any) -> list[tuple[str, str, int]]:
    """Name, type and missing values of each, by position: names may be there twice."""
    missing = frame.isna().sum() if hasattr(frame, "isna") else frame.null_count().row(0)
    return [
        (str(n), str(t), int(m))
        for n, t, m in zip(frame.columns, frame.dtypes, missing, strict=True)
    ]
