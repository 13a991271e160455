"""Makes what a run adds to a conversation acceptable to every provider. It keeps no history.

The rules are Anthropic's and OpenAI's: each call has its result in the next message, ids come
once, names and texts are not empty, a person and the model speak in turns.
Sources: https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/implement-tool-use,
https://platform.openai.com/docs/guides/function-calling
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from lauren_ai._agents.images import to_image
from lauren_ai._agents.types import ToolResult
from lauren_ai._exceptions import AgentConfigError
from lauren_ai._types import Completion, ContentBlock, Message, ToolSchema

#: What a person says: text, or text, images' bytes and blocks in order.
UserMessage = str | Message | Sequence[str | bytes | ContentBlock]

_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")


class CallIds:
    """Made for one run: gives each call an id of its own. Servers repeat theirs ("call_0" every
    turn), and an id that comes twice could let an old answer approve a new call."""

    def __init__(self, history: Iterable[Message]) -> None:
        self._taken = {
            b.tool_use_id or "" for m in history for b in _blocks(m) if b.type == "tool_use"
        }
        self._turn: dict[str, str] = {}

    def begin_turn(self) -> None:
        self._turn = {}

    def get(self, wire_id: str) -> str:
        """The id that stands for `wire_id` in this turn."""
        known = self._turn.get(wire_id)
        if known is None:
            known, number = wire_id or "call", 1
            while known in self._taken or not known:
                number += 1
                known = f"{wire_id or 'call'}_{number}"
            self._taken.add(known)
            self._turn[wire_id] = known
        return known

    def rename(self, completion: Completion) -> Completion:
        """The completion under the ids of this turn, with names that a provider takes back."""
        blocks = [
            replace(b, tool_use_id=self.get(b.tool_use_id or ""), name=_tidy_name(b.name))
            if b.type == "tool_use"
            else b
            for b in completion.blocks
        ]
        return replace(
            completion,
            blocks=blocks,
            tool_calls=[
                replace(c, tool_use_id=self.get(c.tool_use_id)) for c in completion.tool_calls
            ],
            invalid_tool_calls=[
                replace(c, tool_use_id=self.get(c.tool_use_id))
                for c in completion.invalid_tool_calls
            ],
        )


def _tidy_name(name: str | None) -> str:
    return _NOT_IN_NAMES.sub("_", name or "")[:64] or "unnamed"


def _blocks(message: Message) -> list[ContentBlock]:
    return [] if isinstance(message.content, str) else message.content


def build_user_message(message: UserMessage) -> Message:
    """A person's message from text, or from parts: text, blocks, images (their bytes, PIL's,
    a figure).

    Raises AgentConfigError for anything else, and for a message that says nothing."""
    if isinstance(message, Message):
        made = message
    elif isinstance(message, str):
        made = Message.user(message)
    elif not isinstance(message, Iterable):
        raise AgentConfigError(f"A message is text or a list, not {type(message).__name__}.")
    else:
        parts = [_build_part(part) for part in message]
        texts = [part for part in parts if isinstance(part, str)]
        if len(texts) == len(parts):
            made = Message.user("".join(texts))
        else:
            made = Message.from_multimodal("user", [p for p in parts if p != ""])
    if not made.text().strip() and all(b.type == "text" for b in _blocks(made)):
        raise AgentConfigError("The message is empty. Say what the agent shall do.")
    return made


def _build_part(part: object) -> str | ContentBlock:
    if isinstance(part, str | ContentBlock):
        return part
    if (image := to_image(part)) is not None:
        return image
    raise AgentConfigError(
        f"A message's part is text, a ContentBlock or the bytes of a PNG, JPEG, GIF or WebP image, "
        f"not {type(part).__name__}."
    )


def build_assistant_message(completion: Completion, *, keep_calls: bool) -> Message | None:
    """The model's turn as the next request may hold it; None where nothing of it may stay.

    `keep_calls` where results follow; else they were cut off, and are dropped. So is what a
    provider refuses: white space alone, and thinking that ends a message."""
    blocks = [
        b
        for b in completion.blocks
        if (keep_calls or b.type != "tool_use")
        and (b.raw is not None or b.type != "text" or (b.text or "").strip())
    ]
    return _build_ending(blocks)


def _build_ending(blocks: list[ContentBlock]) -> Message | None:
    while blocks and blocks[-1].type in ("thinking", "redacted_thinking"):
        blocks.pop()
    return Message("assistant", blocks) if blocks else None


def _drop_open_server_calls(message: Message) -> Message | None:
    """Without the calls of a provider's own tools whose results never came."""
    blocks = _blocks(message)
    finished = {b.raw.get("tool_use_id") for b in blocks if b.raw is not None}
    kept = [
        b
        for b in blocks
        if b.raw is None or not b.type.endswith("_tool_use") or b.raw.get("id") in finished
    ]
    return message if len(kept) == len(blocks) else _build_ending(kept)


def append_assistant(messages: list[Message], message: Message) -> None:
    """Append, or go on with the message that the provider paused in."""
    last = messages[-1] if messages else None
    if last is not None and last.role == "assistant":
        messages[-1] = Message("assistant", [*_blocks(last), *_blocks(message)])
    else:
        messages.append(message)


def build_results_message(results: Sequence[ToolResult]) -> Message:
    """All results of one turn, in the model's order."""
    return Message(
        "user",
        [
            ContentBlock.tool_result_block(r.tool_use_id, r.content, is_error=r.is_error)
            for r in results
        ],
    )


def close_history(added: list[Message], stop_reason: str) -> list[Message]:
    """What a run leaves. Nothing, where the model said nothing: the question may be asked again.
    Where results wait for an answer that never came, a line in its place says so."""
    if added and added[-1].role == "assistant":
        last = _drop_open_server_calls(added[-1])
        added = added[:-1] if last is None else [*added[:-1], last]
    if not any(m.role == "assistant" for m in added):
        return []
    if added[-1].role != "assistant":
        text = f"[The run ended here before an answer: {stop_reason}.]"
        return [*added, Message.assistant([ContentBlock.text_block(text)])]
    return added


def build_stub_tools(messages: Iterable[Message]) -> list[ToolSchema]:
    """Schemas for the tools that a history speaks of: Anthropic refuses calls in the history of
    a request that defines no tools."""
    names = {b.name or "": None for m in messages for b in _blocks(m) if b.type == "tool_use"}
    text = "No longer available."
    return [ToolSchema(name, text, {"type": "object", "properties": {}}) for name in names]
