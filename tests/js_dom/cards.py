"""Owns how the tests let a call wait, decide it, and read what its card sent."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator

from .conftest import View

NOW = "2026-11-23T12:00:00Z"
ARGUMENTS: dict[str, Any] = {"limit": 1200, "table": "sales", "where": {"all": [True, None]}}
DIGEST = "3fa94c1b2d" * 6


def as_text(arguments: Any) -> str:
    return json.dumps(arguments, indent=2, ensure_ascii=False, sort_keys=True)


def ask(
    view: View, arguments: Any = ARGUMENTS, *, id: str = "t1", armed: bool = True, **fields: Any
) -> Locator:
    """Lets a call wait; returns its card."""
    question = {"state": "waiting", "digest": DIGEST, "text": as_text(arguments)}
    question |= {"expires_ms": 298_000, "can_always": True, **fields}
    view.call(
        "ops",
        ["tool", id, f"delete_{id}"],
        ["args", id, json.dumps(arguments)],
        ["tool_status", id, {"status": "waiting", "approval": question}],
    )
    if armed:
        view.page.clock.run_for(1000)
    return view.page.get_by_role("alertdialog", name=f"Run delete_{id}?")


def resolve(view: View, id: str = "t1", *, state: str = "approved", **fields: Any) -> None:
    decision = {"state": state, "decided_by": "click", "decided_at": NOW, **fields}
    status = "running" if state == "approved" else "denied"
    view.call("ops", ["tool_status", id, {"status": status, "approval": decision}])


def press(card: Locator, name: str) -> None:
    card.get_by_role("button", name=name, exact=True).click()


def decisions(view: View) -> list[dict[str, Any]]:
    return [m for m in view.call("sent") if m["kind"] == "decide"]


def sent(decision: str, id: str = "t1", **fields: Any) -> dict[str, Any]:
    return {"kind": "decide", "id": id, "digest": DIGEST, "decision": decision, **fields}
