"""Builds the messages of a chat completions request, whichever provider made the history.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lauren_ai._json import encode_json
from lauren_ai._transport.call_ids import fit_call_id
from lauren_ai._types import ContentBlock, Message

Json = dict[str, Any]

#: OpenAI refuses an id over 40 characters ("string too long"). Kimi's "functions.f:0" must stay.
_CALL_ID = re.compile(r"[\x20-\x7e]{1,40}")


def build_messages(messages: Iterable[Message]) -> list[Json]:
    """Each tool result becomes a message of its own, and holds text alone: its images follow in
    a user's message once the results of all calls are said. Thinking is never sent."""
    built: list[Json] = []
    late: list[Json] = []  # images of results that wait for the last result
    for message in messages:
        if isinstance(message.content, str):
            _close(built, late)
            role = "user" if message.role == "tool" else message.role
            built.append({"role": role, "content": message.content})
        elif message.role == "assistant":
            _close(built, late)
            built.append(_build_assistant(message.content))
        else:
            _build_mixed(message.role, message.content, built, late)
    _close(built, late)
    return built


def _build_mixed(
    role: str, content: list[ContentBlock], built: list[Json], late: list[Json]
) -> None:
    results = [b for b in content if b.type == "tool_result"]
    if not results:
        _close(built, late)
    for number, block in enumerate(results, 1):
        images = _list_images(block.content)
        if images:
            late.append(_text_part(f"[Tool result {number} of {len(results)} gave this:]"))
            late += images
        call_id = fit_call_id(block.tool_use_id, _CALL_ID)
        text = _get_text(block.content) or ("[See the image below.]" if images else "")
        built.append({"role": "tool", "tool_call_id": call_id, "content": text})
    parts = [p for b in content if (p := _build_part(b)) is not None]
    if parts:
        late += parts
        _close(built, late, role="system" if role == "system" else "user")


def _close(built: list[Json], late: list[Json], *, role: str = "user") -> None:
    """One message of the parts that waited; text alone needs no list."""
    if late:
        only_text = all(part["type"] == "text" for part in late)
        text = "".join(part["text"] for part in late) if only_text else list(late)
        built.append({"role": role, "content": text})
        late.clear()


def _build_assistant(content: list[ContentBlock]) -> Json:
    text = "".join(b.text or "" for b in content if b.type == "text")
    result: Json = {"role": "assistant", "content": text or None}
    calls = [
        {
            "id": fit_call_id(b.tool_use_id, _CALL_ID),
            "type": "function",
            "function": {"name": b.name, "arguments": encode_json(b.input or {})},
        }
        for b in content
        if b.type == "tool_use"
    ]
    if calls:
        result["tool_calls"] = calls
    elif not text:
        result["content"] = ""
    return result


def _build_part(block: ContentBlock) -> Json | None:
    if block.type == "text":
        return _text_part(block.text or "")
    if block.type == "image" and block.source is not None:
        source = block.source
        if "url" not in source and not {"media_type", "data"} <= source.keys():
            raise ValueError(
                f"an image by {source.get('type')!r} means nothing to this provider; "
                "use ContentBlock.image_block(data)"
            )
        url = source.get("url") or f"data:{source['media_type']};base64,{source['data']}"
        return {"type": "image_url", "image_url": {"url": url}}
    return None


def _text_part(text: str) -> Json:
    return {"type": "text", "text": text}


def _get_text(content: str | list[ContentBlock] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(b.text or "" for b in content if b.type == "text")


def _list_images(content: str | list[ContentBlock] | None) -> list[Json]:
    if not isinstance(content, list):
        return []
    return [p for b in content if b.type == "image" and (p := _build_part(b)) is not None]
