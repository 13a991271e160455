"""What a tool may know of the run that calls it. It gives a tool no power over that run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """Given to each parameter that is annotated `ToolContext`; the model never sees it.

    `metadata` is what the run was started with; `agent` is the object that runs.
    """

    agent_run_id: str
    tool_use_id: str
    tool_name: str
    agent: object = None
    conversation_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
