"""An answer in the wire format of OpenAI's Responses API, streaming and not.

It owns that format (https://platform.openai.com/docs/api-reference/responses-streaming); `openai`
serves it beside chat completions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.servers._blocks import Block, Raw, RedactedThinking, Text, Thinking, ToolCall
from tests.servers._script import Script
from tests.servers._server import sse, text_of

HEADERS = {"x-request-id": "req_test"}
#: Usage of chat completions, and what Responses calls it.
_USAGE_NAMES = {
    "prompt_tokens": "input_tokens",
    "completion_tokens": "output_tokens",
    "prompt_tokens_details": "input_tokens_details",
    "completion_tokens_details": "output_tokens_details",
}
_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
#: The states that a built-in tool's item goes through, by its type.
_STATES = {
    "web_search_call": ("in_progress", "searching", "completed"),
    "file_search_call": ("in_progress", "searching", "completed"),
    "code_interpreter_call": ("in_progress", "interpreting", "completed"),
    "image_generation_call": ("in_progress", "generating", "completed"),
}


def build_response(
    *blocks: Block,
    model: str,
    number: int,
    finish_reason: str | None = None,
    usage: Mapping[str, Any] | None = None,
) -> Script:
    """Return the script; `number` makes the ids of this response and its items its own."""
    items = [_item(f"{number}_{i}", block) for i, block in enumerate(blocks)]
    status = "incomplete" if finish_reason in _INCOMPLETE else "completed"
    head = {
        "id": f"resp_test{number}",
        "object": "response",
        "created_at": 1,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "model": model,
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "metadata": {},
    }
    begun = {**head, "status": "in_progress", "output": [], "usage": None}
    ended = {**head, "status": status, "output": items, "usage": _usage(blocks, usage)}
    if status == "incomplete":
        ended["incomplete_details"] = {"reason": _INCOMPLETE[str(finish_reason)]}
    events = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        *(
            event
            for index, (block, item) in enumerate(zip(blocks, items, strict=True))
            for event in _item_events(index, block, item)
        ),
        {"type": f"response.{status}", "response": ended},
    ]
    data = tuple(
        sse({**event, "sequence_number": i}, event=event["type"]) for i, event in enumerate(events)
    )
    whole = json.dumps(ended).encode()
    return Script(data, whole=whole, headers=HEADERS, by_request=frozenset(("thinking",)))


def _usage(blocks: tuple[Block, ...], given: Mapping[str, Any] | None) -> dict[str, Any]:
    reasoning = sum(len(block.pieces) for block in blocks if isinstance(block, Thinking))
    output = reasoning + sum(map(_piece_count, blocks))
    usage: dict[str, Any] = {
        "input_tokens": 25,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": reasoning},
    }
    for name, value in (given or {}).items():
        own = _USAGE_NAMES.get(name, name)
        usage[own] = {**usage[own], **value} if isinstance(usage.get(own), dict) else value
    return {"total_tokens": usage["input_tokens"] + usage["output_tokens"], **usage}


def _piece_count(block: Block) -> int:
    match block:
        case Text():
            return len(block.pieces)
        case ToolCall():
            return len(block.fragments) + 1
        case _:
            return 0


def _item(name: str, block: Block) -> dict[str, Any]:
    """Return the whole item."""
    match block:
        case Text():
            part = {"type": "output_text", "text": text_of([block.pieces]), "annotations": []}
            item = {"id": f"msg_{name}", "type": "message", "role": "assistant"}
            return {**item, "status": "completed", "content": [part]}
        case Thinking():
            summary = [{"type": "summary_text", "text": text_of([block.pieces])}]
            return _reasoning(name, summary)
        case RedactedThinking():
            return _reasoning(name, [])
        case ToolCall():
            item = {"id": f"fc_{name}", "type": "function_call", "status": "completed"}
            called = {"call_id": block.id, "name": block.name}
            return {**item, **called, "arguments": text_of([block.fragments])}
        case Raw():
            return {"id": f"item_{name}", **block.block}


def _reasoning(name: str, summary: list[dict[str, str]]) -> dict[str, Any]:
    item = {"id": f"rs_{name}", "type": "reasoning", "summary": summary}
    return {**item, "encrypted_content": f"gAAAAA{name}"}


def _item_events(index: int, block: Block, item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an item's start, its deltas, its end."""
    at = {"output_index": index, "item_id": item["id"]}
    yield {"type": "response.output_item.added", "output_index": index, "item": _begun(item)}
    match block:
        case Text():
            yield from _text_events(at, block, item["content"][0])
        case Thinking():
            yield from _summary_events(at, block, item["summary"][0])
        case ToolCall():
            kind = "response.function_call_arguments"
            for piece in block.fragments:
                yield {**at, "type": f"{kind}.delta", "delta": piece}
            name = {"name": block.name, "arguments": item["arguments"]}
            yield {**at, "type": f"{kind}.done", **name}
        case Raw():
            for state in _STATES.get(item["type"], ()):
                yield {**at, "type": f"response.{item['type']}.{state}"}
            yield from ({**at, **delta} for delta in block.deltas)
        case RedactedThinking():
            pass
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _begun(item: dict[str, Any]) -> dict[str, Any]:
    """Return the item as it is announced, still empty."""
    empty: dict[str, Any] = {"content": [], "summary": [], "arguments": ""}
    begun = {name: empty.get(name, value) for name, value in item.items()}
    return {**begun, "status": "in_progress"} if "status" in begun else begun


def _text_events(
    at: Mapping[str, Any], block: Text, part: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    at = {**at, "content_index": 0}
    begun = {**part, "text": ""}
    yield {**at, "type": "response.content_part.added", "part": begun}
    for piece in block.pieces:
        yield {**at, "type": "response.output_text.delta", "delta": piece, "logprobs": []}
    done = {"text": part["text"], "logprobs": []}
    yield {**at, "type": "response.output_text.done", **done}
    yield {**at, "type": "response.content_part.done", "part": part}


def _summary_events(
    at: Mapping[str, Any], block: Thinking, part: dict[str, str]
) -> Iterator[dict[str, Any]]:
    kind = "response.reasoning_summary"
    at = {**at, "summary_index": 0}
    yield {**at, "type": f"{kind}_part.added", "part": {**part, "text": ""}}
    for piece in block.pieces:
        yield {**at, "type": f"{kind}_text.delta", "delta": piece}
    yield {**at, "type": f"{kind}_text.done", "text": part["text"]}
    yield {**at, "type": f"{kind}_part.done", "part": part}
