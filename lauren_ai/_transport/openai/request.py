"""Builds the JSON of a chat completions request. It sends nothing.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import re

from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.openai.messages import Json, build_messages
from lauren_ai._types import ToolChoice

#: o1, o3-mini, o4-mini, …: they refuse `parallel_tool_calls`, even false (400, "Unsupported
#: parameter"), and call one tool at a time.
_ONE_CALL = re.compile(r"(?:^|/)o\d")
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def build_body(request: CompletionRequest, *, max_tokens_name: str = "max_tokens") -> Json:
    """The body of `POST /chat/completions`. The caller's messages are read, never changed."""
    messages: list[Json] = []
    if request.system:
        messages.append({"role": "system", "content": request.system})
    messages += build_messages(request.messages)
    body: Json = {
        "model": request.model,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
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
        if request.parallel_tool_calls is not None and not _ONE_CALL.search(request.model):
            body["parallel_tool_calls"] = request.parallel_tool_calls
    if request.max_tokens is not None:  # else the model's own: servers count what is asked for
        body[max_tokens_name] = request.max_tokens
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
