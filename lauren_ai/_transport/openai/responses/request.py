"""Builds the JSON of a request to OpenAI's Responses API. It sends nothing.

Source: https://platform.openai.com/docs/api-reference/responses/create
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lauren_ai._exceptions import TransportError
from lauren_ai._profiles.profile import Profile
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.answer_tool import ask_by_tool
from lauren_ai._transport.extra_body import merge_extra
from lauren_ai._transport.openai.responses.input import Json, build_input
from lauren_ai._transport.openai.strict_schema import build_strict
from lauren_ai._types import ToolChoice

PATH = "/responses"
COUNT_PATH = "/responses/input_tokens"
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}
#: What `POST /responses/input_tokens` takes of a request.
_COUNTED = frozenset(
    """model input instructions tools tool_choice parallel_tool_calls reasoning text
    truncation""".split()
)


def build_body(request: CompletionRequest, profile: Profile, *, owner: str = "openai") -> Json:
    """The body of `POST /responses`. `owner` is the server that is asked: it gets its own items
    back. The caller's messages are read, never changed.

    Raises TransportError for what this API does not take."""
    if request.output_schema is not None and profile.structured != "text.format":
        request = ask_by_tool(request, profile)
    if request.stop_sequences:
        raise TransportError(
            "OpenAI's Responses API takes no stop sequences. Leave stop_sequences out, and cut the "
            "answer where you want it to end."
        )
    extra = request.request_options.get("extra_body")
    is_stored = isinstance(extra, Mapping) and extra.get("store") is True
    body: Json = {
        "model": request.model,
        "input": build_input(request.messages, owner=owner, is_stored=is_stored),
        "stream": True,
        "store": False,
    }
    if request.max_tokens is not None:  # else the model's own
        body["max_output_tokens"] = request.max_tokens
    if request.system:
        body["instructions"] = request.system
    if request.tools:
        _add_tools(body, request, profile)
    _add_reasoning(body, request, profile)
    if request.output_schema is not None:
        body["text"] = {"format": _build_format(request.output_schema, profile)}
    return merge_extra(body, extra)


def build_count_body(request: CompletionRequest, profile: Profile, *, owner: str) -> Json:
    """The body of `POST /responses/input_tokens`. Raises TransportError as `build_body`."""
    body = build_body(request, profile, owner=owner)
    return {key: value for key, value in body.items() if key in _COUNTED}


def _add_tools(body: Json, request: CompletionRequest, profile: Profile) -> None:
    body["tools"] = [
        {
            "type": "function",
            "name": tool.name,
            "description": tool.description,
            "parameters": tool.input_schema,
            # Left out it means true here, and the API would ask for every optional argument.
            "strict": False,
        }
        for tool in request.tools
    ]
    choice = request.tool_choice or ToolChoice()
    named = {"type": "function", "name": choice.name}
    body["tool_choice"] = named if choice.type == "tool" else _CHOICES[choice.type]
    if request.parallel_tool_calls is not None and profile.parallel_tool_calls is not False:
        body["parallel_tool_calls"] = request.parallel_tool_calls


def _add_reasoning(body: Json, request: CompletionRequest, profile: Profile) -> None:
    """Thinking, and the sampling that goes with it or not."""
    effort = None
    if profile.thinking != "none":
        if request.reasoning_effort:
            effort = profile.choose_effort(request.reasoning_effort)
        elif request.thinking:
            effort = profile.get_effort_for_budget(request.thinking_budget_tokens)
        reasoning: Json = {"effort": effort} if effort else {}
        if request.thinking:
            reasoning["summary"] = "auto"
        if reasoning:
            body["reasoning"] = reasoning
    if "encrypted_reasoning" in profile.gives_back:
        # Nothing is stored there: sealed thoughts are the only ones that can be sent back.
        body["include"] = ["reasoning.encrypted_content"]
    for name in ("temperature", "top_p"):
        value = getattr(request, name)
        if value is not None and profile.takes_sampling(
            name, thinking=request.thinking, effort=effort
        ):
            body[name] = value


def _build_format(schema: Mapping[str, Any], profile: Profile) -> Json:
    strict = build_strict(schema) if profile.strict is not False else None
    return {
        "type": "json_schema",
        "name": "answer",
        "schema": dict(schema) if strict is None else strict,
        "strict": strict is not None,
    }
