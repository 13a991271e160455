"""Calls the hooks of an agent, sync or async. It catches nothing: hooks are part of the agent."""

from __future__ import annotations

import inspect
from typing import Any


async def call_hook(agent: object, name: str, *args: Any) -> Any:
    """What the hook returns; None where the agent has none of that name."""
    hook = getattr(agent, name, None)
    if hook is None:
        return None
    answer = hook(*args)
    return await answer if inspect.isawaitable(answer) else answer
