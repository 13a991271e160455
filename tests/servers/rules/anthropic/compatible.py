"""Vendors that speak Messages with models of their own, whose thinking comes unsigned.

It owns what they want back; nothing of Claude's table holds for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.servers.rules._refusal import refuse
from tests.servers.rules.anthropic.content import blocks_of


def check_compatible(body: Mapping[str, Any]) -> None:
    """Refuse a turn that called tools and comes back without its thinking.

    DeepSeek: https://api-docs.deepseek.com/guides/anthropic_api, the words: anthropics/claude-code
    issue 53142.
    """
    if "deepseek" not in body["model"] or (body.get("thinking") or {}).get("type") == "disabled":
        return
    for message in body["messages"]:
        if message["role"] != "assistant":
            continue
        kinds = [block.get("type") for block in blocks_of(message["content"])]
        if "tool_use" in kinds and "thinking" not in kinds:
            refuse("The `content[].thinking` in the thinking mode must be passed back to the API.")
