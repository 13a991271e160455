"""What each vendor behind chat completions refuses: a pair a rule, one taken and one refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers.rules.openai.ask import CALL, CLOSED, HI, RESULT, TOOL, Json, ask, called, check
from tests.servers.rules.vendors.serving import model, serving

NINE = "abcdefgh1"
NINE_CALL, NINE_RESULT = {**CALL, "id": NINE}, {**RESULT, "tool_call_id": NINE}
SIGNED = {**CALL, "extra_content": {"google": {"thought_signature": "SIG"}}}
SCHEMA = {"type": "json_schema", "json_schema": {"name": "a", "schema": CLOSED}}
FORCED: Json = {"tools": [TOOL], "tool_choice": "required"}
AZURE_OLD = "/openai/deployments/gpt-4.1/chat/completions?api-version=2024-02-01"
AZURE_NEW = "/openai/deployments/gpt-4.1/chat/completions?api-version=2025-04-01-preview"
STREAM: Json = {"stream": True, "stream_options": {"include_usage": True}}


def turn(*calls: Json, **fields: Any) -> list[Json]:
    return [*HI, called(*calls, **fields), RESULT]


RULES: dict[str, tuple[str, Json, Json, str]] = {
    "gemini: no unknown field": (
        "gemini",
        {"reasoning_effort": "low"},
        {"parallel_tool_calls": False},
        'Invalid JSON payload received. Unknown name "parallel_tool_calls": Cannot find field.',
    ),
    "gemini: a call of this turn is signed": (
        "gemini",
        {"messages": turn(SIGNED)},
        {"messages": turn(CALL)},
        "Function call is missing a thought_signature in functionCall parts.",
    ),
    "gemini: a call of an earlier turn may be bare": (
        "gemini",
        {"messages": [*turn(CALL), {"role": "assistant", "content": "3"}, *HI]},
        {"messages": [*HI, *turn(CALL)]},
        "is missing a thought_signature",
    ),
    "gemini: of parallel calls the first is signed": (
        "gemini",
        {"messages": [*turn(SIGNED, {**CALL, "id": "c2"}), {**RESULT, "tool_call_id": "c2"}]},
        {"messages": [*turn(CALL, {**SIGNED, "id": "c2"}), {**RESULT, "tool_call_id": "c2"}]},
        "`default_api:add` , position 1.",
    ),
    "gemini: 2.5 signs nothing": (
        "gemini",
        {"model": "gemini-2.5-flash", "messages": turn(CALL)},
        {"model": "gemini-3.5-flash", "messages": turn(CALL)},
        "is missing a thought_signature",
    ),
    "gemini: no other vendor's thinking": (
        "gemini",
        {"messages": turn(SIGNED)},
        {"messages": turn(SIGNED, reasoning_content="Hm")},
        "Unknown name \"reasoning_content\" at 'messages[1]': Cannot find field.",
    ),
    "deepseek: thinking comes back": (
        "deepseek",
        {"messages": turn(reasoning_content="Hm")},
        {"messages": turn()},
        "The `reasoning_content` in the thinking mode must be passed back to the API.",
    ),
    "deepseek: without thinking nothing comes back": (
        "deepseek",
        {"messages": turn(), "thinking": {"type": "disabled"}},
        {"messages": turn(), "thinking": {"type": "enabled"}},
        "must be passed back",
    ),
    "deepseek: no forced tool while it thinks": (
        "deepseek",
        {**FORCED, "thinking": {"type": "disabled"}},
        FORCED,
        "Thinking mode does not support this tool_choice",
    ),
    "deepseek: no schema": (
        "deepseek",
        {"response_format": {"type": "json_object"}},
        {"response_format": SCHEMA},
        "This response_format type is unavailable now",
    ),
    "deepseek: a limit within its own": (
        "deepseek",
        {"max_tokens": 393_216},
        {"max_tokens": 393_217},
        "the valid range of max_tokens is [1, 393216]",
    ),
    "deepseek: text only": (
        "deepseek",
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
        "unknown variant `image_url`, expected `text`",
    ),
    "deepseek: no signature of Gemini's": (
        "deepseek",
        {"messages": turn(reasoning_content="Hm")},
        {"messages": turn(SIGNED, reasoning_content="Hm")},
        "unknown field `extra_content`",
    ),
    "kimi: thinking comes back": (
        "kimi",
        {"messages": turn(reasoning_content="Hm")},
        {"messages": turn()},
        "thinking is enabled but reasoning_content is missing in assistant tool call message at "
        "index 1",
    ),
    "kimi: its own temperature": (
        "kimi",
        {"temperature": 1},
        {"temperature": 0.2},
        "invalid temperature: only 1 is allowed for this model",
    ),
    "kimi: another temperature without thinking": (
        "kimi",
        {"temperature": 0.6, "thinking": {"type": "disabled"}},
        {"temperature": 1, "thinking": {"type": "disabled"}},
        "invalid temperature: only 0.6 is allowed for this model",
    ),
    "kimi: no forced tool while it thinks": (
        "kimi",
        {**FORCED, "thinking": {"type": "disabled"}},
        FORCED,
        "tool_choice 'required' is incompatible with thinking enabled",
    ),
    "kimi: no details of OpenRouter's": (
        "kimi",
        {"messages": turn(reasoning_content="Hm")},
        {"messages": turn(reasoning_content="Hm", reasoning_details=[])},
        "unknown field 'reasoning_details'",
    ),
    "openrouter: no signature of Gemini's": (
        "openrouter",
        {"messages": turn(reasoning="Hm")},
        {"messages": turn(SIGNED)},
        "Unrecognized key(s) in messages[1].tool_calls[0]: 'extra_content'",
    ),
    "groq: Qwen's efforts": (
        "groq",
        {"model": "qwen/qwen3-32b", "reasoning_effort": "default"},
        {"model": "qwen/qwen3-32b", "reasoning_effort": "high"},
        "`reasoning_effort` must be one of `none` or `default`",
    ),
    "groq: an effort where it reasons": (
        "groq",
        {"model": "openai/gpt-oss-120b", "reasoning_effort": "high"},
        {"model": "llama-3.3-70b-versatile", "reasoning_effort": "high"},
        "reasoning_effort is not supported with this model",
    ),
    "groq: no field that it lacks": (
        "groq",
        {"max_completion_tokens": 9},
        {"prompt_cache_key": "k"},
        "property 'prompt_cache_key' is unsupported",
    ),
    "groq: no thinking of DeepSeek's": (
        "groq",
        {"messages": turn(reasoning="Hm")},
        {"messages": turn(reasoning_content="Hm")},
        "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : "
        "property 'reasoning_content' is unsupported)]",
    ),
    "groq: schemas on some models": (
        "groq",
        {"model": "openai/gpt-oss-20b", "response_format": SCHEMA},
        {"model": "qwen/qwen3-32b", "response_format": SCHEMA},
        "This model does not support response format `json_schema`.",
    ),
    "mistral: ids of nine characters": (
        "mistral",
        {"messages": [*HI, called(NINE_CALL), NINE_RESULT]},
        {"messages": turn()},
        "Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9.",
    ),
    "mistral: no user after a result": (
        "mistral",
        {
            "messages": [
                *HI,
                called(NINE_CALL),
                NINE_RESULT,
                {"role": "assistant", "content": "3"},
                *HI,
            ]
        },
        {"messages": [*HI, called(NINE_CALL), NINE_RESULT, *HI]},
        "Unexpected role 'user' after role 'tool'",
    ),
    "mistral: every call has its result": (
        "mistral",
        {"messages": [*HI, called(NINE_CALL), NINE_RESULT]},
        {"messages": [*HI, called(NINE_CALL)]},
        "Not the same number of function calls and responses",
    ),
    "mistral: the user or a tool speaks last": (
        "mistral",
        {"messages": [*HI, {"role": "assistant", "content": "S", "prefix": True}]},
        {"messages": [*HI, {"role": "assistant", "content": "S"}]},
        "Expected last role User or Tool",
    ),
    "xai: no stop while it reasons": (
        "xai",
        {"model": "grok-4.20-0309-non-reasoning", "stop": ["END"]},
        {"stop": ["END"]},
        "Argument not supported on this model: stop",
    ),
    "xai: no penalties while it reasons": (
        "xai",
        {"temperature": 0.2},
        {"presence_penalty": 0.5},
        "Argument not supported on this model: presencePenalty",
    ),
    "xai: no effort on Grok 4": (
        "xai",
        {"model": "grok-4.3", "reasoning_effort": "none"},
        {"model": "grok-4-0709", "reasoning_effort": "high"},
        "Model grok-4-0709 does not support parameter reasoningEffort.",
    ),
    "xai: an effort that the model has": (
        "xai",
        {"reasoning_effort": "xhigh"},
        {"model": "grok-4.5", "reasoning_effort": "xhigh"},
        "Invalid reasoning effort `xhigh` for model grok-4.5",
    ),
    "azure: OpenAI's rules": (
        "azure",
        {"model": "gpt-5", "max_completion_tokens": 9},
        {"model": "gpt-5", "max_tokens": 9},
        "'max_tokens' is not supported with this model",
    ),
    "azure: a field of its version": (
        "azure",
        {**STREAM, "path": AZURE_NEW},
        {**STREAM, "path": AZURE_OLD},
        "Unrecognized request argument supplied: stream_options",
    ),
    "azure: a schema of its version": (
        "azure",
        {"response_format": SCHEMA, "path": AZURE_NEW},
        {"response_format": SCHEMA, "path": AZURE_OLD},
        "response_format value as json_schema is enabled only for api versions",
    ),
    "ollama: an effort that exists": (
        "ollama",
        {"model": "qwen3:8b", "reasoning_effort": "none"},
        {"model": "qwen3:8b", "reasoning_effort": "xhigh"},
        "invalid reasoning value: 'xhigh'",
    ),
    "ollama: an effort where it thinks": (
        "ollama",
        {"model": "llama3.2", "reasoning_effort": "none"},
        {"model": "llama3.2", "reasoning_effort": "high"},
        '"llama3.2" does not support thinking',
    ),
    "ollama: its own thinking": (
        "ollama",
        {"messages": turn(reasoning="Hm")},
        {"messages": turn(reasoning_content="Hm")},
        "unknown field 'reasoning_content'",
    ),
    "vllm: a choice beside tools": (
        "vllm",
        FORCED,
        {"tool_choice": "auto"},
        "When using `tool_choice`, `tools` must be set.",
    ),
    "vllm: its own thinking": (
        "vllm",
        {"messages": turn(reasoning_content="Hm")},
        {"messages": turn(SIGNED)},
        "unknown field 'extra_content'",
    ),
    "llama: no prefill while it thinks": (
        "llama",
        {
            "messages": [*HI, {"role": "assistant", "content": "S"}],
            "chat_template_kwargs": {"enable_thinking": False},
        },
        {"messages": [*HI, {"role": "assistant", "content": "S"}]},
        "Assistant response prefill is incompatible with enable_thinking.",
    ),
    "compatible: no vendor's field": (
        "compatible",
        {"messages": turn()},
        {"messages": turn(reasoning_content="Hm")},
        "unknown field 'reasoning_content'",
    ),
    "compatible: every call has its result": (
        "compatible",
        {"messages": turn()},
        {"messages": [*HI, called()]},
        "did not have response messages: call_1",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_takes_one_and_refuses_the_other(rule: str) -> None:
    vendor, good, bad, words = RULES[rule]
    base = {"model": model(vendor)}
    with serving(vendor) as server:
        check(server, {**base, **good}, {**base, **bad}, words)


def test_mistral_refuses_the_other_name_of_a_limit() -> None:
    with serving("mistral") as server:
        good, bad = {"max_tokens": 9}, {"max_completion_tokens": 9}
        base = {"model": model("mistral")}
        error = check(server, base | good, base | bad, "Extra inputs are not permitted", 422)
    detail = error["message"]["detail"][0]
    assert (detail["type"], detail["loc"]) == ("extra_forbidden", ["body", "max_completion_tokens"])


def test_mistral_refuses_another_vendors_thinking() -> None:
    messages = [*HI, called(NINE_CALL, reasoning_content="Hm"), NINE_RESULT]
    with serving("mistral") as server:
        refused = ask(server, model=model("mistral"), messages=messages)
    assert refused.status_code == 422


@pytest.mark.parametrize("vendor", ["azure", "deepseek", "groq", "kimi", "mistral", "openrouter"])
def test_a_key_is_asked_for(vendor: str) -> None:
    with serving(vendor) as server:
        assert ask(server, model=model(vendor), headers={}).status_code == 401


@pytest.mark.parametrize("vendor", ["ollama", "vllm", "llama", "compatible"])
def test_no_key_is_asked_for_at_home(vendor: str) -> None:
    with serving(vendor) as server:
        assert ask(server, model=model(vendor), headers={}).status_code == 200


def test_azure_takes_its_own_header() -> None:
    with serving("azure") as server:
        assert ask(server, headers={"api-key": "k"}).status_code == 200
        assert ask(server, headers={"api-key": "k"}, path=AZURE_NEW).status_code == 200
        nowhere = ask(server, path="/openai/deployments/gpt-4.1/chat/completions")
    assert nowhere.json()["error"] == {"code": "404", "message": "Resource not found"}


@pytest.mark.parametrize(
    ("vendor", "keys"),
    [("xai", {"code", "error"}), ("vllm", {"error"}), ("openrouter", {"error"})],
)
def test_errors_look_like_the_vendors(vendor: str, keys: set[str]) -> None:
    with serving(vendor) as server:
        refused = ask(server, model=model(vendor), messages=turn(SIGNED))
    assert set(refused.json()) == keys


def test_geminis_errors_come_in_a_list() -> None:
    with serving("gemini") as server:
        refused = ask(server, model="gemini-3-pro", messages=turn()).json()
    assert refused[0]["error"]["status"] == "INVALID_ARGUMENT"
