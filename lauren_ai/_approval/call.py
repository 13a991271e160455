"""A call that cannot change, and what was decided on it: plain values. It asks nobody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lauren_ai._exceptions import ToolExecutionError


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenCall:
    """A call in its one canonical form: it feeds the card, the digest and the execution.

    `canonical` is JSON with sorted keys; `digest` is the SHA-256 (hex) of name and arguments.
    """

    tool_use_id: str
    name: str
    canonical: str
    digest: str

    @classmethod
    def freeze(cls, tool_use_id: str, name: str, input: Mapping[str, Any]) -> FrozenCall:
        """Raises ToolExecutionError for arguments that are no JSON object."""
        if not isinstance(input, Mapping):
            raise ToolExecutionError(
                f"The arguments of {name!r} are a {type(input).__name__}; give a dict, by name."
            )
        try:
            canonical = json.dumps(
                input, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")
            )
            digest = hashlib.sha256(json.dumps([name, canonical]).encode()).hexdigest()
        except (TypeError, ValueError, RecursionError) as exc:
            raise ToolExecutionError(
                f"The arguments of {name!r} are not JSON ({exc}); give text, numbers, lists and "
                "objects."
            ) from exc
        return cls(tool_use_id=tool_use_id, name=name, canonical=canonical, digest=digest)

    @property
    def input(self) -> dict[str, Any]:
        """The arguments: a new copy each time, so that nobody can change the call."""
        result: dict[str, Any] = json.loads(self.canonical)
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalDecision:
    """Who decided what and when. `call` is what may run: edited, or as the model asked.

    `decided_by` is a word for the audit: "user" where nobody said more, "policy", "grant",
    "timeout", "cancelled", or what the caller of `approve_tool` gave.
    """

    approved: bool
    call: FrozenCall
    decided_by: str
    decided_at: datetime
    reason: str = ""
    is_edited: bool = False
