"""Which messages of a page a panel takes: their kinds, and the types and sizes of their fields.

It does nothing with them.
"""

from __future__ import annotations

import logging
from typing import Any

from lauren_nb.panel._queue import MAX_TEXT

logger = logging.getLogger("lauren_nb")
MAX_ID = 100
_ID = {"id": MAX_ID}
_NONCE = {"nonce": MAX_ID}
_TEXT = {"text": MAX_TEXT}
#: The texts of each kind with the most characters they may have; all are required.
FIELDS: dict[str, dict[str, int]] = {
    "attach": {},
    "older": _ID,
    "names": {"prefix": MAX_ID},
    "turn": _ID,
    "send": _TEXT | _NONCE,
    "edit": _ID | _TEXT | _NONCE,
    "retry": _ID | _NONCE,
    "choose": _ID,
    "queue_edit": _ID | _TEXT,
    "queue_remove": _ID,
    "resume": {},
    "stop": {},
    "clear": {},
    "rename": {"title": 10_000},
    "export": {"format": MAX_ID} | _NONCE,
    "picture": _ID,
}


def check_message(message: object) -> dict[str, Any] | None:
    """`message` if a page of ours may have sent it; else None, and the log says what is wrong."""
    problem = _find_problem(message)
    if problem is None and isinstance(message, dict):
        return message
    logger.warning("A page's message to the chat panel was refused: %s", problem)
    return None


def _find_problem(message: object) -> str | None:
    if not isinstance(message, dict):
        return f"it is a {type(message).__name__}"
    kind = message.get("kind")
    if not isinstance(kind, str) or kind not in FIELDS:
        return f"its kind is {str(kind)[:40]!r}"
    for name, most in FIELDS[kind].items():
        value = message.get(name)
        if not isinstance(value, str):
            return f"{kind} has no text {name!r}"
        if len(value) > most:
            return f"{kind}'s {name!r} has {len(value):,} characters, the limit is {most:,}"
    return None
