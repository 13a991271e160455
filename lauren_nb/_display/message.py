"""A message of a conversation as lines of text, for `%lauren history`. It reads no store."""

from __future__ import annotations

import json

from lauren_ai import ContentBlock, Message
from lauren_nb._cuts import cut_end

#: Characters of a call's arguments and of its result; the rest is not shown.
MAX_SHOWN = 400


def describe_message(message: Message) -> str:
    """Its text, and a line for each image, tool call and result; thinking is left out."""
    if isinstance(message.content, str):
        return message.content
    return "\n".join(filter(None, map(_describe_block, message.content)))


def _describe_block(block: ContentBlock) -> str:
    match block.type:
        case "text":
            return block.text or ""
        case "image":
            return "(an image)"
        case "tool_use":
            return f"→ {block.name} {_cut(json.dumps(block.input, ensure_ascii=False))}"
        case "tool_result":
            return f"← {_cut(_read_result(block))}"
    return ""


def _read_result(block: ContentBlock) -> str:
    if isinstance(block.content, str):
        return block.content
    return " ".join(map(_describe_block, block.content or []))


def _cut(text: str) -> str:
    return cut_end(text, MAX_SHOWN, mark=f"… ({len(text):,} characters)")
