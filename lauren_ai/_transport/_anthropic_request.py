"""Builds the JSON of a request to Anthropic's Messages API. It sends nothing.

Source: https://docs.anthropic.com/en/api/messages
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lauren_ai._transport._base import CompletionRequest
from lauren_ai._transport._types import ContentBlock, Message, ToolChoice

Json = dict[str, Any]


def build_body(request: CompletionRequest, *, adaptive_thinking: bool = False) -> Json:
    """The body of `POST /v1/messages`. The caller's messages are read, never changed."""
    system = [m.text() for m in request.messages if m.role == "system"]
    if request.system:
        system.insert(0, request.system)
    body: Json = {
        "model": request.model,
        "max_tokens": request.max_tokens,
        "messages": [_build_message(m) for m in request.messages if m.role != "system"],
        "stream": True,
    }
    if system:
        body["system"] = "\n\n".join(system)
    if request.tools:
        body["tools"] = [
            {"name": t.name, "description": t.description, "input_schema": t.input_schema}
            for t in request.tools
        ]
        body["tool_choice"] = _build_tool_choice(request)
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.top_p is not None:
        body["top_p"] = request.top_p
    if request.stop_sequences:
        body["stop_sequences"] = list(request.stop_sequences)
    if request.reasoning_effort:
        body["output_config"] = {"effort": request.reasoning_effort}
    if request.thinking:
        _add_thinking(body, request, adaptive=adaptive_thinking)
    extra = request.request_options.get("extra_body")
    if isinstance(extra, dict):
        body.update(extra)
    return body


def _add_thinking(body: Json, request: CompletionRequest, *, adaptive: bool) -> None:
    if adaptive:
        body["thinking"] = {"type": "adaptive", "display": "summarized"}
        return
    budget = max(1024, request.thinking_budget_tokens)  # the API's own floor
    body["thinking"] = {"type": "enabled", "budget_tokens": budget}
    if body["max_tokens"] <= budget:  # max_tokens counts the thinking too
        body["max_tokens"] += budget


def _build_tool_choice(request: CompletionRequest) -> Json:
    choice = request.tool_choice or ToolChoice()
    result: Json = {"type": choice.type}
    if choice.type == "tool":
        result["name"] = choice.name
    if request.parallel_tool_calls is False and choice.type != "none":
        result["disable_parallel_tool_use"] = True
    return result


def _build_message(message: Message) -> Json:
    role = "assistant" if message.role == "assistant" else "user"
    if isinstance(message.content, str):
        return {"role": role, "content": message.content}
    blocks = (_build_block(b) for b in message.content)
    return {"role": role, "content": [b for b in blocks if b is not None]}


def _build_block(block: ContentBlock) -> Json | None:
    if block.raw is not None:
        return block.raw
    if block.type == "text":
        return {"type": "text", "text": block.text} if block.text else None
    if block.type == "image":
        return {"type": "image", "source": block.source}
    if block.type == "tool_use":
        return {
            "type": "tool_use",
            "id": block.tool_use_id,
            "name": block.name,
            "input": block.input or {},
        }
    if block.type == "tool_result":
        result: Json = {
            "type": "tool_result",
            "tool_use_id": block.tool_use_id,
            "content": _build_result(block.content),
        }
        if block.is_error:
            result["is_error"] = True
        return result
    if block.type == "thinking":
        # Without its signature the API refuses it: another provider's thinking stays behind.
        if block.signature is None:
            return None
        return {"type": "thinking", "thinking": block.text or "", "signature": block.signature}
    return None


def _build_result(content: str | Sequence[ContentBlock] | None) -> str | list[Json]:
    if content is None or isinstance(content, str):
        return content or ""
    return [built for b in content if (built := _build_block(b)) is not None]
