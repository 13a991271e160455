"""Builds the JSON of a chat completions request. It sends nothing.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lauren_ai._json import encode_json
from lauren_ai._transport._base import CompletionRequest
from lauren_ai._transport._types import ContentBlock, Message, ToolChoice

Json = dict[str, Any]
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def build_body(request: CompletionRequest, *, max_tokens_name: str = "max_tokens") -> Json:
    """The body of `POST /chat/completions`. The caller's messages are read, never changed."""
    messages: list[Json] = []
    if request.system:
        messages.append({"role": "system", "content": request.system})
    for message in request.messages:
        messages.extend(_build_messages(message))
    body: Json = {
        "model": request.model,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        max_tokens_name: request.max_tokens,
    }
    if request.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": t.name,
                    "description": t.description,
                    "parameters": t.input_schema,
                },
            }
            for t in request.tools
        ]
        body["tool_choice"] = _build_tool_choice(request.tool_choice or ToolChoice())
        if request.parallel_tool_calls is not None:
            body["parallel_tool_calls"] = request.parallel_tool_calls
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.top_p is not None:
        body["top_p"] = request.top_p
    if request.stop_sequences:
        body["stop"] = list(request.stop_sequences)
    effort = request.reasoning_effort or ("medium" if request.thinking else None)
    if effort:
        body["reasoning_effort"] = effort
    extra = request.request_options.get("extra_body")
    if isinstance(extra, dict):
        body.update(extra)
    return body


def _build_tool_choice(choice: ToolChoice) -> str | Json:
    if choice.type == "tool":
        return {"type": "function", "function": {"name": choice.name}}
    return _CHOICES[choice.type]


def _build_messages(message: Message) -> Iterable[Json]:
    """One message of ours may be several of theirs: each tool result is a message of its own."""
    content = message.content
    if isinstance(content, str):
        yield {"role": message.role, "content": content}
        return
    if message.role == "assistant":
        yield _build_assistant(content)
        return
    parts: list[Json] = []
    for block in content:
        if block.type == "tool_result":
            yield {
                "role": "tool",
                "tool_call_id": block.tool_use_id,
                "content": _text_of(block.content),
            }
            parts += _images_of(block.content)
    parts += [p for b in content if (p := _build_part(b)) is not None]
    if parts:
        only_text = all(p["type"] == "text" for p in parts)
        text = "".join(p["text"] for p in parts) if only_text else parts
        yield {"role": "system" if message.role == "system" else "user", "content": text}


def _build_assistant(content: list[ContentBlock]) -> Json:
    text = "".join(b.text or "" for b in content if b.type == "text")
    result: Json = {"role": "assistant", "content": text or None}
    calls = [
        {
            "id": b.tool_use_id,
            "type": "function",
            "function": {
                "name": b.name,
                "arguments": encode_json(b.input or {}),
            },
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
        return {"type": "text", "text": block.text or ""}
    if block.type == "image" and block.source is not None:
        source = block.source
        url = source.get("url") or f"data:{source['media_type']};base64,{source['data']}"
        return {"type": "image_url", "image_url": {"url": url}}
    return None


def _text_of(content: str | list[ContentBlock] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "".join(b.text or "" for b in content if b.type == "text")


def _images_of(content: str | list[ContentBlock] | None) -> list[Json]:
    """A tool's message holds text alone, so its images follow in a user's message."""
    if not isinstance(content, list):
        return []
    return [p for b in content if b.type == "image" and (p := _build_part(b)) is not None]
