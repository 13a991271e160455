"""Messages as JSON text and back, whatever they hold. It reads and writes no file."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, get_args

from lauren_ai._exceptions import StorageError
from lauren_ai._json import encode_json, replace_surrogates
from lauren_ai._types import ContentBlock, Message, Role

_FIELDS = tuple(field.name for field in fields(ContentBlock))
_KINDS: dict[str, Any] = {
    "type": str,
    **dict.fromkeys(("text", "tool_use_id", "name", "signature", "provider", "prefix"), str | None),
    **dict.fromkeys(("input", "source", "raw"), dict | None),
    "content": str | list | None,
    "is_error": bool | None,
}


def encode_message(message: Message) -> str:
    """Raises StorageError for what JSON cannot hold. Lone surrogates become U+FFFD."""
    content = message.content
    value: dict[str, Any] = {"role": message.role}
    value["content"] = content if isinstance(content, str) else [_encode(b) for b in content]
    try:
        return replace_surrogates(encode_json(value))
    except (TypeError, ValueError, RecursionError) as exc:
        raise StorageError(f"A message of role {message.role!r} is not JSON: {exc}.") from exc


def decode_message(text: str) -> Message:
    """Raises StorageError for what `encode_message` did not write."""
    try:
        value = json.loads(text)
        content = value["content"]
        if isinstance(content, list):
            content = [_decode(block) for block in content]
        elif not isinstance(content, str):
            raise TypeError(f"content is a {type(content).__name__}")
        if value["role"] not in get_args(Role):
            raise ValueError(f"a role {value['role']!r}")
        return Message(value["role"], content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as exc:
        raise StorageError(
            f"A stored message cannot be read ({exc}). `await store.delete(conversation_id)` "
            "forgets its conversation."
        ) from exc


def _encode(block: ContentBlock) -> dict[str, Any]:
    value = {n: v for n in _FIELDS if (v := getattr(block, n)) is not None}
    if isinstance(block.content, list):
        value["content"] = [_encode(part) for part in block.content]
    return value


def _decode(value: dict[str, Any]) -> ContentBlock:
    known = {name: value[name] for name in _FIELDS if name in value}
    for name, kind in _KINDS.items():
        if not isinstance(known.get(name), kind):
            raise TypeError(f"{name} is a {type(known.get(name)).__name__}")
    if isinstance(known.get("content"), list):
        known["content"] = [_decode(part) for part in known["content"]]
    return ContentBlock(**known)
