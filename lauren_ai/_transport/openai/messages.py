"""Builds the messages of a chat completions request, whichever provider made the history.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lauren_ai._exceptions import TransportError
from lauren_ai._json import encode_json
from lauren_ai._profiles import Profile
from lauren_ai._transport.call_ids import fit_call_id
from lauren_ai._transport.openai.parts import build_part, describe_part, text_part
from lauren_ai._transport.openai.private import add_stand_in, build_call_private, build_private
from lauren_ai._types import ContentBlock, Message

Json = dict[str, Any]

#: Between a tool's result and a person's words, where a server wants the model to speak first.
_PAUSE = "…"


def build_messages(messages: Iterable[Message], profile: Profile, *, owner: str) -> list[Json]:
    """Each tool result becomes a message of its own, and holds text alone: its images follow in
    a user's message once the results of all calls are said. Thinking goes back to `owner`, the
    server that made it, where the model wants it, and to no other.

    Raises TransportError for what the model does not take."""
    return _Builder(profile, owner).build(messages)


class _Builder:
    """Made for one request."""

    def __init__(self, profile: Profile, owner: str) -> None:
        self._profile = profile
        self._owner = owner
        self._call_id = re.compile(profile.call_id)
        self._built: list[Json] = []
        self._late: list[Json] = []  # parts that wait for the last result

    def build(self, messages: Iterable[Message]) -> list[Json]:
        for message in messages:
            if isinstance(message.content, str):
                self._close()
                self._say("user" if message.role == "tool" else message.role, message.content)
            elif message.role == "assistant":
                self._close()
                self._built.append(self._build_assistant(message.content))
            else:
                self._add_mixed(message.role, message.content)
        self._close()
        return self._built

    def _say(self, role: str, content: str | list[Json]) -> None:
        if role == "system":
            role = self._profile.system_role
        last = self._built[-1]["role"] if self._built else ""
        if last == "tool" and role != "assistant" and not self._profile.user_after_tool:
            self._built.append({"role": "assistant", "content": _PAUSE})
        self._built.append({"role": role, "content": content})

    def _add_mixed(self, role: str, content: list[ContentBlock]) -> None:
        results = [b for b in content if b.type == "tool_result"]
        if not results:
            self._close()
        for number, block in enumerate(results, 1):
            others = self._list_others(block.content)
            if others:
                self._late.append(text_part(f"[Tool result {number} of {len(results)} gave this:]"))
                self._late += others
            text = _get_text(block.content) or ("[See the image below.]" if others else "")
            call_id = fit_call_id(block.tool_use_id, self._call_id)
            self._built.append({"role": "tool", "tool_call_id": call_id, "content": text})
        parts = [build_part(b, self._profile) for b in content if b.type != "tool_result"]
        if parts:
            self._late += parts
            self._close(role="system" if role == "system" else "user")

    def _close(self, *, role: str = "user") -> None:
        """One message of the parts that waited; text alone needs no list."""
        if self._late:
            only_text = all(part["type"] == "text" for part in self._late)
            texts = "".join(part["text"] for part in self._late) if only_text else ""
            self._say(role, texts if only_text else list(self._late))
            self._late.clear()

    def _build_assistant(self, content: list[ContentBlock]) -> Json:
        for block in content:
            if block.type in ("image", "document", "audio"):
                raise TransportError(
                    f"Chat completions take a block of type {block.type!r} from a person only, and "
                    "the history has it in the model's turn. Give it in a user's message."
                )
        text = "".join(b.text or "" for b in content if b.type == "text")
        result: Json = {"role": "assistant", "content": text or None}
        result |= build_private(content, self._profile, self._owner)
        calls = [
            {
                "id": fit_call_id(b.tool_use_id, self._call_id),
                "type": "function",
                "function": {"name": b.name, "arguments": encode_json(b.input or {})},
                **build_call_private(b, self._profile, self._owner),
            }
            for b in content
            if b.type == "tool_use"
        ]
        if calls:
            result["tool_calls"] = calls
            add_stand_in(result, self._profile)
        elif not text:
            result["content"] = ""
        return result

    def _list_others(self, content: str | list[ContentBlock] | None) -> list[Json]:
        """What a result holds beside text."""
        if not isinstance(content, list):
            return []
        return [describe_part(b, self._profile) for b in content if b.type != "text"]


def _get_text(content: str | list[ContentBlock] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(b.text or "" for b in content if b.type == "text")
