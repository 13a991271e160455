"""Signals: what a run tells observers, in the order in which it happens, and who hears it."""

from lauren_ai._agents.signals import (
    AgentRunComplete,
    AgentTurnComplete,
    EventSink,
    ModelCallComplete,
    ModelCallStarted,
    Signal,
    SignalBus,
    ToolApprovalResolved,
    ToolCallComplete,
    ToolCallStarted,
    ToolPendingApproval,
)

__all__ = [
    "AgentRunComplete",
    "AgentTurnComplete",
    "EventSink",
    "ModelCallComplete",
    "ModelCallStarted",
    "Signal",
    "SignalBus",
    "ToolApprovalResolved",
    "ToolCallComplete",
    "ToolCallStarted",
    "ToolPendingApproval",
]
