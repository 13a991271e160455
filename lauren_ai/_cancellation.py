"""Tells a cancellation of the running task from one that something it awaits came with.

It cancels nothing.
"""

from __future__ import annotations

import asyncio


def is_cancelled() -> bool:
    """Whether the CancelledError at hand is meant for this task: then it must be raised again.
    A user's code that awaits a cancelled future raises one that is its own affair."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0
