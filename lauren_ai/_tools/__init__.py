"""Tools: functions that a model may call, their schemas and how they run.

It decides nothing about calls. Importing it imports neither pydantic nor griffe.
"""

from lauren_ai._tools.context import ToolContext
from lauren_ai._tools.decorator import tool
from lauren_ai._tools.definition import (
    ATTRIBUTE,
    ConfirmationPolicy,
    Tool,
    check_tools,
    collect_tools,
    get_tool,
)

__all__ = [
    "ATTRIBUTE",
    "ConfirmationPolicy",
    "Tool",
    "ToolContext",
    "check_tools",
    "collect_tools",
    "get_tool",
    "tool",
]
