"""Builds the input items of a Responses request, whichever provider made the history.

An item that this server made goes back as it came. Another server's sealed thoughts and tools stay
behind; what a person gave is sent, or refused in words. It sends nothing.
Source: https://platform.openai.com/docs/api-reference/responses/create, and
https://platform.openai.com/docs/guides/reasoning#keeping-reasoning-items-in-context
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import Any

from lauren_ai._exceptions import TransportError
from lauren_ai._json import ToolInputError, encode_json, parse_tool_input
from lauren_ai._transport.call_ids import fit_call_id
from lauren_ai._transport.openai.responses.items import get_message_text
from lauren_ai._types import ContentBlock, Message

Json = dict[str, Any]

#: The API refuses a longer id ("string too long"). Its own have 29 characters.
_CALL_ID = re.compile(r"[\x20-\x7e]{1,64}")
#: A person's parts in this API's own words.
_INPUT_TYPES = frozenset({"input_text", "input_image", "input_file"})
#: Extensions by which the API tells a file's kind.
_EXTENSIONS = {"application/pdf": "pdf", "text/plain": "txt"}


def build_input(
    messages: Iterable[Message], *, owner: str = "openai", is_stored: bool = False
) -> list[Json]:
    """The items of `messages`. `owner` is the server that is asked: only its own items go back.
    `is_stored` where it keeps responses, and finds its thoughts by their id alone.

    Raises TransportError for what this API does not take."""
    items: list[Json] = []
    messages = list(messages)
    answered = _list_answered(messages)
    for message in messages:
        role = "user" if message.role == "tool" else message.role
        if isinstance(message.content, str):
            items.append({"role": role, "content": message.content})
        elif role == "assistant":
            own = [b for b in message.content if not _is_open_call(b.raw, answered)]
            items += _build_assistant(own, owner, is_stored)
        else:
            items += _build_results(message.content)
            parts = [b for b in message.content if b.type != "tool_result" and not _is_answer(b)]
            if parts:
                items.append({"role": role, "content": [_build_part(b) for b in parts]})
    return items


def _is_answer(block: ContentBlock) -> bool:
    """Whether a person gives the result of a tool that is the API's own, in its own words."""
    kind = str((block.raw or {}).get("type"))
    return kind.endswith("_output") or kind == "mcp_approval_response"


def _list_answered(messages: Sequence[Message]) -> set[str]:
    """The ids of the API's own calls that have their results in the history."""
    blocks = (b for m in messages if not isinstance(m.content, str) for b in m.content)
    return {str(b.raw.get("call_id")) for b in blocks if b.raw is not None and _is_answer(b)}


def _is_open_call(raw: Json | None, answered: set[str]) -> bool:
    """A call that waits for a result from here: of a shell, a patch, a custom tool. Those that the
    server answers itself have no `call_id`, or their result beside them; a history with an open
    one is refused ("No tool output found for …")."""
    kind = str((raw or {}).get("type"))
    call_id = (raw or {}).get("call_id")
    waits = kind.endswith("_call") and kind != "function_call" and bool(call_id)
    return waits and str(call_id) not in answered


def _build_assistant(blocks: Sequence[ContentBlock], owner: str, is_stored: bool) -> list[Json]:
    built: list[Json] = []
    for block in blocks:
        item = _build_own(block) if block.provider == owner and block.raw else None
        if item is None:
            item = _build_foreign(block)
            last = built[-1] if built else {}
            if item is not None and "role" in item and "role" in last and "type" not in last:
                last["content"] += item["content"]  # text that came in pieces
                continue
        if item is not None:
            built.append(item)
    return _drop_unpaired(built, is_stored)


def _build_own(block: ContentBlock) -> Json | None:
    """The item as the server made it; None where the block says something else by now."""
    raw = block.raw or {}
    if "type" not in raw:  # what chat completions of the same server keep is no item
        return None
    if block.type == "text":
        return raw if get_message_text(raw) == (block.text or "") else None
    if block.type != "tool_use":
        return raw
    # Its id may have been made unique, and its name a name that providers take.
    call_id = fit_call_id(block.tool_use_id, _CALL_ID)
    item = {**raw, "call_id": call_id, "name": block.name}
    try:
        same = parse_tool_input(raw.get("arguments") or "") == (block.input or {})
    except (ToolInputError, TypeError, AttributeError):
        same = False
    return item if same else {**item, "arguments": encode_json(block.input or {})}


