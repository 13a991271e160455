"""What chat completions take from OpenAI's models: a pair a rule, one taken and one refused."""

from __future__ import annotations

import httpx
import pytest

from tests.servers import FakeOpenAI, text
from tests.servers.rules.openai.ask import (
    CALL,
    CLOSED,
    FUNCTION,
    HI,
    PDF,
    PNG,
    RESULT,
    SCHEMA,
    TOOL,
    Json,
    ask,
    called,
    check,
)


def part(kind: str, **fields: object) -> Json:
    return {"type": kind, **fields}


def user(*parts: Json) -> list[Json]:
    return [{"role": "user", "content": list(parts)}]


def json_schema(schema: Json, **fields: object) -> Json:
    given = {"name": "answer", "schema": schema, "strict": True, **fields}
    return {"type": "json_schema", "json_schema": given}


def tool(**fields: object) -> list[Json]:
    return [{**TOOL, "function": {**FUNCTION, **fields}}]


NONE: Json = {"model": "gpt-5.4", "reasoning_effort": "none"}
TURN = [*HI, called(), RESULT]

RULES: dict[str, tuple[Json, Json, str]] = {
    "no unknown field": (
        {"prompt_cache_key": "k", "verbosity": "low"},
        {"cache_control": {}},
        "Unrecognized request argument supplied: cache_control",
    ),
    "messages are required": (
        {},
        {"messages": None},
        "Missing required parameter: 'messages'.",
    ),
    "a limit by its new name": (
        {"model": "gpt-5", "max_completion_tokens": 9},
        {"model": "gpt-5", "max_tokens": 9},
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
        "'max_completion_tokens' instead.",
    ),
    "the old name up to 4.1": (
        {"model": "gpt-4.1", "max_tokens": 9},
        {"model": "o4-mini", "max_tokens": 9},
        "'max_tokens' is not supported with this model",
    ),
    "behind a gateway's name too": (
        {"model": "openai/gpt-5.1", "max_completion_tokens": 9},
        {"model": "openai/gpt-5.1", "max_tokens": 9},
        "'max_tokens' is not supported with this model",
    ),
    "a limit within the model's": (
        {"max_tokens": 32_768},
        {"max_tokens": 32_769},
        "max_tokens is too large: 32769. This model supports at most 32768 completion tokens",
    ),
    "no temperature while it reasons": (
        {"model": "gpt-4.1", "temperature": 0.2},
        {"model": "gpt-5", "temperature": 0.2},
        "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default "
        "(1) value is supported.",
    ),
    "a temperature where effort is none": (
        {**NONE, "temperature": 0.2},
        {"model": "gpt-5.5", "temperature": 0.2},
        "'temperature' does not support 0.2",
    ),
    "5.1 does not reason unless asked": (
        {"model": "gpt-5.1", "temperature": 0.2},
        {"model": "gpt-5.1", "temperature": 0.2, "reasoning_effort": "low"},
        "'temperature' does not support 0.2",
    ),
    "no temperature at all on o-series": (
        {"model": "o3"},
        {"model": "o3", "temperature": 1},
        "Unsupported parameter: 'temperature' is not supported with this model.",
    ),
    "no top_p while it reasons": (
        {**NONE, "top_p": 0.5},
        {"model": "gpt-5.5", "top_p": 0.5},
        "Unsupported parameter: 'top_p' is not supported with this model.",
    ),
    "no stop while it reasons": (
        {"stop": ["END"]},
        {"model": "gpt-5", "stop": ["END"]},
        "Unsupported parameter: 'stop' is not supported with this model.",
    ),
    "an effort where it reasons": (
        {"model": "gpt-5", "reasoning_effort": "low"},
        {"reasoning_effort": "low"},
        "Unrecognized request argument supplied: reasoning_effort",
    ),
    "an effort that the model has": (
        {"model": "gpt-5.1", "reasoning_effort": "none"},
        {"model": "gpt-5", "reasoning_effort": "none"},
        "Unsupported value: 'none' is not supported with the 'gpt-5' model. Supported values are: "
        "'minimal', 'low', 'medium', and 'high'.",
    ),
    "no none on 6.1 Sol": (
        {"model": "gpt-6-sol", "reasoning_effort": "none"},
        {"model": "gpt-6.1-sol", "reasoning_effort": "none"},
        "'none' is not supported with the 'gpt-6.1-sol' model",
    ),
    "max from 5.6 on": (
        {"model": "gpt-5.6-terra", "reasoning_effort": "max"},
        {"model": "gpt-5.5", "reasoning_effort": "max"},
        "'max' is not supported with the 'gpt-5.5' model",
    ),
    "tools with effort none": (
        {**NONE, "tools": [TOOL]},
        {"model": "gpt-5.4", "tools": [TOOL]},
        "Function tools with reasoning_effort are not supported for gpt-5.4 in "
        "/v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort "
        "to 'none'.",
    ),
    "a made-up GPT is the newest": (
        {"model": "gpt-test", "tools": [TOOL], "reasoning_effort": "none"},
        {"model": "gpt-test", "tools": [TOOL]},
        "Function tools with reasoning_effort are not supported for gpt-test",
    ),
    "no tools at all on Astra": (
        {"model": "gpt-6-astra"},
        {"model": "gpt-6-astra", "tools": [TOOL], "reasoning_effort": "low"},
        "Function tools with reasoning_effort are not supported for gpt-6-astra",
    ),
    "tools up to 5.2": (
        {"model": "gpt-5.2", "tools": [TOOL], "reasoning_effort": "high"},
        {"model": "gpt-5.6-sol", "tools": [TOOL], "reasoning_effort": "high"},
        "Function tools with reasoning_effort are not supported",
    ),
    "no parallel_tool_calls on o-series": (
        {"tools": [TOOL], "parallel_tool_calls": False},
        {"model": "o4-mini", "tools": [TOOL], "parallel_tool_calls": False},
        "Unsupported parameter: 'parallel_tool_calls' is not supported with this model.",
    ),
    "parallel_tool_calls beside tools": (
        {"tools": [TOOL], "parallel_tool_calls": True},
        {"parallel_tool_calls": True},
        "'parallel_tool_calls' is only allowed when 'tools' are specified.",
    ),
    "a choice beside tools": (
        {"tools": [TOOL], "tool_choice": "required"},
        {"tool_choice": "auto"},
        "'tool_choice' is only allowed when 'tools' are specified.",
    ),
    "a choice among the tools": (
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "add"}}},
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "sub"}}},
        "Tool choice 'sub' not found in 'tools' parameter.",
    ),
    "no empty list of tools": ({}, {"tools": []}, "Invalid 'tools': empty array."),
    "a tool is nested": (
        {"tools": [TOOL]},
        {"tools": [{"type": "function", **FUNCTION}]},
        "Missing required parameter: 'tools[0].function'.",
    ),
    "a function's name": (
        {"tools": tool(name="a-b_1")},
        {"tools": tool(name="a.b")},
        "Invalid 'tools[0].function.name': string does not match pattern.",
    ),
    "a function's schema has properties": (
        {"tools": tool(parameters={"type": "object", "properties": {}})},
        {"tools": tool(parameters={"type": "object"})},
        "Invalid schema for function 'add': In context=(), object schema missing properties.",
    ),
    "a list says of what": (
        {"tools": tool(parameters=SCHEMA)},
        {"tools": tool(parameters={"type": "object", "properties": {"a": {"type": "array"}}})},
        "In context=('properties', 'a'), array schema missing items.",
    ),
    "a strict function is closed": (
        {"tools": tool(strict=True, parameters=CLOSED)},
        {"tools": tool(strict=True)},
        "Invalid schema for function 'add': In context=(), 'additionalProperties' is required to "
        "be supplied and to be false.",
    ),
    "a strict schema is closed": (
        {"response_format": json_schema(CLOSED)},
        {"response_format": json_schema(SCHEMA)},
        "Invalid schema for response_format 'answer': In context=(), 'additionalProperties' is "
        "required to be supplied and to be false.",
    ),
    "a strict schema requires everything": (
        {"response_format": json_schema(CLOSED)},
        {"response_format": json_schema({**CLOSED, "required": []})},
        "'required' is required to be supplied and to be an array including every key in "
        "properties. Missing 'a'.",
    ),
    "a loose schema may be open": (
        {"response_format": json_schema(SCHEMA, strict=False)},
        {"response_format": json_schema(SCHEMA)},
        "'additionalProperties'",
    ),
    "a schema has a name": (
        {"response_format": json_schema(CLOSED)},
        {"response_format": {"type": "json_schema", "json_schema": {"schema": CLOSED}}},
        "Missing required parameter: 'response_format.json_schema.name'.",
    ),
    "schemas from 4o on": (
        {"model": "gpt-4o", "response_format": json_schema(CLOSED)},
        {"model": "gpt-4-turbo", "response_format": json_schema(CLOSED)},
        "'response_format' of type 'json_schema' is not supported with this model.",
    ),
    "JSON is spoken of": (
        {"response_format": {"type": "json_object"}, "messages": user(part("text", text="JSON"))},
        {"response_format": {"type": "json_object"}},
        "'messages' must contain the word 'json' in some form",
    ),
    "stream_options of a stream": (
        {"stream": True, "stream_options": {"include_usage": True}},
        {"stream_options": {"include_usage": True}},
        "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    ),
    "a role that exists": (
        {"messages": [{"role": "developer", "content": "S"}, *HI]},
        {"messages": [{"role": "model", "content": "S"}]},
        "Invalid value: 'model'. Supported values are: 'system', 'assistant', 'user',",
    ),
    "no other vendor's field": (
        {"messages": [*HI, {"role": "assistant", "content": "a"}, *HI]},
        {"messages": [*HI, {"role": "assistant", "content": "a", "reasoning_content": "b"}, *HI]},
        "Unknown parameter: 'messages[1].reasoning_content'.",
    ),
    "no other vendor's field in a call": (
        {"messages": TURN},
        {"messages": [*HI, called({**CALL, "extra_content": {}}), RESULT]},
        "Unknown parameter: 'messages[1].tool_calls[0].extra_content'.",
    ),
    "the assistant says or calls something": (
        {"messages": TURN},
        {"messages": [*HI, {"role": "assistant", "content": None}]},
        "Invalid value for 'content': expected a string, got null.",
    ),
    "every call has its result": (
        {"messages": TURN},
        {"messages": [*HI, called(), *HI]},
        "The following tool_call_ids did not have response messages: call_1",
    ),
    "every result has its call": (
        {"messages": TURN},
        {"messages": [*HI, RESULT]},
        "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    ),
    "a call's id is short": (
        {"messages": [*HI, called({**CALL, "id": "c" * 40}), {**RESULT, "tool_call_id": "c" * 40}]},
        {"messages": [*HI, called({**CALL, "id": "c" * 41}), {**RESULT, "tool_call_id": "c" * 41}]},
        "Expected a string with maximum length 40, but got a string with length 41 instead.",
    ),
    "arguments are text": (
        {"messages": TURN},
        {"messages": [*HI, called({**CALL, "function": {"name": "add", "arguments": {}}}), RESULT]},
        "Invalid type for 'messages[1].tool_calls[0].function.arguments': expected a string",
    ),
    "images from the user only": (
        {"messages": user(part("image_url", image_url={"url": PNG}))},
        {
            "messages": [
                *HI,
                called(),
                {**RESULT, "content": [part("image_url", image_url={"url": PNG})]},
            ]
        },
        "Image URLs are only allowed for messages with role 'user', but this message with role "
        "'tool' contains an image URL.",
    ),
    "an image is one": (
        {"messages": user(part("image_url", image_url={"url": PNG}))},
        {"messages": user(part("image_url", image_url={"url": "data:image/png;base64,AAAA"}))},
        "You uploaded an unsupported image.",
    ),
    "a file is a data URL": (
        {"messages": user(part("file", file={"file_data": PDF, "filename": "a.pdf"}))},
        {"messages": user(part("file", file={"file_data": PDF[28:], "filename": "a.pdf"}))},
        "Invalid file data: 'file_data'.",
    ),
    "a file has a name": (
        {"messages": user(part("file", file={"file_data": PDF, "filename": "a.pdf"}))},
        {"messages": user(part("file", file={"file_data": PDF}))},
        "Missing required parameter: 'messages[0].content[0].file.filename'.",
    ),
    "a part that exists": (
        {"messages": user(part("text", text="a"))},
        {"messages": user(part("document", source={}))},
        "Invalid value: 'document'. Supported values are: 'text', 'image_url',",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_takes_one_and_refuses_the_other(openai: FakeOpenAI, rule: str) -> None:
    error = check(openai, *RULES[rule])
    assert error["error"]["type"] == "invalid_request_error"


def test_an_error_names_its_field(openai: FakeOpenAI) -> None:
    error = ask(openai, model="gpt-5", max_tokens=9).json()["error"]
    assert (error["param"], error["code"]) == ("max_tokens", "unsupported_parameter")


@pytest.mark.parametrize("model", ["gpt-5.4-pro", "gpt-5.3-codex", "o3-pro"])
def test_some_models_are_on_the_other_endpoint(openai: FakeOpenAI, model: str) -> None:
    refused = ask(openai, model=model)
    assert refused.status_code == 404
    assert "only supported in v1/responses" in refused.json()["error"]["message"]
    assert ask(openai, model=model, input="hi", path="/v1/responses").status_code == 200


def test_a_key_is_asked_for_by_openai_itself(openai: FakeOpenAI) -> None:
    assert ask(openai, headers={}).status_code == 200
    with FakeOpenAI(vendor="openai") as server:
        server.default = server.script(text("ok"))
        for path, more in (("", {}), ("/v1/responses", {"input": "hi"})):
            assert ask(server, path=path, headers={}, **more).status_code == 401
            assert ask(server, path=path, **more).status_code == 200


def test_a_body_that_is_none_is_refused(openai: FakeOpenAI) -> None:
    url = f"{openai.base_url}/chat/completions"
    answer = httpx.post(
        url, json={"model": "gpt-5", "messages": "hi"}, headers={"authorization": "k"}
    )
    assert answer.status_code == 400


def test_a_name_of_no_family_has_no_models_rules(openai: FakeOpenAI) -> None:
    assert ask(openai, model="m", tools=[TOOL], temperature=0, max_tokens=9).status_code == 200
    assert ask(openai, model="m", headers={}).status_code == 200
