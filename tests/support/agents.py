"""Agents, tools and an observer that many tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from lauren_ai import (
    CompletionChunk,
    RunStream,
    make_agent,
    tool,
)
from lauren_ai.signals import (
    Signal,
    ToolApprovalResolved,
    ToolCallComplete,
    ToolCallStarted,
    ToolPendingApproval,
)
from tests.support.wired import Wired


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@tool
async def greet(name: str) -> str:
    """Greet somebody."""
    return f"Hello {name}"


@tool(requires_confirmation=True)
async def remove(path: str, force: bool = False) -> str:
    """Remove a file."""
    return f"removed {path}" + (" by force" if force else "")


@tool
async def fail(text: str = "no luck") -> str:
    """Fail."""
    raise ValueError(text)


def build_agent(*tools: object, **options: Any) -> object:
    return make_agent("You are a test.", tools, **options)


class Recorder:
    """A sink that keeps every signal, and tells them shortly."""

    def __init__(self) -> None:
        self.events: list[Signal] = []

    async def on_signal(self, event: Signal) -> None:
        self.events.append(event)

    def of(self, type: type[Signal]) -> list[Any]:
        return [e for e in self.events if isinstance(e, type)]

    @property
    def lifecycle(self) -> list[tuple[str, str]]:
        """What became of the calls, in order: (id, step)."""
        steps: list[tuple[str, str]] = []
        for e in self.events:
            if isinstance(e, ToolPendingApproval):
                steps.append((e.tool_use_id, "pending"))
            elif isinstance(e, ToolApprovalResolved):
                steps.append((e.tool_use_id, "approved" if e.decision.approved else "refused"))
            elif isinstance(e, ToolCallStarted):
                steps.append((e.tool_use_id, "started"))
            elif isinstance(e, ToolCallComplete):
                steps.append((e.tool_use_id, e.result.status))
        return steps


async def collect(stream: RunStream) -> list[CompletionChunk]:
    return [chunk async for chunk in stream]


async def until_pending(chunks: AsyncIterator[CompletionChunk], count: int = 1) -> list[Any]:
    """Read up to the `count`-th approval; the run then waits only when it is read on."""
    found: list[Any] = []
    async for chunk in chunks:
        if chunk.pending_approval is not None:
            found.append(chunk.pending_approval)
            if len(found) == count:
                return found
    raise AssertionError("the run ended without asking")


def results_of(wired: Wired, request: int = -1) -> list[str]:
    """The results that a request carries, as text."""
    found = []
    for message in wired.server.requests[request].body["messages"]:
        if message["role"] == "tool":
            found.append(message["content"])
        elif isinstance(message["content"], list):
            blocks = message["content"]
            found += [b["content"] for b in blocks if b["type"] == "tool_result"]
    return found
