"""The magics `%%lauren` and `%lauren`: they read the line, delegate, and show failures shortly."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from IPython.core.magic import no_var_expand

from lauren_ai import LaurenAIError
from lauren_nb._errors import OptionError, show_only
from lauren_nb._kernel.sync import run_sync
from lauren_nb._magics.commands import get_command_text, run_command
from lauren_nb._options.parse import CellOptions, parse_line
from lauren_nb._options.table import get_help_text
from lauren_nb._run.cell import run_cell
from lauren_nb._session.session import Session

AWAITED = "--awaited"
INTERRUPTED = "Interrupted. What came so far is kept."


def make_magics(session: Session) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """The line magic and the cell magic of one session."""

    # The line is ours to read: IPython would expand $names and {expressions} in it first.
    @no_var_expand
    def lauren(line: str) -> Any:
        awaited, line = _take_flag(line)
        return _start(run_command(line, session=session), awaited=awaited)

    @no_var_expand
    def lauren_cell(line: str, cell: str) -> Any:
        awaited, line = _take_flag(line)
        return _start(_run_cell(line, cell, session), awaited=awaited)

    # A page that asks about `%%lauren` under the cursor gets the text of `%lauren`, so it has both.
    lauren_cell.__doc__ = get_help_text()
    lauren.__doc__ = f"{get_command_text()}\n\n{get_help_text()}"
    return lauren, lauren_cell


async def _run_cell(line: str, cell: str, session: Session) -> None:
    options: CellOptions = parse_line(line)
    if not options.chain:
        await run_cell(options, cell, session=session)
        return
    from lauren_nb._chains.cell import run_chain_cell  # loading the extension need not wait for it

    await run_chain_cell(options, cell, session=session)


def _take_flag(line: str) -> tuple[bool, str]:
    """Whether the input transformer promised an await, and the line as the user wrote it."""
    head, _, rest = line.partition(" ")
    return (True, rest) if head == AWAITED else (False, line)


def _start(run: Coroutine[Any, Any, None], *, awaited: bool) -> Any:
    shown = show_shortly(run)
    if awaited:
        return shown
    try:
        return run_sync(shown)
    except KeyboardInterrupt as error:
        show_only(error, INTERRUPTED)
        raise


async def show_shortly(run: Coroutine[Any, Any, None]) -> None:
    """Await `run`; an exception of ours, or an interrupt, shows as its message alone."""
    try:
        await run
    except LaurenAIError as error:
        name = "Usage" if isinstance(error, OptionError) else type(error).__name__
        show_only(error, f"{name}: {error}")
        raise
    except asyncio.CancelledError as error:
        show_only(error, INTERRUPTED)
        raise
