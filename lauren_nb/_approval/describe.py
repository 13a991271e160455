"""An approval as the page's message protocol has it: the question of a card, and its audit.

It decides nothing; the same question for a line of text is `approver.py`'s.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from lauren_ai import ApprovalDecision, PendingApproval
from lauren_nb._protocol import Approval


def describe_question(pending: PendingApproval, *, now_ms: int) -> Approval:
    """The card: exactly the frozen call, with the digest that a decision must name.

    Its end is told in the turn's time, which pages know; `now_ms` is that time now."""
    left = None if pending.expires_at is None else pending.expires_at - datetime.now(UTC)
    return {
        "state": "waiting",
        "digest": pending.digest,
        "text": json.dumps(pending.input, indent=2, ensure_ascii=False, sort_keys=True),
        "expires_ms": None if left is None else now_ms + round(left.total_seconds() * 1000),
    }


def describe_decision(decision: ApprovalDecision) -> Approval:
    """The audit: who decided what and when, and what ran where a person changed it."""
    change: Approval = {
        "state": "approved" if decision.approved else "denied",
        "decided_by": decision.decided_by,
        "reason": decision.reason,
    }
    if decision.is_edited:
        call = decision.call.input
        change["edited_text"] = json.dumps(call, indent=2, ensure_ascii=False, sort_keys=True)
    return change
