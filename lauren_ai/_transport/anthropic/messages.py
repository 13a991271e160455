"""Builds the messages of a request to Anthropic's Messages API. It sends nothing.

It knows blocks and turns; the rest of a request is `request.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lauren_ai._profiles import Profile
from lauren_ai._transport.anthropic.prefix import Prefix
from lauren_ai._transport.call_ids import fit_call_id
from lauren_ai._types import ContentBlock, Message

Json = dict[str, Any]
THINKING = ("thinking", "redacted_thinking")

_CALL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # the API refuses a history with any other


@dataclass(slots=True, kw_only=True)
class BlockBuilder:
    """How blocks go to one server: `owner` is its name, and what it made goes back to it alone.

    `with_thinking` is False where the server has refused the thoughts of this conversation.
    """

    owner: str = "anthropic"
    takes_unsigned: bool = False
    takes_signed: bool = True
    with_thinking: bool = True

    @classmethod
    def for_profile(
        cls, profile: Profile, *, owner: str, with_thinking: bool = True
    ) -> BlockBuilder:
        return cls(
            owner=owner,
            takes_unsigned="thinking_unsigned" in profile.gives_back,
            takes_signed=profile.vendor in ("anthropic", ""),
            with_thinking=with_thinking,
        )

    def build_messages(self, messages: Iterable[Message], prefix: Prefix | None) -> list[Json]:
        """`prefix` is fed what is sent, where the model's thoughts are bound to it."""
        built = [self._build_message(m, prefix) for m in messages if m.role != "system"]
        # Another provider's turn may have held thinking alone. The API refuses an empty turn, and
        # takes two turns of a person in a row. Without the last one another would be answered.
        kept = [m for m in built[:-1] if m["content"]]
        kept += [m for m in built[-1:] if m["content"] or m["role"] != "assistant"]
        if kept and kept[-1]["role"] == "assistant":
            _strip_end(kept)
        return kept

    def _build_message(self, message: Message, prefix: Prefix | None) -> Json:
        role = "assistant" if message.role == "assistant" else "user"
        content: str | list[Json]
        if isinstance(message.content, str):
            content = message.content if message.content.strip() else ""
            if prefix is not None and content:
                prefix.add(role, content)
            return {"role": role, "content": content}
        content = []
        blocks = message.content
        if role == "user":
            # "tool_result blocks must come first in the content array. Any text must come after"
            # (platform.claude.com/docs/en/agents-and-tools/tool-use/handle-tool-calls).
            blocks = sorted(blocks, key=lambda block: block.type != "tool_result")
        for block in blocks:
            built = self.build(block)
            if built is None:
                continue
            if prefix is not None:
                if self._is_stale(block, prefix):
                    continue
                prefix.add(role, [built])
            content.append(built)
        return {"role": role, "content": content}

    def _is_stale(self, block: ContentBlock, prefix: Prefix) -> bool:
        # Without a digest nobody knows: it is sent, and left out after a refusal.
        if block.type not in THINKING or block.prefix is None:
            return False
        return block.prefix != prefix.get_digest()

    def build(self, block: ContentBlock) -> Json | None:
        """The block's JSON; None for what this server does not take."""
        if block.type in THINKING:
            return self._build_thinking(block) if self.with_thinking else None
        is_own = block.provider in (None, self.owner)
        if block.raw is not None and is_own and block.type != "tool_use":
            return block.raw
        match block.type:
            case "text":
                # The API refuses a block of white space alone; other models write such.
                return {"type": "text", "text": block.text} if (block.text or "").strip() else None
            case "image":
                return {"type": "image", "source": block.source}
            case "tool_use":
                call: Json = {
                    "type": "tool_use",
                    "id": fit_call_id(block.tool_use_id, _CALL_ID),
                    "name": block.name,
                    "input": block.input or {},
                }
                # Who called, of a call that the provider's own code made.
                return {**(block.raw or {}), **call} if is_own else call
            case "tool_result":
                return self._build_result(block)
        return None

    def _build_result(self, block: ContentBlock) -> Json:
        result: Json = {
            "type": "tool_result",
            "tool_use_id": fit_call_id(block.tool_use_id, _CALL_ID),
            "content": self._build_parts(block.content),
        }
        if block.is_error:
            result["is_error"] = True
        return result

    def _build_parts(self, content: str | Sequence[ContentBlock] | None) -> str | list[Json]:
        if content is None or isinstance(content, str):
            return content or ""
        return [built for part in content if (built := self.build(part)) is not None]

    def _build_thinking(self, block: ContentBlock) -> Json | None:
        if block.provider not in (None, self.owner):
            return None
        if block.type == "redacted_thinking":
            return block.raw
        if block.raw is not None:  # of a server that signs nothing, or signs as it likes
            is_taken = bool(block.raw.get("signature")) or self.takes_unsigned
            return block.raw if is_taken else None
        # Without its signature the API refuses it: another provider's thinking stays behind.
        if block.signature is None or not self.takes_signed:
            return None
        return {"type": "thinking", "thinking": block.text or "", "signature": block.signature}


def _strip_end(messages: list[Json]) -> None:
    """The answer that the model is to go on with: "final assistant content cannot end with
    trailing whitespace"."""
    last = messages[-1]
    content = last["content"]
    if isinstance(content, str):
        last["content"] = content.rstrip()
    elif content and content[-1].get("type") == "text":
        text = str(content[-1].get("text") or "").rstrip()
        last["content"] = [*content[:-1], {**content[-1], "text": text}]
