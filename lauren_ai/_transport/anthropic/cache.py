"""Asks Anthropic's API to keep the prompt for the next request. It is pure.

Source: https://platform.claude.com/docs/en/build-with-claude/prompt-caching. The Claude API marks
the last block by itself (`cache_control` of the request); clouds want the blocks marked.
"""

from __future__ import annotations

from typing import Any

from lauren_ai._profiles import Profile
from lauren_ai._streaming.request import Cache

Json = dict[str, Any]
_NOT_MARKED = ("thinking", "redacted_thinking")


def add_cache(body: Json, cache: Cache, profile: Profile) -> Json:
    """The request with its marks; itself where nothing is to be kept."""
    if not cache:
        return body
    marker: Json = {"type": "ephemeral"}
    if cache == "1h" and profile.cache_1h is not False:
        marker["ttl"] = "1h"
    if profile.cache == "cache_control":
        return {**body, "cache_control": marker}
    if profile.cache == "cache_control_blocks":
        return _mark_blocks(body, marker)
    return body


def _mark_blocks(body: Json, marker: Json) -> Json:
    """What stays (tools and system), the end, and the end of the turn before: a prefix is looked
    for no further back than 20 blocks. The caller's own blocks are copied."""
    body = dict(body)
    if body.get("system"):
        body["system"] = _mark_last(body["system"], marker)
    elif body.get("tools"):
        body["tools"] = [*body["tools"][:-1], {**body["tools"][-1], "cache_control": marker}]
    messages = list(body["messages"])
    users = [i for i, message in enumerate(messages) if message["role"] == "user"]
    for i in users[-2:]:
        content = _mark_last(messages[i]["content"], marker)
        messages[i] = {**messages[i], "content": content}
    body["messages"] = messages
    return body


def _mark_last(content: str | list[Json], marker: Json) -> str | list[Json]:
    if isinstance(content, str):
        if not content:
            return content
        return [{"type": "text", "text": content, "cache_control": marker}]
    for i in range(len(content) - 1, -1, -1):
        if content[i].get("type") not in _NOT_MARKED:
            return [*content[:i], {**content[i], "cache_control": marker}, *content[i + 1 :]]
    return content
