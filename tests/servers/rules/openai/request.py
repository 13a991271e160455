"""The top level of a chat completions request to OpenAI.

It owns one function a rule; the messages are `messages`'s. Errors name the field in `param`, as
https://platform.openai.com/docs/guides/error-codes says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NoReturn

from tests.servers.rules._refusal import refuse, unknown_fields
from tests.servers.rules._schema import openai_strict_fault
from tests.servers.rules.openai.models import Model, listed

Body = Mapping[str, Any]

# The SDK's CompletionCreateParams.
FIELDS = frozenset(
    "messages model audio frequency_penalty function_call functions logit_bias logprobs "
    "max_completion_tokens max_tokens metadata modalities moderation n parallel_tool_calls "
    "prediction presence_penalty prompt_cache_key prompt_cache_options prompt_cache_retention "
    "reasoning_effort response_format safety_identifier seed service_tier stop store stream "
    "stream_options temperature tool_choice tools top_logprobs top_p user verbosity "
    "web_search_options".split()
)
#: What a model that reasons takes none of: the parameter compatibility of the newest models' guide.
SAMPLING = ("top_p", "presence_penalty", "frequency_penalty", "logprobs", "logit_bias", "stop")
_NAME = re.compile(r"[a-zA-Z0-9_-]+")


def unsupported(name: str, hint: str = "") -> NoReturn:
    """Refuse a field that the model does not take."""
    refuse(
        f"Unsupported parameter: '{name}' is not supported with this model.{hint}",
        param=name,
        code="unsupported_parameter",
    )


def check_fields(body: Body) -> None:
    """Refuse unknown fields, and a request without a model or messages."""
    for name in unknown_fields(body, FIELDS):
        refuse(f"Unrecognized request argument supplied: {name}")
    for name in ("model", "messages"):
        if name not in body:
            refuse(
                f"Missing required parameter: '{name}'.",
                param=name,
                code="missing_required_parameter",
            )


def check_tokens(body: Body, model: Model) -> None:
    """Refuse the old name for a limit where a model reasons, and limits that are too large.

    The words: BerriAI/litellm issue 13432 and openai/openai-python issue 1767.
    """
    if "max_tokens" in body and model.reasons:
        unsupported("max_tokens", " Use 'max_completion_tokens' instead.")
    if "max_tokens" in body and "max_completion_tokens" in body:
        refuse(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
            code="invalid_parameter_combination",
        )
    for name in ("max_tokens", "max_completion_tokens"):
        value = body.get(name)
        if value is not None and value < 1:
            refuse(
                f"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got "
                f"{value} instead.",
                param=name,
                code="integer_below_min_value",
            )
        if value is not None and value > model.max_output:
            refuse(
                f"{name} is too large: {value}. This model supports at most {model.max_output} "
                f"completion tokens, whereas you provided {value}.",
                param=name,
                code="invalid_value",
            )


def check_effort(effort: Any, model: Model, model_name: str, param: str) -> None:
    """The words: openai/openai-agents-python issue 2089."""
    if effort is None:
        return
    if not model.reasons:
        if param == "reasoning_effort":
            refuse(f"Unrecognized request argument supplied: {param}")
        unsupported(param)
    if effort not in model.efforts:
        refuse(
            f"Unsupported value: '{effort}' is not supported with the '{model_name}' model. "
            f"Supported values are: {listed(model.efforts)}.",
            param=param,
            code="unsupported_value",
        )


def check_sampling(body: Body, model: Model, effort: str | None) -> None:
    """Refuse sampling while the model reasons: pydantic-ai issue 2482, vercel/ai pull 10940."""
    if not model.is_reasoning(effort):
        return
    temperature = body.get("temperature")
    if temperature is not None and model.samples == "never":
        unsupported("temperature")
    if temperature not in (None, 1):
        refuse(
            f"Unsupported value: 'temperature' does not support {temperature} with this model. "
            "Only the default (1) value is supported.",
            param="temperature",
            code="unsupported_value",
        )
    for name in SAMPLING:
        if body.get(name) is not None:
            unsupported(name)


def check_stream(body: Body) -> None:
    """https://platform.openai.com/docs/api-reference/chat/create#chat-create-stream_options"""
    if body.get("stream_options") is not None and not body.get("stream"):
        refuse(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param="stream_options",
        )


def check_tools(body: Body, model: Model) -> None:
    """Refuse tools that are none, and tools where the model calls them on Responses only."""
    tools = body.get("tools")
    if tools == []:
        refuse(
            "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.",
            param="tools",
            code="empty_array",
        )
    for name in ("tool_choice", "parallel_tool_calls"):
        if body.get(name) is not None and not tools:
            refuse(
                f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified.",
                param=name,
            )
    if body.get("parallel_tool_calls") is not None and not model.parallel_calls:
        unsupported("parallel_tool_calls")
    for i, tool in enumerate(tools or ()):
        check_tool(f"tools[{i}]", tool)
    _check_choice(body.get("tool_choice"), tools or [])
    effort = body.get("reasoning_effort")
    if tools and (
        model.chat_tools == "never" or (model.chat_tools == "effort none" and effort != "none")
    ):
        refuse(
            f"Function tools with reasoning_effort are not supported for {body['model']} in "
            "/v1/chat/completions. To use function tools, use /v1/responses or set "
            "reasoning_effort to 'none'.",
            param="reasoning_effort",
        )


