"""Builds the JSON of a chat completions request from what the model takes. It sends nothing.

Source: https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lauren_ai._profiles import Profile
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.answer_tool import ask_by_tool
from lauren_ai._transport.extra_body import merge_extra
from lauren_ai._transport.openai.messages import Json, build_messages
from lauren_ai._transport.openai.strict_schema import build_strict
from lauren_ai._types import ToolChoice

PATH = "/chat/completions"
_ANY = Profile(name="")
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


def build_body(request: CompletionRequest, profile: Profile = _ANY, *, owner: str = "") -> Json:
    """The body of `POST /chat/completions`. `owner` is the server that is asked: it gets its own
    thoughts and signatures back. The caller's messages are read, never changed.

    Raises TransportError for what the model does not take."""
    if request.output_schema is not None and profile.structured != "response_format":
        request = ask_by_tool(request, profile)
    messages: list[Json] = []
    if request.system:
        messages.append({"role": profile.system_role, "content": request.system})
    messages += build_messages(request.messages, profile, owner=owner)
    body: Json = {
        "model": request.model,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.max_tokens is not None:  # else the model's own: servers count what is asked for
        body[profile.token_field] = request.max_tokens
    effort = _choose_effort(request, profile)
    if request.tools:
        _add_tools(body, request, profile)
    _add_thinking(body, request, profile, effort)
    for name in ("temperature", "top_p"):
        value = getattr(request, name)
        if value is not None and profile.takes_sampling(
            name, thinking=request.thinking, effort=effort
        ):
            body[name] = value
    if request.stop_sequences and profile.stop_field:
        body[profile.stop_field] = list(request.stop_sequences)
    if request.output_schema is not None:
        body["response_format"] = _build_format(request.output_schema, profile)
    return merge_extra(body, request.request_options.get("extra_body"))


def _add_tools(body: Json, request: CompletionRequest, profile: Profile) -> None:
    body["tools"] = [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.input_schema,
            },
        }
        for tool in request.tools
    ]
    body["tool_choice"] = _build_choice(request.tool_choice or ToolChoice())
    if request.parallel_tool_calls is not None and profile.parallel_tool_calls is not False:
        body["parallel_tool_calls"] = request.parallel_tool_calls


def _build_choice(choice: ToolChoice) -> str | Json:
    if choice.type == "tool":
        return {"type": "function", "function": {"name": choice.name}}
    return _CHOICES[choice.type]


def _choose_effort(request: CompletionRequest, profile: Profile) -> str | None:
    """The level to ask for; None where none is asked for, or the model takes none."""
    if request.tools and profile.chat_tools == "effort none":
        return "none"  # tools go with no other: https://github.com/BerriAI/litellm/issues/34569
    if request.reasoning_effort:
        return profile.choose_effort(request.reasoning_effort)
    if request.thinking and profile.thinking != "none":
        return profile.get_effort_for_budget(request.thinking_budget_tokens)
    return None


def _add_thinking(
    body: Json, request: CompletionRequest, profile: Profile, effort: str | None
) -> None:
    if profile.thinking == "toggle":
        if request.reasoning_effort == "none":
            body["thinking"] = {"type": "disabled"}
            return
        if request.thinking or request.reasoning_effort:
            body["thinking"] = {"type": "enabled"}
    if effort is None or profile.effort_field is None:
        return
    field, _, inner = profile.effort_field.partition(".")
    body[field] = {inner: effort} if inner else effort


def _build_format(schema: Mapping[str, Any], profile: Profile) -> Json:
    strict = build_strict(schema) if profile.strict is not False else None
    described: Json = {"name": "answer", "schema": dict(schema) if strict is None else strict}
    if profile.strict is not False:
        described["strict"] = strict is not None
    return {"type": "json_schema", "json_schema": described}
