"""The top level of a Responses request to OpenAI.

It owns one function a rule: https://platform.openai.com/docs/api-reference/responses/create; the
input items are `items`'s.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.servers.rules._refusal import refuse, unknown_fields
from tests.servers.rules.openai.models import Model
from tests.servers.rules.openai.request import (
    check_effort,
    check_function,
    check_schema,
    invalid,
    missing,
    unknown,
    unsupported,
)

Body = Mapping[str, Any]

# The SDK's ResponseCreateParams.
FIELDS = frozenset(
    "access_programs background background_options context_management conversation image include "
    "input instructions max_output_tokens max_tool_calls metadata model moderation "
    "parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options "
    "prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options "
    "temperature text tool_choice tools top_logprobs top_p truncation user".split()
)
#: Fields of chat completions, and where they went.
MOVED = {
    "messages": "input",
    "response_format": "text.format",
    "reasoning_effort": "reasoning.effort",
    "verbosity": "text.verbosity",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
    "functions": "tools",
}
INCLUDABLE = (
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "message.input_image.image_url",
    "computer_call_output.output.image_url",
    "code_interpreter_call.outputs",
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
)
#: https://platform.openai.com/docs/guides/tools
TOOLS = (
    "function custom file_search web_search web_search_2025_08_26 web_search_preview "
    "web_search_preview_2025_03_11 computer computer_use_preview mcp code_interpreter "
    "programmatic_tool_calling image_generation local_shell shell apply_patch namespace "
    "tool_search".split()
)
FUNCTION_FIELDS = frozenset(
    "type name description parameters strict defer_loading allowed_callers".split()
)
MIN_OUTPUT = 16


def check_fields(body: Body) -> None:
    """Refuse unknown fields, those of the other endpoint with the words that help."""
    for name in unknown_fields(body, FIELDS):
        if name in MOVED:
            refuse(
                f"Unsupported parameter: '{name}'. In the Responses API, this parameter has moved "
                f"to '{MOVED[name]}'. Try again with the new parameter. See the API documentation "
                "for more information: "
                "https://platform.openai.com/docs/api-reference/responses/create.",
                code="unsupported_parameter",
            )
        unknown(name)
    if "model" not in body:
        missing("model")
    if not body.get("input") and not body.get("previous_response_id") and not body.get("prompt"):
        refuse(
            "One of \"input\" or \"previous_response_id\" or 'prompt' or 'conversation' must be "
            "provided.",
            param="input",
            code="missing_required_parameter",
        )


def check_limits(body: Body, model: Model) -> None:
    """Sixteen tokens at least: openai/openai-python issue 2536."""
    value = body.get("max_output_tokens")
    if value is None:
        return
    if value < MIN_OUTPUT:
        refuse(
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= "
            f"{MIN_OUTPUT}, but got {value} instead.",
            param="max_output_tokens",
            code="integer_below_min_value",
        )
    if value > model.max_output:
        refuse(
            "Invalid 'max_output_tokens': integer above maximum value. Expected a value <= "
            f"{model.max_output}, but got {value} instead.",
            param="max_output_tokens",
            code="integer_above_max_value",
        )


def check_reasoning(body: Body, model: Model) -> None:
    """https://platform.openai.com/docs/guides/reasoning"""
    reasoning = body.get("reasoning") or {}
    known = ("effort", "summary", "generate_summary", "context", "mode")
    for name in unknown_fields(reasoning, known):
        unknown(f"reasoning.{name}")
    effort, summary = reasoning.get("effort"), reasoning.get("summary")
    check_effort(effort, model, body["model"], "reasoning.effort")
    if summary is not None and not model.reasons:
        unsupported("reasoning.summary")
    if summary not in (None, "auto", "concise", "detailed"):
        invalid("reasoning.summary", summary, ("auto", "concise", "detailed"))
    for name in body.get("include") or ():
        if name not in INCLUDABLE:
            invalid("include[0]", name, INCLUDABLE)
        if name == "reasoning.encrypted_content" and not model.reasons:
            refuse("Encrypted content is not supported with this model.", param="include")
    if model.is_reasoning(effort):
        for name in ("temperature", "top_p", "top_logprobs"):
            if body.get(name) is not None:
                unsupported(name)


def check_text(body: Body, model: Model) -> None:
    """https://platform.openai.com/docs/guides/structured-outputs?api-mode=responses"""
    text = body.get("text") or {}
    for name in unknown_fields(text, ("format", "verbosity")):
        unknown(f"text.{name}")
    given = text.get("format")
    if given is None:
        return
    if given.get("type") not in ("text", "json_object", "json_schema"):
        invalid("text.format.type", given.get("type"), ("json_object", "json_schema", "text"))
    if given["type"] == "json_schema":
        known = ("type", "name", "schema", "strict", "description")
        for name in unknown_fields(given, known):
            unknown(f"text.format.{name}")
        check_schema(given, "text.format", "text.format.schema")


def check_tools(body: Body, model: Model) -> None:
    """Refuse tools that are none; a function's fields stand in the tool itself here."""
    tools = body.get("tools") or []
    for i, tool in enumerate(tools):
        at = f"tools[{i}]"
        kind = tool.get("type")
        if kind not in TOOLS:
            invalid(f"{at}.type", kind, tuple(TOOLS))
        if kind != "function":
            continue
        if "name" not in tool:
            missing(f"{at}.name")
        for name in unknown_fields(tool, FUNCTION_FIELDS):
            unknown(f"{at}.{name}")
        if "parameters" not in tool:
            missing(f"{at}.parameters")
        check_function(at, tool)
    if body.get("parallel_tool_calls") is not None and not model.parallel_calls:
        unsupported("parallel_tool_calls")
    _check_choice(body.get("tool_choice"), tools)


def _check_choice(choice: Any, tools: list[Any]) -> None:
    if isinstance(choice, Mapping) and choice.get("type") == "function":
        if "name" not in choice:
            missing("tool_choice.name")
        if choice["name"] not in [tool.get("name") for tool in tools]:
            refuse(
                f"Tool choice 'function' with name '{choice['name']}' not found in 'tools' "
                "parameter.",
                param="tool_choice",
            )
    elif isinstance(choice, str) and choice not in ("none", "auto", "required"):
        invalid("tool_choice", choice, ("none", "auto", "required"))
    elif choice == "required" and not tools:
        refuse("Tool choice 'required' must be specified with 'tools' parameter.", param="tools")


def check_rest(body: Body) -> None:
    """Refuse keys and options of a wrong form."""
    if body.get("stream_options") is not None and not body.get("stream"):
        refuse(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )
    for name in unknown_fields(body.get("stream_options") or {}, ("include_obfuscation",)):
        unknown(f"stream_options.{name}")
    key = body.get("prompt_cache_key") or ""
    if len(key) > 64:
        refuse(
            "Invalid 'prompt_cache_key': string too long. Expected a string with maximum length "
            f"64, but got a string with length {len(key)} instead.",
            param="prompt_cache_key",
            code="string_above_max_length",
        )
    if body.get("previous_response_id") and not re.match("resp", body["previous_response_id"]):
        refuse(
            f"Invalid 'previous_response_id': '{body['previous_response_id']}'. Expected an ID "
            "that begins with 'resp'.",
            param="previous_response_id",
            code="invalid_value",
        )