def check_tool(at: str, tool: Body) -> None:
    """Refuse a tool of chat completions that is none: nested, named, with an object's schema."""
    if tool.get("type") not in ("function", "custom"):
        invalid(f"{at}.type", tool.get("type"), ("function", "custom"))
    if tool["type"] == "custom":
        return
    if "function" not in tool:
        missing(f"{at}.function")
    function = tool["function"]
    for name in unknown_fields(tool, ("type", "function")):
        unknown(f"{at}.{name}")
    for name in unknown_fields(function, ("name", "description", "parameters", "strict")):
        unknown(f"{at}.function.{name}")
    check_function(f"{at}.function", function)


def check_function(at: str, function: Body) -> None:
    """Refuse a function's name or schema, on either endpoint."""
    if not function.get("name"):
        missing(f"{at}.name")
    check_name(f"{at}.name", function["name"])
    schema = function.get("parameters")
    if schema is None:
        return
    fault = openai_strict_fault(schema) if function.get("strict") else _loose_fault(schema)
    if fault:
        refuse(
            f"Invalid schema for function '{function['name']}': {fault}",
            param=f"{at}.parameters",
            code="invalid_function_parameters",
        )


def check_name(at: str, name: Any) -> None:
    """Refuse a name that is longer than 64 or has other characters."""
    if len(name) > 64:
        too_long(at, name, 64)
    if not _NAME.fullmatch(name):
        refuse(
            f"Invalid '{at}': string does not match pattern. Expected a string that matches the "
            "pattern '^[a-zA-Z0-9_-]+$'.",
            param=at,
            code="invalid_value",
        )


def _loose_fault(schema: Any) -> str | None:
    if not isinstance(schema, Mapping) or schema.get("type") != "object":
        kind = schema.get("type") if isinstance(schema, Mapping) else None
        return f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{kind}\"'."
    if "properties" not in schema:
        return "In context=(), object schema missing properties."
    for name, part in schema["properties"].items():
        if isinstance(part, Mapping) and part.get("type") == "array" and "items" not in part:
            return f"In context=('properties', '{name}'), array schema missing items."
    return None


def _check_choice(choice: Any, tools: list[Any]) -> None:
    if choice is None:
        return
    if isinstance(choice, str):
        if choice not in ("none", "auto", "required"):
            invalid("tool_choice", choice, ("none", "auto", "required"))
        return
    if choice.get("type") != "function":
        return
    name = (choice.get("function") or {}).get("name")
    if name is None:
        missing("tool_choice.function")
    if name not in [tool.get("function", {}).get("name") for tool in tools]:
        refuse(
            f"Invalid value: Tool choice '{name}' not found in 'tools' parameter.",
            param="tool_choice",
        )


def check_format(body: Body, model: Model) -> None:
    """https://platform.openai.com/docs/guides/structured-outputs"""
    given = body.get("response_format")
    if given is None:
        return
    kind = given.get("type")
    if kind not in ("text", "json_object", "json_schema"):
        invalid("response_format.type", kind, ("json_object", "json_schema", "text"))
    if kind == "json_object" and "json" not in str(body["messages"]).lower():
        refuse(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of "
            "type 'json_object'.",
            param="messages",
        )
    if kind != "json_schema":
        return
    if not model.schemas:
        refuse(
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this "
            "model. Learn more about supported models at the Structured Outputs guide: "
            "https://platform.openai.com/docs/guides/structured-outputs",
            param="response_format",
        )
    if "json_schema" not in given:
        missing("response_format.json_schema")
    check_schema(given["json_schema"], "response_format.json_schema", "response_format")


def check_schema(given: Body, at: str, param: str) -> None:
    """Refuse a named schema; on Responses it stands in `text.format`."""
    for name in ("name", "schema"):
        if name not in given:
            missing(f"{at}.{name}")
    check_name(f"{at}.name", given["name"])
    if given.get("strict") and (fault := openai_strict_fault(given["schema"])):
        refuse(
            f"Invalid schema for response_format '{given['name']}': {fault}",
            param=param,
            code="invalid_json_schema",
        )


def missing(at: str) -> NoReturn:
    """Refuse a request without that field."""
    refuse(f"Missing required parameter: '{at}'.", param=at, code="missing_required_parameter")


def unknown(at: str) -> NoReturn:
    """Refuse a field that nobody knows."""
    refuse(f"Unknown parameter: '{at}'.", param=at, code="unknown_parameter")


def invalid(at: str, value: Any, values: tuple[str, ...]) -> NoReturn:
    """Refuse a value that is none of these."""
    refuse(
        f"Invalid value: '{value}'. Supported values are: {listed(values)}.",
        param=at,
        code="invalid_value",
    )


def too_long(at: str, value: str, limit: int) -> NoReturn:
    """Refuse a string of more than `limit` characters."""
    refuse(
        f"Invalid '{at}': string too long. Expected a string with maximum length {limit}, but got "
        f"a string with length {len(value)} instead.",
        param=at,
        code="string_above_max_length",
    )
