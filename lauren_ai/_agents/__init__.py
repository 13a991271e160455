"""Agents: their definitions and runner, turns of a model and its tools, what observers hear.

It asks nobody for approval and moves no bytes.
"""

from lauren_ai._agents.definition import (
    ATTRIBUTE,
    AgentMeta,
    agent,
    get_meta,
    make_agent,
    make_instance,
    override,
    use_tools,
)
from lauren_ai._agents.types import ToolStatus

__all__ = [
    "ATTRIBUTE",
    "AgentMeta",
    "ToolStatus",
    "agent",
    "get_meta",
    "make_agent",
    "make_instance",
    "override",
    "use_tools",
]
