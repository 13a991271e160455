"""Keeps keys out of messages: providers echo parts of a refused key. It logs nothing itself."""

from __future__ import annotations

import re

_KEY_LIKE = re.compile(
    r"(?:\b(?:sk|pk|rk|gsk|xai|hf|AIza|key|ya29)[-_.][\w\-.*…]{4,}|\bAIza[\w\-*]{10,}"
    r"|\bBearer\s+\S+|[\w\-]*\*{3,}[\w\-]*)"
)
MAX_CHARS = 500


def redact(text: str, *secrets: str | None) -> str:
    """`text` without the given secrets and without anything that looks like a key, bounded."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[key]")
    text = _KEY_LIKE.sub("[key]", text)
    return text if len(text) <= MAX_CHARS else text[:MAX_CHARS] + "…"
