"""Windows, prompts that are too long, a server's own word of its model, and wrong names."""

from __future__ import annotations

import copy
import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lauren_ai._profiles import (
    Overflow,
    Profile,
    describe_end,
    get_context_window,
    get_profile,
    read_overflow,
    refine,
    suggest_models,
)


@pytest.mark.parametrize(
    ("provider", "model", "window"),
    [
        ("anthropic", "claude-opus-5-5", 1_000_000),
        ("anthropic", "claude-haiku-4-5-20251001", 200_000),
        ("bedrock", "us.anthropic.claude-3-5-sonnet-20241022-v2:0", 200_000),
        ("openrouter", "anthropic/claude-opus-4.6", 1_000_000),
        ("anthropic", "claude-opus-9", 1_000_000),  # as the newest
        ("openai", "gpt-5-mini", 400_000),
        ("openai", "gpt-6.2-sol", 1_050_000),  # as the newest
        ("openai", "gpt-4o-2024-08-06", 128_000),
        ("gemini", "gemini-2.5-pro", 1_048_576),
        ("gemini", "models/gemini-9-flash", 1_048_576),
        ("deepseek", "deepseek-v4-flash", 1_000_000),
        ("moonshot", "kimi-k3", 1_048_576),
        ("xai", "grok-4.7", 500_000),
        ("azure", "my-o4-deployment", None),
        ("azure", "production", None),
        ("ollama", "qwen3:8b", None),
        ("ollama", "gpt-oss:20b", None),  # what the person gave it, not what the weights could
        ("local", "smollm2", None),
        ("mock", "mock-model", None),
    ],
)
def test_a_window_is_known_or_not_but_never_guessed(
    provider: str, model: str, window: int | None
) -> None:
    assert get_context_window(get_profile(provider, model)) == window


def test_a_users_own_window_rules() -> None:
    assert get_context_window(get_profile("openai", "gpt-5").with_(context=10_000)) == 10_000


OVERFLOWS = [
    ("prompt is too long: 213456 tokens > 200000 maximum", 213_456, 200_000, 0, 13_456),
    (
        "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease",
        *(188_240, 200_000, 21_333, 9_573),
    ),
    (
        "This model's maximum context length is 128000 tokens. However, your messages resulted in "
        "130001 tokens. Please reduce the length of the messages.",
        *(130_001, 128_000, 0, 2_001),
    ),
    (
        "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens "
        "(5000 in the messages, 4000 in the completion).",
        *(5_000, 8_192, 4_000, 808),
    ),
    (
        "This endpoint's maximum context length is 131072 tokens. However, you requested about "
        "140000 tokens (120000 of text input, 20000 in the output).",
        *(120_000, 131_072, 20_000, 8_928),
    ),
    (
        "Requested token count exceeds the model's maximum context length of 131072 tokens. You "
        "requested a total of 140000 tokens: 100000 tokens from the input messages and 40000 "
        "tokens for the completion.",
        *(100_000, 131_072, 40_000, 8_928),
    ),
    (
        "You passed 9001 input tokens and requested 100 output tokens. However, the model's "
        "context length is only 8192 tokens",
        *(9_001, 8_192, 100, 909),
    ),
    (
        "The decoder prompt (length 9000) is longer than the maximum model length of 8192.",
        *(9_000, 8_192, 0, 808),
    ),
    (
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        *(1_200_000, 1_048_576, 0, 151_424),
    ),
    (
        "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it",
        *(5_000, 4_096, 0, 904),
    ),
    (
        '{"error":{"code":400,"message":"the request exceeds the available context size","type":'
        '"exceed_context_size_error","n_prompt_tokens":5000,"n_ctx":4096}}',
        *(5_000, 4_096, 0, 904),
    ),
    (
        "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum "
        "context length",
        *(40_000, 32_768, 0, 7_232),
    ),
    (
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        *(537_812, 131_072, 0, 406_740),
    ),
    ("prompt token count of 128001 exceeds the limit of 64000", 128_001, 64_000, 0, 64_001),
    (
        "Invalid request: Your request exceeded model token limit: 131072 (requested: 140000)",
        *(140_000, 131_072, 0, 8_928),
    ),
]


