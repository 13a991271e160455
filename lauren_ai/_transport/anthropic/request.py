"""Builds the JSON of a request to Anthropic's Messages API from what the model takes. It sends
nothing.

Source: https://platform.claude.com/docs/en/api/messages
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lauren_ai._conversations.memory import estimate_tokens
from lauren_ai._profiles import Profile, get_context_window
from lauren_ai._streaming.request import DEFAULT_MAX_TOKENS, CompletionRequest
from lauren_ai._transport.answer_tool import ask_by_tool
from lauren_ai._transport.anthropic.cache import add_cache
from lauren_ai._transport.anthropic.messages import BlockBuilder
from lauren_ai._transport.anthropic.prefix import Prefix
from lauren_ai._transport.anthropic.schema import build_grammar
from lauren_ai._transport.anthropic.thinking import add_sampling, add_thinking, is_thinking
from lauren_ai._transport.extra_body import merge_extra
from lauren_ai._types import ToolChoice

Json = dict[str, Any]

PATH = "/v1/messages"
COUNT_PATH = "/v1/messages/count_tokens"
#: What `POST /v1/messages/count_tokens` takes of a request.
_COUNTED = frozenset("model messages system tools tool_choice thinking output_config".split())


@dataclass(slots=True, kw_only=True)
class MessagesRequest:
    """A request as it is sent: its JSON, the version of the API if an older one takes it, lines
    for the person, and the digest of its content where thoughts are bound to that."""

    body: Json
    version: str | None = None
    notes: list[str] = field(default_factory=list)
    prefix: Prefix | None = None


def build_request(
    request: CompletionRequest,
    profile: Profile,
    *,
    owner: str = "anthropic",
    with_thinking: bool = True,
) -> MessagesRequest:
    """`POST /v1/messages`. `owner` is the server that is asked: it gets its own blocks back.
    The caller's messages are read, never changed."""
    notes: list[str] = []
    grammar = None
    if request.output_schema is not None:
        if profile.structured == "output_config.format":
            grammar = build_grammar(request.output_schema)
        if grammar is None:
            request = ask_by_tool(request, profile)
    body: Json = {
        "model": request.model,
        "max_tokens": _choose_max_tokens(request, profile, notes),
        "messages": [],
        "stream": True,
    }
    if system := _build_system(request):
        body["system"] = system
    add_thinking(body, request, profile, notes)
    if request.tools:
        _add_tools(body, request, profile, notes)
    version = add_sampling(body, request, profile, notes)
    if version and profile.server in ("bedrock", "vertex"):  # no header there
        body["anthropic_version"], version = version, None
    if request.stop_sequences:
        body["stop_sequences"] = list(request.stop_sequences)
    if grammar is not None:
        form = {"type": "json_schema", "schema": grammar}
        body["output_config"] = {**body.get("output_config", {}), "format": form}
    extra = request.request_options.get("extra_body")
    body = merge_extra(body, extra)
    prefix = Prefix(body) if profile.prefix_bound else None
    builder = BlockBuilder.for_profile(profile, owner=owner, with_thinking=with_thinking)
    if body.get("messages") == []:
        body["messages"] = builder.build_messages(request.messages, prefix)
    if not (isinstance(extra, dict) and "cache_control" in extra):
        body = add_cache(body, request.cache, profile)
    return MessagesRequest(body=body, version=version, notes=notes, prefix=prefix)


def build_body(request: CompletionRequest, profile: Profile, *, owner: str = "anthropic") -> Json:
    """The body alone."""
    return build_request(request, profile, owner=owner).body


#: What is asked for, whatever the model then takes: how a cassette keeps a request, for any server.
_AS_ASKED = Profile(
    name="",
    endpoint="messages",
    thinking="budget",
    effort_field="output_config.effort",
    structured="tool",
)


def describe_body(request: CompletionRequest) -> Json:
    """The body as it was asked for: with a limit only if the person named one."""
    body = build_body(request, _AS_ASKED)
    extra = request.request_options.get("extra_body")
    if request.max_tokens is None and not (isinstance(extra, Mapping) and "max_tokens" in extra):
        del body["max_tokens"]
    return body


def describe_count_body(request: CompletionRequest) -> Json:
    """What is counted, as it was asked for."""
    return build_count_body(request, _AS_ASKED)


def build_count_body(
    request: CompletionRequest, profile: Profile, *, owner: str = "anthropic"
) -> Json:
    """The body of `POST /v1/messages/count_tokens`."""
    body = build_body(request, profile, owner=owner)
    return {key: value for key, value in body.items() if key in _COUNTED}


def _build_system(request: CompletionRequest) -> str:
    parts = [m.text() for m in request.messages if m.role == "system"]
    return "\n\n".join([request.system, *parts] if request.system else parts)


def _choose_max_tokens(request: CompletionRequest, profile: Profile, notes: list[str]) -> int:
    limit = profile.max_output
    if request.max_tokens is None:
        return _get_default_max_tokens(request, profile)
    if limit is None or request.max_tokens <= limit:
        return request.max_tokens
    notes.append(f"{request.model} gives at most {limit:,} tokens: sent with that limit.")
    return limit


def _get_default_max_tokens(request: CompletionRequest, profile: Profile) -> int:
    """The model's own limit, as this API must be told one: it counts the thinking."""
    most, window = profile.max_output or DEFAULT_MAX_TOKENS, get_context_window(profile)
    if window is None:
        return most
    # "input length and `max_tokens` exceed context limit", says an older model of a long history.
    prompt = sum(map(estimate_tokens, request.messages))
    return max(min(most, window - 2 * prompt), min(most, DEFAULT_MAX_TOKENS))


def _add_tools(body: Json, request: CompletionRequest, profile: Profile, notes: list[str]) -> None:
    body["tools"] = [
        {"name": t.name, "description": t.description, "input_schema": t.input_schema}
        for t in request.tools
    ]
    choice = request.tool_choice or ToolChoice()
    effort = body.get("output_config", {}).get("effort")
    thinks = is_thinking(body) and request.thinking
    if choice.type in ("any", "tool") and not profile.takes_forced_tool(
        thinking=thinks, effort=effort
    ):
        notes.append(f"{request.model} takes no forced tool: sent with a free choice.")
        choice = ToolChoice()
    built: Json = {"type": choice.type}
    if choice.type == "tool":
        built["name"] = choice.name
    if (
        request.parallel_tool_calls is False
        and choice.type != "none"
        and profile.parallel_tool_calls is not False
    ):
        built["disable_parallel_tool_use"] = True
    body["tool_choice"] = built
