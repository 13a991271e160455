"""What the top level of a request may hold: a pair a rule, one taken and one refused."""

from __future__ import annotations

import httpx
import pytest

from tests.servers import FakeAnthropic, text
from tests.servers.rules.anthropic.ask import CLOSED, NEW, OLD, TOOL, Json, ask, check

SONNET_46: Json = {"model": "claude-sonnet-4-6"}
SONNET_45: Json = {"model": "claude-sonnet-4-5"}
BUDGET = {"type": "enabled", "budget_tokens": 1024}
STRING = {"type": "object", "properties": {"a": {"type": "string", "minLength": 2}}}

RULES: dict[str, tuple[Json, Json, str]] = {
    "the version is asked for": ({}, {"version": None}, "anthropic-version: header is required"),
    "the version is one that exists": ({"version": OLD}, {"version": "2027-01-01"}, "not a valid"),
    "a beta is one that exists": (
        {"beta": "files-api-2025-04-14"},
        {"beta": "files-api-2025-04-14,free-lunch-2026-01-01"},
        "Unexpected value(s) `free-lunch-2026-01-01` for the `anthropic-beta` header",
    ),
    "no unknown field": (
        {"service_tier": "auto"},
        {"prompt_cache_key": "k"},
        "prompt_cache_key: Extra inputs are not permitted",
    ),
    "a beta's field with its beta": (
        {"beta": "mcp-client-2025-11-20", "mcp_servers": []},
        {"mcp_servers": []},
        "mcp_servers: Extra inputs are not permitted",
    ),
    "max_tokens is required": ({}, {"max_tokens": None}, "max_tokens: Field required"),
    "max_tokens within the model's limit": (
        {"max_tokens": 128_000},
        {**SONNET_45, "max_tokens": 128_000},
        "max_tokens: 128000 > 64000, which is the maximum allowed number of output tokens for "
        "claude-sonnet-4-5",
    ),
    "no sampling under the new version": (
        {**SONNET_46, "version": OLD, "temperature": 0.2},
        {**SONNET_46, "temperature": 1},
        "temperature: Extra inputs are not permitted",
    ),
    "defaults only from 4.7 on": (
        {"model": "claude-opus-4-7", "version": OLD, "temperature": 1},
        {"model": "claude-opus-4-7", "version": OLD, "temperature": 0.2},
        "`temperature` is deprecated for this model.",
    ),
    "temperature or top_p": (
        {**SONNET_45, "version": OLD, "top_p": 0.5},
        {**SONNET_45, "version": OLD, "top_p": 0.5, "temperature": 0.5},
        "cannot both be specified",
    ),
    "temperature 1 beside thinking": (
        {**SONNET_46, "version": OLD, "thinking": {"type": "adaptive"}, "temperature": 1},
        {**SONNET_46, "version": OLD, "thinking": {"type": "adaptive"}, "temperature": 0},
        "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.",
    ),
    "a budget up to 4.6": (
        {**SONNET_46, "thinking": BUDGET},
        {"model": "claude-opus-4-7", "thinking": BUDGET},
        '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive"',
    ),
    "adaptive from 4.6 on": (
        {**SONNET_46, "thinking": {"type": "adaptive"}},
        {**SONNET_45, "thinking": {"type": "adaptive"}},
        "adaptive thinking is not supported on this model",
    ),
    "a made-up model is the newest": (
        {"model": "claude-test", "thinking": {"type": "adaptive"}},
        {"model": "claude-test", "thinking": BUDGET},
        '"thinking.type.enabled" is not supported for this model.',
    ),
    "no budget in adaptive": (
        {"thinking": {"type": "adaptive", "display": "summarized"}},
        {"thinking": {"type": "adaptive", "budget_tokens": 2000}},
        "thinking.adaptive.budget_tokens: Extra inputs are not permitted",
    ),
    "Opus 5.5 always thinks": (
        {"model": "claude-opus-5", "thinking": {"type": "disabled"}},
        {"thinking": {"type": "disabled"}},
        '"thinking.type.disabled" is not supported for this model.',
    ),
    "Opus 5 thinks at high efforts": (
        {
            "model": "claude-opus-5",
            "thinking": {"type": "disabled"},
            "output_config": {"effort": "high"},
        },
        {
            "model": "claude-opus-5",
            "thinking": {"type": "disabled"},
            "output_config": {"effort": "max"},
        },
        "is not supported at effort",
    ),
    "Sonnet 5.5 thinks between tools at least": (
        {"model": "claude-sonnet-5-5", "thinking": {"type": "between_tools"}},
        {"model": "claude-sonnet-5-5", "thinking": {"type": "disabled"}},
        'send "thinking": {"type": "between_tools"}',
    ),
    "a budget of 1024 at least": (
        {**SONNET_45, "thinking": BUDGET},
        {**SONNET_45, "thinking": {"type": "enabled", "budget_tokens": 1000}},
        "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    ),
    "a budget below max_tokens": (
        {**SONNET_45, "thinking": BUDGET},
        {**SONNET_45, "thinking": BUDGET, "max_tokens": 1024},
        "`max_tokens` must be greater than `thinking.budget_tokens`.",
    ),
    "drop_block with its beta": (
        {
            "beta": "thinking-binding-controls-2026-08-01",
            "thinking": {
                "type": "adaptive",
                "block_binding": {"prefix_mismatch_behavior": "drop_block"},
            },
        },
        {"thinking": {"type": "adaptive", "block_binding": {}}},
        "thinking.adaptive.block_binding: Extra inputs are not permitted",
    ),
    "effort from Opus 4.5 on": (
        {"model": "claude-opus-4-5", "output_config": {"effort": "low"}},
        {**SONNET_45, "output_config": {"effort": "low"}},
        "This model does not support the effort parameter.",
    ),
    "a level that the model has": (
        {"output_config": {"effort": "xhigh"}},
        {**SONNET_46, "output_config": {"effort": "xhigh"}},
        "does not support effort level 'xhigh'. Supported levels: high, low, max, medium.",
    ),
    "a level that exists": (
        {"output_config": {"effort": "max"}},
        {"output_config": {"effort": "huge"}},
        "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
    ),
    "a closed schema": (
        {"output_config": {"format": {"type": "json_schema", "schema": CLOSED}}},
        {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
        "'additionalProperties' must be explicitly set to false",
    ),
    "a schema that a grammar holds": (
        {"output_config": {"format": {"type": "json_schema", "schema": CLOSED}}},
        {
            "output_config": {
                "format": {
                    "type": "json_schema",
                    "schema": {**STRING, "additionalProperties": False},
                }
            }
        },
        "For 'string' type, properties minLength are not supported",
    ),
    "formats from 4.5 on": (
        {**SONNET_45, "output_config": {"format": {"type": "json_schema", "schema": CLOSED}}},
        {
            "model": "claude-sonnet-4-0",
            "output_config": {"format": {"type": "json_schema", "schema": CLOSED}},
        },
        "does not support output format",
    ),
    "a forced tool up to 5": (
        {"model": "claude-opus-5", "tools": [TOOL], "tool_choice": {"type": "any"}},
        {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "add"}},
        'tool_choice: type "tool" and "any" are not supported for this model.',
    ),
    "no forced tool beside a budget": (
        {**SONNET_45, "tools": [TOOL], "tool_choice": {"type": "any"}},
        {**SONNET_45, "tools": [TOOL], "tool_choice": {"type": "any"}, "thinking": BUDGET},
        "Thinking may not be enabled when tool_choice forces tool use.",
    ),
    "a choice among tools": (
        {"tools": [TOOL], "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
        {"tool_choice": {"type": "auto"}},
        "tool_choice may only be specified while providing tools",
    ),
    "a tool's own fields": (
        {"tools": [{**TOOL, "strict": False}]},
        {"tools": [{**TOOL, "function": {}}]},
        "tools.0.custom.function: Extra inputs are not permitted",
    ),
    "a tool's schema is an object's": (
        {"tools": [TOOL]},
        {"tools": [{**TOOL, "input_schema": {"properties": {}}}]},
        "tools.0.custom.input_schema.type: Field required",
    ),
    "a tool's name": (
        {"tools": [{**TOOL, "name": "a-b_1"}]},
        {"tools": [{**TOOL, "name": "a.b"}]},
        "tools.0.custom.name: String should match pattern",
    ),
    "tools of different names": (
        {"tools": [TOOL, {**TOOL, "name": "sub"}]},
        {"tools": [TOOL, TOOL]},
        "tools: Tool names must be unique.",
    ),
    "a strict tool's schema is closed": (
        {"tools": [{**TOOL, "input_schema": CLOSED, "strict": True}]},
        {"tools": [{**TOOL, "strict": True}]},
        "tools.0.custom.input_schema: For 'object' type",
    ),
    "stop sequences say something": (
        {"stop_sequences": ["END"]},
        {"stop_sequences": ["\n"]},
        "each stop sequence must contain non-whitespace",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_takes_one_and_refuses_the_other(server: FakeAnthropic, rule: str) -> None:
    check(server, *RULES[rule])


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ({"x-api-key": "k"}, {"authorization": None}, "x-api-key header is required"),
        ({"authorization": "Bearer k"}, {"authorization": "Bearer"}, "Invalid bearer token"),
    ],
)
def test_a_key_is_asked_for(server: FakeAnthropic, good: Json, bad: Json, words: str) -> None:
    check(server, {"headers": good}, {"headers": bad}, words, status=401)


def test_an_empty_key_beside_a_token_is_refused(server: FakeAnthropic) -> None:
    headers = {"authorization": "Bearer k", "anthropic-version": NEW, "x-api-key": ""}
    answer = httpx.post(f"{server.url}/v1/messages", json={}, headers=headers)
    assert answer.status_code == 401


def test_a_refused_request_takes_no_script(server: FakeAnthropic) -> None:
    server.reply(text("the only one"))
    assert ask(server, temperature=1).status_code == 400
    assert [refusal.message for refusal in server.refused] == [
        "temperature: Extra inputs are not permitted"
    ]
    assert ask(server).json()["content"][0]["text"] == "the only one"


def test_a_lenient_server_takes_everything() -> None:
    with FakeAnthropic(strict=False) as server:
        server.default = server.script(text("ok"))
        assert ask(server, temperature=1, version=None).status_code == 200
