"""Runs a coroutine to its end where nobody awaits it: `%%time`, `%%capture`, a plain function.

It is the second choice; at the top of a cell the magic is awaited and none of this is used.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_runner: asyncio.Runner | None = None


def run_sync(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result. Ctrl-C and the kernel's interrupt raise KeyboardInterrupt, after
    the coroutine has cleaned up."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return _get_runner().run(coroutine)
    import nest_asyncio2

    # The loop that runs this cell must serve the coroutine too: it holds the user's own tasks.
    nest_asyncio2.apply(loop)
    task = loop.create_task(coroutine)
    try:
        return loop.run_until_complete(task)
    except KeyboardInterrupt:
        task.cancel()
        loop.run_until_complete(asyncio.wait([task]))
        raise
    except asyncio.CancelledError:  # the Stop button
        raise KeyboardInterrupt from None


def _get_runner() -> asyncio.Runner:
    """One loop for all such calls: connections stay usable from one to the next."""
    global _runner
    if _runner is None:
        _runner = asyncio.Runner()
    return _runner
