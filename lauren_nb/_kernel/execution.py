"""Runs Python code in the user's namespace inside a cell that already runs. It shows nothing.

`run_cell` would send the error of a failing tool to the page as the cell's own.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import itertools
import linecache
import signal
import traceback
import types
from collections.abc import Coroutine, Generator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import TextIOBase
from types import CodeType
from typing import Any
from weakref import WeakKeyDictionary

from IPython.core.interactiveshell import InteractiveShell

from lauren_nb._cuts import describe_gap
from lauren_nb._kernel.interrupts import raise_on_sigint

#: Characters that are kept of what code prints, half from each end.
MAX_PRINTED = 20_000
#: Codes whose lines a later traceback can show.
MAX_SOURCES = 100
#: Seconds for the interrupt of a cell to reach the run that waits here.
INTERRUPT_S = 2.0

_PREFIX = "<run_python "
_numbers = itertools.cycle(range(1, MAX_SOURCES + 1))
#: Standard output is one for all: two codes that run in turns would not put it back rightly.
_locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Execution:
    """What code printed, the value of its last expression, and the traceback if it failed."""

    printed: str
    value: object
    error: str | None


async def execute(code: str, *, shell: InteractiveShell) -> Execution:
    """Run `code` as a cell would: magics, top-level await, the last expression's value.

    The code's own exception is a result, not raised; an interrupt goes through, also where the
    code never awaits. A second call waits for the first."""
    printed = _Printed()
    value: object = None
    error: str | None = None
    name = f"{_PREFIX}{next(_numbers)}>"
    async with _locks.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        with redirect_stdout(printed), redirect_stderr(printed):
            try:
                for block in _compile(code, name, shell):
                    value = await _run(block, shell)
            except (Exception, SystemExit) as exc:  # noqa: BLE001 - the code's own: a result
                error = _format_error(exc, name)
            except KeyboardInterrupt as exc:
                error = _format_error(exc, name)
                await _pass_interrupt_on()
    return Execution(printed.getvalue(), value, error)


def _compile(code: str, name: str, shell: InteractiveShell) -> list[CodeType]:
    """The statements, then the last expression by itself so that its value can be had."""
    source = shell.input_transformer_manager.transform_cell(code)
    # Without a time, `linecache` keeps it: there is no file to look at again.
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    tree = ast.parse(source, name)
    parts: list[tuple[ast.Module | ast.Expression, str]] = [(tree, "exec")]
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
        parts.append((ast.Expression(last.value), "eval"))
    # The user's own `from __future__` holds, and not this module's.
    flags = shell.compile.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    return [compile(part, name, mode, flags, dont_inherit=True) for part, mode in parts]


async def _run(block: CodeType, shell: InteractiveShell) -> object:
    with raise_on_sigint():
        value = eval(block, shell.user_global_ns, shell.user_ns)
    if block.co_flags & inspect.CO_COROUTINE:
        return await _drive(value)
    return value


@types.coroutine
def _drive(coroutine: Coroutine[Any, Any, object]) -> Generator[Any, Any, object]:
    """Await it, open to interrupts while its own code runs. While it waits, the cell is."""
    step, sent = coroutine.send, None
    while True:
        try:
            with raise_on_sigint():
                awaited = step(sent)
        except StopIteration as end:
            return end.value
        try:
            sent = yield awaited
            step = coroutine.send
        except BaseException as exc:  # noqa: BLE001 - the coroutine's to handle
            step, sent = coroutine.throw, exc


async def _pass_interrupt_on() -> None:
    """Let the whole cell be interrupted, as whoever runs it does that: by an exception here, or by
    cancelling the run."""
    signal.raise_signal(signal.SIGINT)
    await asyncio.sleep(INTERRUPT_S)


def _format_error(exc: BaseException, name: str) -> str:
    """The traceback from the code's own first line on."""
    trace = exc.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != name:
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(exc), exc, trace))


class _Printed(TextIOBase):
    """What was written, without the middle of what is long."""

    def __init__(self) -> None:
        self._head = ""
        self._tail = ""
        self._length = 0

    def write(self, text: str) -> int:
        half = MAX_PRINTED // 2
        taken = text[: half - len(self._head)]
        self._head += taken
        self._tail = (self._tail + text[len(taken) :])[-half:]
        self._length += len(text)
        return len(text)

    def getvalue(self) -> str:
        left_out = self._length - len(self._head) - len(self._tail)
        note = describe_gap(left_out, self._length) if left_out else ""
        return f"{self._head}{note}{self._tail}"
