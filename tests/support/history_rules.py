"""The providers' rules for the messages of a request, as checks of recorded request bodies.

Broken ones are answered with status 400 in the real world, and the conversation is lost.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from tests.support.wired import Wired

ANTHROPIC_ID = re.compile(r"[a-zA-Z0-9_-]+")
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
THINKING = ("thinking", "redacted_thinking")


def check_requests(wired: Wired) -> None:
    """Every request that the server got so far would have been accepted."""
    assert wired.server.requests
    for request in wired.server.requests:
        (check_anthropic if wired.name == "anthropic" else check_openai)(request.body)


def check_anthropic(body: dict[str, Any]) -> None:
    messages = body["messages"]
    assert messages[0]["role"] == "user"
    for before, after in pairwise(messages):
        assert before["role"] != after["role"], "two messages of one role in a row"
    seen: set[str] = set()
    for i, message in enumerate(messages):
        content = _as_blocks(message["content"])
        assert content, "an empty message"
        for block in content:
            if block["type"] == "text":
                assert block["text"].strip(), "a text of white space alone"
            if block["type"] == "thinking":
                assert block["signature"]
        following = _as_blocks(messages[i + 1]["content"]) if i + 1 < len(messages) else []
        if message["role"] == "assistant":
            assert content[-1]["type"] not in THINKING
            calls = [b for b in content if b["type"] == "tool_use"]
            ids = [b["id"] for b in calls]
            assert all(ANTHROPIC_ID.fullmatch(i) for i in ids)
            assert all(TOOL_NAME.fullmatch(b["name"]) for b in calls)
            assert not seen & set(ids), "an id comes twice"
            seen |= set(ids)
            results = [b["tool_use_id"] for b in following if b["type"] == "tool_result"]
            assert results == ids, "calls and results differ"
            assert [b["type"] for b in following[: len(ids)]] == ["tool_result"] * len(ids)
            assert not calls or body.get("tools"), "calls in a request without tools"
        else:
            assert content[0]["type"] != "tool_result" or messages[i - 1]["role"] == "assistant"


def _as_blocks(content: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def check_openai(body: dict[str, Any]) -> None:
    messages = list(body["messages"])
    seen: set[str] = set()
    while messages:
        message = messages.pop(0)
        assert message["role"] in ("system", "user", "assistant"), "a result without its call"
        calls = message.get("tool_calls")
        assert message["content"] or calls, "an empty message"
        if calls is None:
            continue
        assert calls
        ids = [call["id"] for call in calls]
        assert not seen & set(ids)
        seen |= set(ids)
        assert all(TOOL_NAME.fullmatch(call["function"]["name"]) for call in calls)
        results, messages = messages[: len(ids)], messages[len(ids) :]
        assert [r["role"] for r in results] == ["tool"] * len(ids)
        assert [r["tool_call_id"] for r in results] == ids
        assert all(isinstance(r["content"], str) for r in results)
