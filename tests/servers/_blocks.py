"""What a scripted answer is made of, in the words of neither provider.

It owns the blocks and how they are cut into pieces; each server owns its wire format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(r"\s*\S+\s*?(?=\s|$)|\s+")


@dataclass(frozen=True, slots=True)
class Text:
    """Answer text, in the pieces that the server sends."""

    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Thinking:
    """Reasoning text; `signature` goes out in its own deltas, and only in Anthropic's format."""

    pieces: tuple[str, ...]
    signature: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RedactedThinking:
    """An Anthropic block whose `data` only the provider can read."""

    data: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call whose JSON arguments go out in `fragments`; `signature` is Gemini's."""

    name: str
    id: str
    fragments: tuple[str, ...]
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """A block of any other kind: `block` as it starts, then `deltas`.

    Anthropic's content blocks, or items of OpenAI's Responses; chat completions have none.
    """

    block: dict[str, Any]
    deltas: tuple[dict[str, Any], ...] = field(default=())


Block = Text | Thinking | RedactedThinking | ToolCall | Raw


def tokens_of(text: str) -> tuple[str, ...]:
    """Return `text` cut where a model might: each word with the white space before it."""
    return tuple(_TOKEN.findall(text))


def text(content: str | Sequence[str]) -> Text:
    """Return answer text; a str is cut into words, a sequence goes out as it is cut."""
    return Text(tokens_of(content) if isinstance(content, str) else tuple(content))


def thinking(
    content: str | Sequence[str], *, signature: str | Sequence[str] = "c2lnbmF0dXJl"
) -> Thinking:
    """Return reasoning text, with the signature that must go back to the provider."""
    pieces = tokens_of(content) if isinstance(content, str) else tuple(content)
    return Thinking(pieces, (signature,) if isinstance(signature, str) else tuple(signature))


def redacted_thinking(data: str = "ZW5jcnlwdGVk") -> RedactedThinking:
    """Return a redacted thinking block."""
    return RedactedThinking(data)


def tool_call(
    name: str,
    arguments: dict[str, Any] | str,
    *,
    fragments: int | Sequence[str] = 3,
    id: str = "",
    signature: str = "",
) -> ToolCall:
    """Return a tool call; `arguments` may be a str (sent as it is, broken JSON included).

    `fragments`: in how many pieces, or the pieces themselves. An empty `id` becomes `call_NAME`.
    `signature`: what Gemini wants back with the call; sent in chat completions only.
    """
    source = arguments if isinstance(arguments, str) else json.dumps(arguments)
    if isinstance(fragments, int):
        size = max(1, -(-len(source) // fragments))
        fragments = [source[i : i + size] for i in range(0, len(source), size)]
    return ToolCall(name, id or f"call_{name}", tuple(fragments), signature)
