"""Tools for people who work with data: `%%lauren -t kernel` brings them all.

They look at and run code in this kernel. What runs code asks a person, always; what only looks
at variables does not.
"""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell

from lauren_ai import ToolExecutionError, tool
from lauren_ai._tools import get_tool
from lauren_nb._approvals import ALWAYS_ASKS
from lauren_nb._content import to_content
from lauren_nb._execute import execute
from lauren_nb._tables import is_frame

#: Characters of a result that the model reads; what is longer loses its middle.
MAX_RESULT = 8_000
MAX_VARIABLES = 200

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
        value = to_content(done.value)
        parts.append(value if isinstance(value, str) else "(an image)")
    return shorten("\n".join(p for p in parts if p)) or "(done, no output)"


setattr(get_tool(run_python).origin, ALWAYS_ASKS, True)


@tool
def list_variables() -> str:
    """List the variables of the user's notebook with their types and sizes."""
    rows = [f"{name}: {_describe(value)}" for name, value in _get_variables().items()]
    if len(rows) > MAX_VARIABLES:
        rows = [*rows[:MAX_VARIABLES], f"… and {len(rows) - MAX_VARIABLES} more"]
    return "\n".join(rows) or "The notebook has no variables yet."


@tool
def inspect_variable(name: str) -> str:
    """Show one variable of the user's notebook: its type, its value, its documentation.

    Args:
        name: the variable's name, not an expression.
    """
    value = _get_variable(name)
    content = to_content(value)
    lines = [f"{name}: {_describe(value)}"]
    if callable(value):
        lines.append(inspect.getdoc(value) or "(no docstring)")
    else:
        lines.append(content if isinstance(content, str) else "(an image)")
    return shorten("\n".join(lines))


@tool
def dataframe_info(name: str) -> str:
    """Describe a DataFrame of the user's notebook: columns, types, missing values, first rows.

    Args:
        name: the variable's name.
    """
    frame = _get_variable(name)
    if not is_frame(frame):
        raise ToolExecutionError(f"{name} is a {type(frame).__name__}, not a DataFrame.")
    lines = [f"{name}: {_describe(frame)}", "", "column: type, missing"]
    lines += [f"{column}: {_describe_column(frame, column)}" for column in frame.columns]
    head = to_content(frame.head(5))
    return shorten("\n".join([*lines, "", str(head)]))


def shorten(text: str) -> str:
    """`text` with its middle left out where it is longer than MAX_RESULT, and a note of it."""
    if len(text) <= MAX_RESULT:
        return text
    half = MAX_RESULT // 2
    return f"{text[:half]}\n… ({len(text) - 2 * half:,} characters left out) …\n{text[-half:]}"


def _get_shell() -> InteractiveShell:
    shell = get_ipython()
    if shell is None:
        raise ToolExecutionError("The kernel's tools work inside IPython only.")
    return shell


def _get_variables() -> dict[str, Any]:
    shell = _get_shell()
    hidden = shell.user_ns_hidden
    return {
        name: value
        for name, value in shell.user_ns.items()
        if not name.startswith("_") and name not in hidden and not isinstance(value, ModuleType)
    }


def _get_variable(name: str) -> Any:
    variables = _get_variables()
    if name not in variables:
        known = ", ".join(list(variables)[:20]) or "none"
        raise ToolExecutionError(f"There is no variable {name!r}. There are: {known}.")
    return variables[name]


def _describe(value: Any) -> str:
    kind = type(value).__name__
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return f"{kind} of shape {shape}"
    if isinstance(value, str | bytes | list | tuple | dict | set | frozenset):
        return f"{kind} of length {len(value)}"
    return kind


def _describe_column(frame: Any, column: Any) -> str:
    series = frame[column]
    missing = series.isna().sum() if hasattr(series, "isna") else series.null_count()
    return f"{series.dtype}, {int(missing)} missing"