@pytest.mark.parametrize(("text", "tokens", "maximum", "answer", "over"), OVERFLOWS)
def test_a_too_long_prompt_says_by_how_much(
    text: str, tokens: int, maximum: int, answer: int, over: int
) -> None:
    for said in (
        text,
        f"litellm.BadRequestError: {text}",
        text.upper() if "{" not in text else text,
    ):
        overflow = read_overflow(said)
        assert overflow == Overflow(tokens, maximum, answer)
        assert overflow.over == over
        line = overflow.describe("some-model")
        assert f"{over:,} more than the {maximum:,} that some-model takes" in line


@pytest.mark.parametrize(
    "text",
    [
        '{"code": "context_length_exceeded", "message": "…"}',
        "Your input exceeds the context window of this model. Please adjust your input.",
        "Input is too long for requested model.",
        "Please reduce the length of the messages or completion.",
    ],
)
def test_a_too_long_prompt_without_numbers_is_told_so_too(text: str) -> None:
    overflow = read_overflow(text)
    assert overflow == Overflow()
    assert "longer than some-model takes" in overflow.describe("some-model")


@pytest.mark.parametrize("text", ["", "max_tokens: 9 > 5", "prompt is fine", "9 tokens > 5"])
def test_other_refusals_are_no_overflow(text: str) -> None:
    assert read_overflow(text) is None


def test_numbers_that_no_model_has_are_bounded() -> None:
    overflow = read_overflow("prompt is too long: 999999999999999 tokens > 1 maximum")
    assert overflow is not None
    assert overflow.tokens == 1_000_000_000


ANTHROPIC_INFO: dict[str, Any] = {
    "id": "claude-opus-4-6",
    "max_input_tokens": 900_000,
    "max_tokens": 64_000,
    "lifecycle": "deprecated",
    "retires_at": "2027-03-01T00:00:00Z",
    "capabilities": {
        "image_input": {"supported": True},
        "pdf_input": {"supported": False},
        "structured_outputs": {"supported": False},
        "thinking": {
            "supported": True,
            "types": {
                "adaptive": {"supported": True},
                "enabled": {"supported": False},
                "disabled": {"supported": False},
            },
        },
        "effort": {
            "supported": True,
            "low": {"supported": True},
            "high": {"supported": True},
            "max": {"supported": False},
        },
    },
}


