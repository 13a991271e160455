"""Tells observers what a run does, in the order in which it happens. Observers change nothing."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from lauren_ai._agents.types import AgentResponse, ToolResult
from lauren_ai._approval.call import ApprovalDecision
from lauren_ai._exceptions import AgentConfigError
from lauren_ai._streaming.read_guard import is_cancelled
from lauren_ai._types import Completion, PendingApproval

logger = logging.getLogger("lauren_ai")


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that happened in a run."""

    agent_run_id: str
    agent_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCallStarted(Signal):
    """A request is about to be sent. Turns count from 1."""

    turn: int
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCallComplete(Signal):
    """A response ended, also early: then its stop reason is "cancelled" or "error"."""

    turn: int
    completion: Completion
    duration_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTurnComplete(Signal):
    """A response and all its calls are done. `results` are in the model's order."""

    turn: int
    completion: Completion
    results: tuple[ToolResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPendingApproval(Signal):
    """A call waits for a person; a ToolApprovalResolved of the same id follows."""

    tool_use_id: str
    tool_name: str
    pending: PendingApproval


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolApprovalResolved(Signal):
    """A call was approved or refused: by a person, a policy, a grant, the time limit, or because
    the run was cancelled (`decision.decided_by`)."""

    tool_use_id: str
    tool_name: str
    decision: ApprovalDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallStarted(Signal):
    """A call begins to run, with exactly these arguments."""

    tool_use_id: str
    tool_name: str
    input: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallComplete(Signal):
    """The end of every call that a model made, also of one that never ran (`result.status`)."""

    tool_use_id: str
    tool_name: str
    result: ToolResult


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRunComplete(Signal):
    """The run is over; its conversation is saved. `error` is what it failed with."""

    response: AgentResponse
    error: BaseException | None


Handler = Callable[[Any], "Awaitable[None] | None"]
H = TypeVar("H", bound=Handler)


class EventSink(Protocol):
    """Any object that takes every signal of the runs that it is given to."""

    async def on_signal(self, event: Signal) -> None: ...


class SignalBus:
    """Made by the user, shared by runners. Handlers may be sync or async; they run in the run's
    own task, one after another. One that raises is logged, and disturbs neither run nor others."""

    def __init__(self) -> None:
        self._handlers: dict[type[Signal] | None, list[Handler]] = {}

    def on(self, type: type[Signal], handler: H | None = None) -> Any:
        """Register a handler of one type of signal; without a handler it is a decorator."""
        if handler is None:
            return lambda handler: self.on(type, handler)
        self._handlers.setdefault(type, []).append(handler)
        return handler

    def on_any(self, handler: H) -> H:
        """Register a handler of every signal."""
        self._handlers.setdefault(None, []).append(handler)
        return handler

    def off(self, handler: Handler) -> None:
        """Forget a handler, wherever it was registered; an unknown one is no error."""
        for handlers in self._handlers.values():
            handlers[:] = [h for h in handlers if h != handler]

    async def emit(self, event: Signal) -> None:
        """Call every handler of this event."""
        for handler in (*self._handlers.get(type(event), ()), *self._handlers.get(None, ())):
            await notify(handler, event)


async def notify(handler: Handler, event: Signal) -> None:
    """Call one observer. Only a cancellation of the run gets out of it."""
    try:
        answer = handler(event)
        if inspect.isawaitable(answer):
            await answer
    except (Exception, asyncio.CancelledError) as exc:
        if isinstance(exc, asyncio.CancelledError) and is_cancelled():
            raise
        logger.exception("An observer of %s failed; the run goes on.", type(event).__name__)


class Emitter:
    """Made for one run: sends its signals to the runner's bus and to every sink. Raises
    AgentConfigError for what is no sink."""

    def __init__(self, bus: SignalBus | None, sinks: Sequence[EventSink]) -> None:
        for sink in sinks:
            if not callable(getattr(sink, "on_signal", None)):
                raise AgentConfigError(
                    f"{type(sink).__name__} in event_sinks has no method `async on_signal(event)`. "
                    "Functions go to a SignalBus: bus.on_any(function)."
                )
        self._bus = bus
        self._sinks = tuple(sinks)

    async def emit(self, event: Signal) -> None:
        if self._bus is not None:
            await self._bus.emit(event)
        for sink in self._sinks:
            await notify(sink.on_signal, event)