def _build_foreign(block: ContentBlock) -> Json | None:
    """The item of a block that this server did not make; None for what is no one else's."""
    if block.type == "text":
        return {"role": "assistant", "content": block.text} if block.text else None
    if block.type == "tool_use":
        return {
            "type": "function_call",
            "call_id": fit_call_id(block.tool_use_id, _CALL_ID),
            "name": block.name,
            "arguments": encode_json(block.input or {}),
        }
    if block.type in ("image", "document", "audio"):
        raise TransportError(
            f"OpenAI's Responses API takes a block of type {block.type!r} from a person only, and "
            "the history has it in the model's turn. Give it in a user's message."
        )
    return None


def _drop_unpaired(items: list[Json], is_stored: bool) -> list[Json]:
    """Without thoughts that the API would refuse: those without their sealed text ("not found",
    since nothing is stored), and those that lost the item they led to ("without its required
    following item"). What followed them may then not say its id ("without its required
    'reasoning' item")."""
    kept: list[Json] = []
    lost = False
    for item, following in zip(items, [*items[1:], {}], strict=True):
        kind = item.get("type")
        if kind == "reasoning":
            sealed = is_stored or bool(item.get("encrypted_content"))
            lost = not (sealed and "type" in following)
            if lost:
                continue
        elif lost and kind in ("message", "function_call"):
            item = {key: value for key, value in item.items() if key != "id"}
        elif lost and kind is not None:
            continue
        kept.append(item)
    return kept


def _build_results(blocks: Sequence[ContentBlock]) -> list[Json]:
    built: list[Json] = []
    for block in blocks:
        if block.type == "tool_result":
            call_id = fit_call_id(block.tool_use_id, _CALL_ID)
            output = _build_output(block.content)
            built.append({"type": "function_call_output", "call_id": call_id, "output": output})
        elif block.raw is not None and _is_answer(block):
            built.append(block.raw)
    return built


def _build_output(content: str | list[ContentBlock] | None) -> str | list[Json]:
    if content is None or isinstance(content, str):
        return content or ""
    if all(block.type == "text" for block in content):
        return "".join(block.text or "" for block in content)
    return [_build_part(block) for block in content]


def _build_part(block: ContentBlock) -> Json:
    """A part of a person's message, or of a tool's result. Raises TransportError."""
    raw = block.raw
    if raw is not None and raw.get("type") in _INPUT_TYPES:
        return raw
    if block.type == "text":
        return {"type": "input_text", "text": block.text or ""}
    source = block.source or (raw or {}).get("source")
    if isinstance(source, dict):
        if block.type == "image":
            return {"type": "input_image", "detail": "auto", "image_url": _get_url(source, "image")}
        if block.type == "document":
            return _build_file(source, (raw or {}).get("title"))
    raise TransportError(
        f"OpenAI's Responses API takes no block of type {block.type!r}: text, images and documents "
        "alone. Leave it out, or ask another provider."
    )


def _build_file(source: Json, title: object) -> Json:
    if source.get("type") == "text":
        data = b64encode(str(source.get("data") or "").encode()).decode("ascii")
        source = {"type": "base64", "media_type": "text/plain", "data": data}
    url = _get_url(source, "document")
    if "url" in source:
        return {"type": "input_file", "file_url": url}
    extension = _EXTENSIONS.get(str(source["media_type"]), "bin")
    name = str(title or f"document.{extension}")
    return {"type": "input_file", "filename": name, "file_data": url}


def _get_url(source: Json, kind: str) -> str:
    """The address of an image or a file, or its data as one."""
    if "url" in source:
        return str(source["url"])
    if not {"media_type", "data"} <= source.keys():
        raise TransportError(
            f"{'An' if kind == 'image' else 'A'} {kind} by {source.get('type')!r} means nothing to "
            "OpenAI. Give its bytes or its address."
        )
    return f"data:{source['media_type']};base64,{source['data']}"
