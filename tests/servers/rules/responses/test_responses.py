"""What Responses take, and what their answers hold: a pair a rule, one taken and one refused."""

from __future__ import annotations

import json
from typing import Any

import openai as sdk
import pytest

from tests.servers import FakeOpenAI, Raw, text, thinking, tool_call
from tests.servers.rules.openai.ask import CLOSED, PDF, PNG, SCHEMA, Json, check
from tests.servers.rules.openai.ask import ask as ask_any

PATH = "/v1/responses"
TOOL = {"type": "function", "name": "add", "parameters": SCHEMA}
CALL = {"type": "function_call", "call_id": "call_1", "name": "add", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "3"}
USER = {"role": "user", "content": "hi"}
KEEP: Json = {"store": False, "include": ["reasoning.encrypted_content"]}


def ask(server: FakeOpenAI, **body: Any) -> Any:
    return ask_any(server, **{"model": "gpt-6.1-terra", "input": "hi", "path": PATH, **body})


def said(*parts: Json, role: str = "user") -> list[Json]:
    return [{"role": role, "content": list(parts)}]


def json_schema(schema: Json) -> Json:
    return {"format": {"type": "json_schema", "name": "answer", "schema": schema, "strict": True}}


RULES: dict[str, tuple[Json, Json, str]] = {
    "no unknown field": ({"text": {}}, {"thinking": {}}, "Unknown parameter: 'thinking'."),
    "a field that moved": (
        {"text": json_schema(CLOSED)},
        {"response_format": {}},
        "Unsupported parameter: 'response_format'. In the Responses API, this parameter has moved "
        "to 'text.format'.",
    ),
    "a limit by its own name": (
        {"max_output_tokens": 16},
        {"max_completion_tokens": 16},
        "has moved to 'max_output_tokens'",
    ),
    "sixteen tokens at least": (
        {"max_output_tokens": 16},
        {"max_output_tokens": 15},
        "Expected a value >= 16, but got 15 instead.",
    ),
    "an effort that the model has": (
        {"model": "gpt-6-sol", "reasoning": {"effort": "none"}},
        {"model": "gpt-6.1-sol", "reasoning": {"effort": "none"}},
        "Unsupported value: 'none' is not supported with the 'gpt-6.1-sol' model.",
    ),
    "reasoning where it reasons": (
        {"reasoning": {"summary": "auto"}},
        {"model": "gpt-4.1", "reasoning": {"effort": "low"}},
        "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
    ),
    "encrypted reasoning where it reasons": (
        {"include": ["reasoning.encrypted_content"]},
        {"model": "gpt-4.1", "include": ["reasoning.encrypted_content"]},
        "Encrypted content is not supported with this model.",
    ),
    "a thing to include that exists": (
        {"include": ["web_search_call.action.sources"]},
        {"include": ["reasoning"]},
        "Invalid value: 'reasoning'.",
    ),
    "no temperature while it reasons": (
        {"reasoning": {"effort": "none"}, "temperature": 0.2},
        {"temperature": 0.2},
        "Unsupported parameter: 'temperature' is not supported with this model.",
    ),
    "a strict schema is closed": (
        {"text": json_schema(CLOSED)},
        {"text": json_schema(SCHEMA)},
        "Invalid schema for response_format 'answer': In context=(), 'additionalProperties'",
    ),
    "tools whatever the effort": (
        {"tools": [TOOL], "reasoning": {"effort": "high"}},
        {"tools": [{"type": "function", "function": {"name": "add"}}]},
        "Missing required parameter: 'tools[0].name'.",
    ),
    "a tool that exists": (
        {"tools": [{"type": "web_search"}]},
        {"tools": [{"type": "browse"}]},
        "Invalid value: 'browse'.",
    ),
    "a strict function is closed": (
        {"tools": [{**TOOL, "parameters": CLOSED, "strict": True}]},
        {"tools": [{**TOOL, "strict": True}]},
        "Invalid schema for function 'add': In context=(), 'additionalProperties'",
    ),
    "a choice among the tools": (
        {"tools": [TOOL], "tool_choice": {"type": "function", "name": "add"}},
        {"tools": [TOOL], "tool_choice": {"type": "function", "name": "sub"}},
        "Tool choice 'function' with name 'sub' not found",
    ),
    "input of the user": (
        {"input": said({"type": "input_text", "text": "a"})},
        {"input": said({"type": "text", "text": "a"})},
        "Invalid value: 'text'. Supported values are: 'input_text',",
    ),
    "output of the assistant": (
        {"input": [*said({"type": "output_text", "text": "a"}, role="assistant"), USER]},
        {"input": [*said({"type": "input_text", "text": "a"}, role="assistant"), USER]},
        "Invalid value: 'input_text'. Supported values are: 'output_text', and 'refusal'.",
    ),
    "an image is a URL": (
        {"input": said({"type": "input_image", "image_url": PNG})},
        {"input": said({"type": "input_image", "image_url": {"url": PNG}})},
        "expected an image URL, but got an object instead.",
    ),
    "a file is a data URL": (
        {"input": said({"type": "input_file", "file_data": PDF, "filename": "a.pdf"})},
        {"input": said({"type": "input_file", "file_data": "JVBE", "filename": "a.pdf"})},
        "Invalid file data: 'file_data'.",
    ),
    "an item that exists": (
        {"input": [USER]},
        {"input": [{"type": "tool_result", "content": "3"}]},
        "Invalid value: 'tool_result'.",
    ),
    "no other vendor's field": (
        {"input": [USER, {"role": "assistant", "content": "a"}, USER]},
        {"input": [USER, {"role": "assistant", "content": "a", "reasoning_content": "b"}, USER]},
        "Unknown parameter: 'input[1].reasoning_content'.",
    ),
    "every call has its output": (
        {"input": [USER, CALL, OUTPUT]},
        {"input": [USER, CALL]},
        "No tool output found for function call call_1.",
    ),
    "every output has its call": (
        {"input": [USER, CALL, OUTPUT]},
        {"input": [USER, OUTPUT]},
        "No tool call found for function call output with call_id call_1.",
    ),
    "an id of its kind": (
        {"input": [USER, {**CALL, "id": "fc_1"}, OUTPUT]},
        {"input": [USER, {**CALL, "id": "call_1"}, OUTPUT]},
        "Invalid 'input[1].id': 'call_1'. Expected an ID that begins with 'fc'.",
    ),
    "reasoning says what it is": (
        {"input": [USER]},
        {"input": [USER, {"type": "reasoning", "id": "rs_1"}, CALL, OUTPUT]},
        "Missing required parameter: 'input[1].summary'.",
    ),
    "no invented reasoning": (
        {"input": [USER]},
        {
            "input": [
                USER,
                {"type": "reasoning", "summary": [], "encrypted_content": "gAAAAAx"},
                CALL,
                OUTPUT,
            ]
        },
        "could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_takes_one_and_refuses_the_other(openai: FakeOpenAI, rule: str) -> None:
    good, bad, words = RULES[rule]
    base: Json = {"model": "gpt-6.1-terra", "input": "hi", "path": PATH}
    check(openai, {**base, **good}, {**base, **bad}, words)


def first_turn(server: FakeOpenAI, **body: Any) -> list[Json]:
    """Ask for a call; return the items of the answer."""
    server.reply(thinking("Hm, well"), tool_call("add", {"a": 1}, id="call_1"))
    answer = ask(server, tools=[TOOL], **body)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["output"])


def test_reasoning_goes_back_encrypted_where_nothing_is_stored(openai: FakeOpenAI) -> None:
    output = first_turn(openai, **KEEP)
    assert [item["type"] for item in output] == ["reasoning", "function_call"]
    assert ask(openai, **KEEP, input=[USER, *output, OUTPUT]).status_code == 200


def test_an_item_that_was_not_stored_is_not_found(openai: FakeOpenAI) -> None:
    output = first_turn(openai, store=False)
    assert "encrypted_content" not in output[0]
    refused = ask(openai, store=False, input=[USER, *output, OUTPUT])
    message = refused.json()["error"]["message"]
    assert (refused.status_code, refused.json()["error"]["param"]) == (404, "input")
    assert message.startswith(
        f"Item with id '{output[0]['id']}' not found. Items are not persisted"
    )


def test_a_stored_item_is_found_by_its_id(openai: FakeOpenAI) -> None:
    output = first_turn(openai)
    found = [{"type": "item_reference", "id": item["id"]} for item in output]
    assert ask(openai, input=[USER, *output, OUTPUT]).status_code == 200
    stored = ask(openai, input=[USER, *found, CALL, OUTPUT])
    assert stored.status_code == 200
    refused = ask(openai, input=[USER, {"type": "item_reference", "id": "msg_other"}])
    assert refused.status_code == 404


def test_a_call_needs_the_reasoning_before_it(openai: FakeOpenAI) -> None:
    reasoning, call = first_turn(openai, **KEEP)
    refused = ask(openai, **KEEP, input=[USER, call, OUTPUT]).json()["error"]["message"]
    assert (
        f"Item '{call['id']}' of type 'function_call' was provided without its required" in refused
    )
    alone = ask(openai, **KEEP, input=[USER, reasoning, USER]).json()["error"]["message"]
    assert "of type 'reasoning' was provided without its required following item." in alone
    without = {name: value for name, value in call.items() if name != "id"}
    assert ask(openai, **KEEP, input=[USER, without, OUTPUT]).status_code == 200


def test_a_response_goes_on_only_where_it_was_stored(openai: FakeOpenAI) -> None:
    stored = ask(openai).json()["id"]
    assert ask(openai, previous_response_id=stored).status_code == 200
    openai.reply(text("ok"))
    unstored = ask(openai, store=False).json()["id"]
    refused = ask(openai, previous_response_id=unstored).json()["error"]
    assert refused["code"] == "previous_response_not_found"


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("asked", [True, False])
def test_summaries_come_where_asked(openai: FakeOpenAI, stream: bool, asked: bool) -> None:
    openai.reply(thinking("Hm, well"), text("ok"))
    reasoning = {"summary": "auto"} if asked else None
    body = ask(openai, reasoning=reasoning, stream=stream or None).text
    assert ("Hm" in body) == asked
    assert "gAAAA" not in body


def test_one_script_answers_on_either_endpoint(openai: FakeOpenAI) -> None:
    script = openai.script(text("Hello you"))
    openai.queue(script, script)
    assert "Hello you" in ask(openai).json()["output"][0]["content"][0]["text"]
    whole = ask_any(openai).json()
    assert whole["choices"][0]["message"]["content"] == "Hello you"


def test_pacing_and_faults_hold_on_either_endpoint(openai: FakeOpenAI) -> None:
    openai.queue(openai.script(text("a b c")).cut_at_event(5))
    types = [line for line in ask(openai, stream=True).text.splitlines() if "event:" in line]
    assert types == [
        "event: response.created",
        "event: response.in_progress",
        "event: response.output_item.added",
        "event: response.content_part.added",
        "event: response.output_text.delta",
    ]


def test_a_cut_answer_is_incomplete(openai: FakeOpenAI) -> None:
    openai.reply(text("Once upon"), finish_reason="length")
    answer = ask(openai).json()
    assert answer["status"] == "incomplete"
    assert answer["incomplete_details"] == {"reason": "max_output_tokens"}


def test_usage_counts_what_was_cached_and_thought(openai: FakeOpenAI) -> None:
    cached = {"cached_tokens": 20, "cache_write_tokens": 3}
    openai.reply(thinking("a b"), text("c d e"), usage={"prompt_tokens_details": cached})
    usage = ask(openai).json()["usage"]
    assert usage["input_tokens_details"] == cached
    assert usage["output_tokens_details"] == {"reasoning_tokens": 2}
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"] == 30


async def test_the_openai_sdk_reads_every_item(openai: FakeOpenAI) -> None:
    search = {"type": "web_search_call", "status": "completed", "id": "ws_1"}
    action = {"type": "search", "query": "q", "queries": ["q"]}
    openai.queue(
        openai.response(
            thinking("Hm."),
            Raw({**search, "action": action}),
            text("Hi you"),
            tool_call("add", {"a": 1}),
        )
    )
    async with sdk.AsyncOpenAI(api_key="k", base_url=openai.base_url) as client:
        stream = await client.responses.create(
            model="gpt-6.1-terra", input="hi", stream=True, reasoning={"summary": "auto"}
        )
        events = [event async for event in stream]
    types = [event.type for event in events]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "response.web_search_call.searching" in types
    pieces = [e.delta for e in events if e.type == "response.output_text.delta"]
    assert "".join(pieces) == "Hi you"
    thoughts = [e.delta for e in events if e.type == "response.reasoning_summary_text.delta"]
    assert "".join(thoughts) == "Hm."
    arguments = [e.delta for e in events if e.type == "response.function_call_arguments.delta"]
    assert json.loads("".join(arguments)) == {"a": 1}
    final = events[-1]
    assert final.type == "response.completed"
    kinds = [item.type for item in final.response.output]
    assert kinds == ["reasoning", "web_search_call", "message", "function_call"]
    assert final.response.output_text == "Hi you"
