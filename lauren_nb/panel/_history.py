"""Turns made again from stored messages, so that a conversation can be shown that another kernel
had. It reads no store.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from lauren_ai import ContentBlock, Message
from lauren_nb._display.turn import Turn
from lauren_nb.panel._mentions import Mention, restore_mentions
from lauren_nb.panel._tree import TurnTree


def restore(tree: TurnTree, messages: Sequence[Message]) -> None:
    """Add a turn for each question among `messages`, with the answer that followed it."""
    for message in messages:
        last = tree.last
        if last is None or _is_question(message):
            question, mentions = _read_question(message)
            last = tree.add(question, last.id if last else None, view=_make_view())
            last.mentions = mentions
        last.messages.append(message)
        if not _is_question(message):
            _show(last.view, message)
    for turn in tree.path():
        turn.view.apply(["status", "done"])


def _make_view() -> Turn:
    view = Turn()
    view.apply(["elapsed", 0])  # nobody knows how long it took
    return view


def _is_question(message: Message) -> bool:
    if message.role != "user":
        return False
    blocks = [] if isinstance(message.content, str) else message.content
    return all(block.type != "tool_result" for block in blocks)


def _read_question(message: Message) -> tuple[str, list[Mention]]:
    """The question, and what it brought along: the blocks after the first text."""
    if isinstance(message.content, str):
        return message.content, []
    first, *others = message.content or [ContentBlock.text_block("")]
    if first.type != "text":
        return "", restore_mentions([first, *others])
    return first.text or "", restore_mentions(others)


def _show(view: Turn, message: Message) -> None:
    if isinstance(message.content, str):
        view.apply(["text", message.content])
        return
    for block in message.content:
        _show_block(view, block)


def _show_block(view: Turn, block: ContentBlock) -> None:
    match block.type:
        case "text":
            view.apply(["text", block.text or ""])
        case "thinking" if block.text:
            view.apply(["thinking", block.text])
            view.apply(["thinking_end"])
        case "tool_use":
            view.apply(["tool", block.tool_use_id, block.name])
            view.apply(["args", block.tool_use_id, json.dumps(block.input or {})])
        case "tool_result":
            status = "error" if block.is_error else "done"
            change = {"status": status, "result": _read_result(block)}
            view.apply(["tool_status", block.tool_use_id, change])


def _read_result(block: ContentBlock) -> str:
    if isinstance(block.content, list):
        return "".join(part.text or f"[{part.type}]" for part in block.content)
    return block.content or ""
