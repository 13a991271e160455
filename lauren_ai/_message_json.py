"""Messages as JSON text and back, whatever they hold. It reads and writes no file."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from lauren_ai._exceptions import StorageError
from lauren_ai._json import replace_surrogates
from lauren_ai._transport._types import ContentBlock, Message

_FIELDS = tuple(field.name for field in fields(ContentBlock))


def encode_message(message: Message) -> str:
    """Raises StorageError for what JSON cannot hold. Lone surrogates become U+FFFD."""
    content = message.content
    value: dict[str, Any] = {"role": message.role}
    value["content"] = content if isinstance(content, str) else [_encode(b) for b in content]
    try:
        return replace_surrogates(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    except (TypeError, ValueError, RecursionError) as exc:
        raise StorageError(f"A message of role {message.role!r} is not JSON: {exc}.") from exc


def decode_message(text: str) -> Message:
    """Raises StorageError for what `encode_message` did not write."""
    try:
        value = json.loads(text)
        content = value["content"]
        if not isinstance(content, str):
            content = [_decode(block) for block in content]
        return Message(value["role"], content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise StorageError(f"A stored message cannot be read ({exc}). Delete it.") from exc


def _encode(block: ContentBlock) -> dict[str, Any]:
    value = {n: v for n in _FIELDS if (v := getattr(block, n)) is not None}
    if isinstance(block.content, list):
        value["content"] = [_encode(part) for part in block.content]
    return value


def _decode(value: dict[str, Any]) -> ContentBlock:
    known = {name: value[name] for name in _FIELDS if name in value}
    if isinstance(known.get("content"), list):
        known["content"] = [_decode(part) for part in known["content"]]
    return ContentBlock(**known)