@pytest.mark.parametrize(
    ("provider", "payload", "facts"),
    [
        (
            "anthropic",
            ANTHROPIC_INFO,
            {
                "context": 900_000,
                "max_output": 64_000,
                "ends": date(2027, 3, 1),
                "images": True,
                "pdf": False,
                "structured": "tool",
                "thinking": "adaptive",
                "thinking_off": False,
                "effort": ("low", "high"),
            },
        ),
        ("openai", {"id": "x", "shutdown_date": "2027-01-14"}, {"ends": date(2027, 1, 14)}),
        (
            "openrouter",
            {
                "context_length": 131_072,
                "top_provider": {"max_completion_tokens": 8_192},
                "architecture": {"input_modalities": ["text", "image"]},
            },
            {"context": 131_072, "max_output": 8_192, "images": True, "audio": False},
        ),
        ("vllm", {"id": "x", "max_model_len": 4_096}, {"context": 4_096}),
        (
            "groq",
            {"context_window": 131_072, "max_completion_tokens": 32_768},
            {"context": 131_072, "max_output": 32_768},
        ),
        (
            "mistral",
            {
                "max_context_length": 32_768,
                "capabilities": {"vision": True, "function_calling": False},
            },
            {"context": 32_768, "images": True, "tools": False},
        ),
        (
            "gemini",
            {"inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536},
            {"context": 1_048_576, "max_output": 65_536},
        ),
        (
            "ollama",
            {
                "capabilities": ["completion", "tools"],
                "model_info": {"llama.context_length": 8_192},
            },
            {"context": 8_192, "tools": True, "images": False, "thinking": "none", "effort": ()},
        ),
    ],
)
def test_a_servers_own_word_refines_the_table(
    provider: str, payload: dict[str, Any], facts: dict[str, Any]
) -> None:
    profile = refine(get_profile(provider, "claude-opus-4-6"), payload)
    assert {name: getattr(profile, name) for name in facts} == facts


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"max_input_tokens": "many", "max_tokens": -5, "retires_at": "soon", "capabilities": 5},
        {"max_input_tokens": 10**30, "context_length": True, "top_provider": []},
        {"capabilities": {"thinking": {"types": []}, "effort": {"supported": "yes"}}},
        {"architecture": {"input_modalities": "image"}, "shutdown_date": 20270101},
    ],
)
def test_what_has_the_wrong_form_is_not_believed(payload: dict[str, Any]) -> None:
    profile = get_profile("anthropic", "claude-opus-5-5")
    assert refine(profile, payload) is profile


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        *ANTHROPIC_INFO,
        "context_length",
        "top_provider",
        "architecture",
        "model_info",
        "shutdown_date",
    ]
)


@settings(deadline=None, max_examples=200)
@given(payload=st.dictionaries(KEYS, JSON))
def test_no_entry_of_a_server_breaks_a_profile(payload: dict[str, Any]) -> None:
    before = copy.deepcopy(payload)
    profile = refine(get_profile("anthropic", "claude-opus-5-5"), payload)
    assert isinstance(profile, Profile)
    assert json.dumps(payload, default=str) == json.dumps(before, default=str)
    assert profile.context is None or 0 < profile.context <= 1_000_000_000


@pytest.mark.parametrize(
    ("provider", "wrong", "right"),
    [
        ("anthropic", "claude-opus-5.5", "claude-opus-5-5"),
        ("anthropic", "claude-sonet-5-5", "claude-sonnet-5-5"),
        ("openai", "gpt-5.6-tera", "gpt-5.6-terra"),
        ("openai", "GPT-4O-MIN", "gpt-4o-mini"),
        ("groq", "gpt-oss-120b", "openai/gpt-oss-120b"),
    ],
)
def test_a_wrong_name_is_answered_with_near_ones(provider: str, wrong: str, right: str) -> None:
    assert right in suggest_models(provider, wrong)


def test_a_servers_own_list_counts_too() -> None:
    assert suggest_models("ollama", "llama3.2", ["Llama3.2:3b", "qwen3:8b"]) == ["Llama3.2:3b"]
    assert suggest_models("ollama", "zzz", ["llama3.2:3b"]) == []
    assert suggest_models("openai", "x" * 100_000, (f"m{i}" for i in range(10_000))) == []


@pytest.mark.parametrize(
    ("today", "line"),
    [
        (date(2026, 9, 1), None),
        (date(2026, 11, 1), "gpt-5-mini ends on 2026-12-11. Use gpt-6.1-terra."),
        (date(2026, 12, 11), "gpt-5-mini ended on 2026-12-11. Use gpt-6.1-terra."),
    ],
)
def test_a_model_near_its_end_says_so(today: date, line: str | None) -> None:
    assert describe_end(get_profile("openai", "gpt-5-mini"), today=today) == line


def test_no_end_is_told_of_another_server_or_a_model_that_stays() -> None:
    for profile in (
        get_profile("openai", "gpt-5-mini", "http://127.0.0.1:1/v1"),
        get_profile("bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0"),
        get_profile("anthropic", "claude-opus-5-5"),
    ):
        assert describe_end(profile, today=date(2030, 1, 1)) is None
