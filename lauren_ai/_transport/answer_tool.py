"""Asks for an answer of a given form by a tool, where a model takes no schema for its text.

It owns the rewriting of the request, for every provider alike; it is pure.
"""

from __future__ import annotations

from dataclasses import replace

from lauren_ai._profiles import Profile
from lauren_ai._streaming.request import ANSWER_TOOL, CompletionRequest
from lauren_ai._types import ToolChoice, ToolSchema

_ASK = f"Answer by calling the tool {ANSWER_TOOL}, once; write no other answer."


def ask_by_tool(request: CompletionRequest, profile: Profile) -> CompletionRequest:
    """The request with a tool in place of its `output_schema`; the same where it has none. The
    tool is forced where the model takes that beside its thinking, else asked for in words."""
    if request.output_schema is None:
        return request
    tool = ToolSchema(ANSWER_TOOL, "Give the answer in this form.", dict(request.output_schema))
    tools = (*request.tools, tool)
    thinking, effort = request.thinking, request.reasoning_effort
    if profile.takes_forced_tool(thinking=thinking, effort=effort):
        choice = ToolChoice("tool", ANSWER_TOOL)
        return replace(request, output_schema=None, tools=tools, tool_choice=choice)
    system = f"{request.system}\n\n{_ASK}" if request.system else _ASK
    return replace(
        request, output_schema=None, tools=tools, tool_choice=ToolChoice(), system=system
    )
