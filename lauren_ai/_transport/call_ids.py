"""Gives a tool call an id that a provider takes, where another provider made it.

It looks at one id alone, so that a call and its result always agree; it reads no message.
"""

from __future__ import annotations

import hashlib
import re

_MARK = "xcall_"  # 6 + 32 characters: fits the limit of every provider but Mistral
_SHORT = 9  # the characters of an id of Mistral's


def fit_call_id(call_id: str | None, allowed: re.Pattern[str]) -> str:
    """`call_id` where `allowed` matches the whole of it, else an id made from its digest.

    Two ids stay two: what looks like an id made here is made anew, whoever sent it."""
    text = call_id or ""
    if allowed.fullmatch(text) and not text.startswith(_MARK):
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    made = _MARK + digest[:32]
    return made if allowed.fullmatch(made) else digest[:_SHORT]
