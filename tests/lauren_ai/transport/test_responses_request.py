"""The JSON of a request to OpenAI's Responses, by what the model takes."""

from __future__ import annotations

from typing import Any

import pytest

from lauren_ai import Message, ToolChoice, ToolSchema, TransportError
from lauren_ai._profiles import get_profile
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.openai.responses.request import build_body, build_count_body

GO = [Message.user("go")]
SCHEMA = {"type": "object", "properties": {"x": {"type": "integer"}}}
TOOL = ToolSchema("f", "does f", SCHEMA)


def build(model: str = "gpt-6-sol", **options: Any) -> dict[str, Any]:
    request = CompletionRequest(model=model, messages=GO, **options)
    return build_body(request, get_profile("openai", model))


def test_a_plain_request_stores_nothing_and_asks_for_sealed_thoughts() -> None:
    assert build() == {
        "model": "gpt-6-sol",
        "input": [{"role": "user", "content": "go"}],
        "stream": True,
        "store": False,
        "include": ["reasoning.encrypted_content"],
    }


def test_a_model_that_does_not_think_is_not_asked_for_thoughts() -> None:
    """ "Encrypted content is not supported with this model." """
    body = build("gpt-4.1", thinking=True, reasoning_effort="high", temperature=0.5)
    assert "include" not in body
    assert "reasoning" not in body
    assert body["temperature"] == 0.5


@pytest.mark.parametrize(
    ("model", "options", "reasoning"),
    [
        ("gpt-6-sol", {"thinking": True}, {"effort": "medium", "summary": "auto"}),
        (
            "gpt-6-sol",
            {"thinking": True, "thinking_budget_tokens": 30_000},
            {"effort": "xhigh", "summary": "auto"},
        ),
        (
            "gpt-6-sol",
            {"thinking": True, "reasoning_effort": "low"},
            {"effort": "low", "summary": "auto"},
        ),
        ("gpt-6-sol", {"reasoning_effort": "none"}, {"effort": "none"}),
        ("o4-mini", {"reasoning_effort": "max"}, {"effort": "high"}),
        ("gpt-6-sol", {}, None),
    ],
)
def test_effort_and_summaries(model: str, options: Any, reasoning: Any) -> None:
    assert build(model, **options).get("reasoning") == reasoning


@pytest.mark.parametrize(
    ("model", "effort", "is_sent"),
    [
        ("gpt-6-sol", None, False),
        ("gpt-6-sol", "none", True),
        ("o4-mini", None, False),
        ("gpt-4o", None, True),
    ],
)
def test_sampling_goes_where_it_is_taken(model: str, effort: str | None, is_sent: bool) -> None:
    body = build(model, temperature=0.0, top_p=0.5, reasoning_effort=effort)
    assert (body.get("temperature"), body.get("top_p")) == ((0.0, 0.5) if is_sent else (None, None))


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        (None, "auto"),
        (ToolChoice("any"), "required"),
        (ToolChoice("none"), "none"),
        (ToolChoice("tool", "f"), {"type": "function", "name": "f"}),
    ],
)
def test_tools_and_their_choice(choice: ToolChoice | None, sent: Any) -> None:
    body = build(tools=[TOOL], tool_choice=choice, parallel_tool_calls=False)
    function = {"type": "function", "name": "f", "description": "does f", "parameters": SCHEMA}
    assert body["tools"] == [{**function, "strict": False}]
    assert body["tool_choice"] == sent
    assert body["parallel_tool_calls"] is False
    assert "parallel_tool_calls" not in build("o3", tools=[TOOL], parallel_tool_calls=False)


def test_an_answers_schema_is_strict_where_it_can_be() -> None:
    free = {"type": "object", "additionalProperties": {"type": "integer"}}
    assert build(output_schema=SCHEMA)["text"] == {
        "format": {
            "type": "json_schema",
            "name": "answer",
            "schema": {**SCHEMA, "required": ["x"], "additionalProperties": False},
            "strict": True,
        }
    }
    assert build(output_schema=free)["text"]["format"]["strict"] is False
    assert build(output_schema=free)["text"]["format"]["schema"] == free
    old = build("gpt-4", output_schema=SCHEMA)  # older than schemas for answers
    assert "text" not in old and old["tools"][0]["parameters"] == SCHEMA
    assert old["tool_choice"] == {"type": "function", "name": "structured_output"}


def test_stop_sequences_are_refused_in_words() -> None:
    with pytest.raises(TransportError, match="takes no stop sequences"):
        build(stop_sequences=["END"])


def test_what_a_person_adds_is_merged_deep_and_null_leaves_out() -> None:
    extra = {
        "reasoning": {"summary": "detailed", "effort": None},
        "text": {"verbosity": "low"},
        "store": None,
        "tools": [{"type": "web_search"}],
    }
    options = {"extra_body": extra}
    body = build(thinking=True, output_schema=SCHEMA, system="Be brief.", request_options=options)
    assert body["reasoning"] == {"summary": "detailed"}
    assert body["text"].keys() == {"format", "verbosity"}
    assert "store" not in body
    assert body["tools"] == [{"type": "web_search"}]
    assert body["instructions"] == "Be brief."
    assert extra["reasoning"] == {"summary": "detailed", "effort": None}


def test_counting_asks_with_what_counts() -> None:
    request = CompletionRequest(
        model="gpt-6-sol", messages=GO, system="s", tools=[TOOL], thinking=True
    )
    body = build_count_body(request, get_profile("openai", "gpt-6-sol"), owner="openai")
    assert body.keys() == {"model", "input", "instructions", "tools", "tool_choice", "reasoning"}
