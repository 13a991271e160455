"""Knows whether what stood before a model's thought is unchanged. It is pure.

From Opus 5.5, Sonnet 5.5 and Fable 5.1 on a thinking block is bound to the system prompt, the
tools and all content before it, earlier thoughts included; anything else is refused with a 400:
https://platform.claude.com/docs/en/build-with-claude/preserved-thinking/prefix-checks. A digest of
that is kept with each thought, through memory and stores, so that a stale one is left out before
it is sent. The API's own way (`thinking.block_binding`, a beta) exists on the Claude API alone,
not in clouds and gateways; the digest holds everywhere, and needs no beta.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

Json = dict[str, Any]


class Prefix:
    """Made for one request, fed its blocks in their order, then those of its answer.

    Bounds between turns do not count: the API joins turns of one role as we do."""

    def __init__(self, body: Json) -> None:
        """From the request's model, system prompt and tools."""
        self._hash = hashlib.sha256()
        for key in ("model", "system", "tools"):
            self._update([key, body.get(key)])

    def add(self, role: str, content: str | list[Json]) -> None:
        """What is sent next."""
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        for block in blocks:
            self._update([role, block])

    def get_digest(self) -> str:
        """Of all that was added so far."""
        return self._hash.copy().hexdigest()[:32]

    def _update(self, value: Any) -> None:
        self._hash.update(json.dumps(value, sort_keys=True, default=str).encode())
