"""One model has many names: each leads to its row, and an unknown one to the newest."""

from __future__ import annotations

import pytest

from lauren_ai._profiles import get_profile
from lauren_ai._profiles.lookup import TABLE
from lauren_ai._profiles.names import MAX_NAME, read_server

SPELLINGS = """
claude-opus-4.5     anthropic   claude-opus-4-5
claude-opus-4.5     anthropic   claude-opus-4-5-20251101
claude-opus-4.5     anthropic   CLAUDE-OPUS-4-5
claude-opus-4.5     openrouter  anthropic/claude-opus-4.5
claude-opus-4.5     openai      openrouter/anthropic/claude-opus-4.5:thinking
claude-opus-4.5     bedrock     anthropic.claude-opus-4-5-20251101-v1:0
claude-opus-4.5     bedrock     us.anthropic.claude-opus-4-5-20251101-v1:0
claude-opus-4.5     bedrock     us-gov.anthropic.claude-opus-4-5-20251101-v1:0
claude-haiku-4.5    bedrock     arn:aws:bedrock:us-east-1::foundation-model/claude-haiku-4-5-v1:0
claude-opus-4.6     bedrock     arn:aws:bedrock:x:1:inference-profile/eu.anthropic.claude-opus-4-6
claude-opus-4.5     vertex      claude-opus-4-5@20251101
claude-opus-4.5     vertex      publishers/anthropic/models/claude-opus-4-5@20251101
claude-opus-4.6     bedrock     global.anthropic.claude-opus-4-6-v1
claude-opus-4.6     anthropic   claude-opus-4-6[1m]
claude-opus-4.6     anthropic   claude-4-6-opus
claude-opus-4       anthropic   claude-opus-4-20250514
claude-opus-4       anthropic   claude-opus-4-0
claude-opus-4.1     bedrock     us.anthropic.claude-opus-4-1-20250805-v1:0
claude-sonnet-3.7   anthropic   claude-3-7-sonnet-latest
claude-3.5          bedrock     anthropic.claude-3-5-sonnet-20241022-v2:0
claude-3            anthropic   claude-3-haiku-20240307
claude-2            bedrock     anthropic.claude-v2:1
claude-2            anthropic   claude-instant-1.2
claude-sonnet-4.5   anthropic   claude-sonnet-4-5-20250929
claude-sonnet-4.6   anthropic   claude-sonnet-4-6
claude-sonnet-4     anthropic   claude-sonnet-4-20250514
claude-opus-4.7     anthropic   claude-opus-4-7
claude-opus-4.8     anthropic   claude-opus-4-8
claude-opus-5.5     openrouter  anthropic/claude-opus-5.5
claude-sonnet-5     anthropic   claude-sonnet-5
claude-sonnet-5.5   anthropic   claude-sonnet-5-5-20260922
claude-opus-5       bedrock     anthropic.claude-opus-5
claude-haiku-5.5    vertex      claude-haiku-5-5@20260901
claude-fable-5      anthropic   claude-fable-5
claude-fable-5.1    anthropic   claude-mythos-5-2
claude-mythos-preview anthropic claude-mythos-preview
gpt-5.4             openai      gpt-5.4-mini-2026-03-17
gpt-5.4             openai      gpt-5-4-mini
gpt-5.4-pro         openai      gpt-5.4-pro
gpt-5.6             bedrock     openai.gpt-5.6-sol
gpt-6               openai      gpt-6-luna
gpt-6-astra         openai      gpt-6-astra
gpt-6.1             openai      gpt-6.1-terra
gpt-6.1             openai      GPT-6.2-Sol
gpt-5               openai      gpt-5-mini
gpt-5               openai      openai/gpt-5-nano-2025-08-07
gpt-5-chat          openai      gpt-5-chat-latest
gpt-5.1-chat        openai      gpt-5.3-chat-latest
gpt-5.2-codex       openai      gpt-5.1-codex-max
gpt-5.1-codex       openai      codex-mini-latest
gpt-5.1             azure       prod_gpt-5.1-europe
gpt-4o              openai      ft:gpt-4o-mini-2024-07-18:my-org:suffix:AbC123
gpt-4o              azure       company-gpt4o
gpt-4o              openai      chatgpt-4o-latest
gpt-4o-audio        openai      gpt-4o-audio-preview
gpt-4.1             openai      gpt-4.1-2025-04-14
gpt-4               openai      gpt-4-0613
gpt-4-turbo         openai      gpt-4-1106-preview
gpt-3.5             azure       gpt-35-turbo
o-series            azure       my-o4-deployment
o3-mini             openai      o3-mini-2025-01-31
o-series            openai      openai/o4-mini
gpt-5.5             openai      gpt-5.5-2026-04-23
gpt-5.2-pro         openai      gpt-5.2-pro-2025-12-11
gpt-5.2             openai      gpt-5.2
gpt-5-pro           openai      gpt-5-pro
gpt-4o-search       openai      gpt-4o-mini-search-preview
o1-preview          openai      o1-mini-2024-09-12
o-deep-research     openai      o4-mini-deep-research
o-series            openai      o3-pro
gpt-oss             groq        openai/gpt-oss-120b
gpt-oss             ollama      gpt-oss:20b
gemini-2.5-pro      gemini      models/gemini-2.5-pro
gemini-2.5          vertex      publishers/google/models/gemini-2.5-flash-lite
gemini-3-pro        gemini      gemini-3-pro-preview
gemini-3-flash      gemini      gemini-3.5-flash-lite
gemini-3.1          gemini      gemini-3.7-flash
gemini-2.0          gemini      gemini-1.5-flash
gemma               ollama      gemma3:27b
deepseek-v4         deepseek    deepseek-reasoner
deepseek-v4         openrouter  deepseek/deepseek-v4-pro
deepseek-chat       deepseek    deepseek-chat
deepseek-v3         openai      deepseek-ai/DeepSeek-V3.1
deepseek-r1         ollama      hf.co/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF:Q4_K_M
kimi-k3             moonshot    kimi-k3.1-pro
kimi-k2.5           openai      accounts/fireworks/models/kimi-k2p6
kimi-k2             groq        moonshotai/kimi-k2-instruct-0905
kimi-k2-thinking    moonshot    kimi-k2-thinking-turbo
kimi-k2.7           moonshot    kimi-k2.7-code-highspeed
grok-4              xai         grok-4-0709
grok-4              xai         grok-4-1-fast-reasoning
grok-non-reasoning  xai         grok-4-1-fast-non-reasoning
grok-4.20-multi-agent xai       grok-4.20-multi-agent-0309
grok-4.3            xai         grok-4.3
grok-4.5            xai         grok-4.5
grok-3              xai         grok-3-fast
grok-4.6            openrouter  x-ai/grok-4.7
grok-3-mini         xai         grok-3-mini-fast
magistral           mistral     magistral-medium-latest
magistral           openrouter  mistralai/magistral-medium-2509
mistral-thinking    mistral     mistral-small-2603
mistral-2025        mistral     mistral-small-2506
mistral-plain       mistral     mistral-large-latest
mistral-plain       ollama      codestral:22b
qwen3               groq        qwen/qwen3-32b
qwen3               ollama      hf.co/bartowski/Qwen_Qwen3-8B-GGUF:Q4_K_M
qwen                ollama      qwen2.5-coder:7b
llama               openai      meta-llama/Meta-Llama-3.1-8B-Instruct
llama               local       C:\\models\\Llama-3.2-1B-Instruct-Q4_K_M.gguf
llama               bedrock     us.meta.llama3-3-70b-instruct-v1:0
"""
ROWS = [line.split() for line in SPELLINGS.strip().splitlines()]


@pytest.mark.parametrize(("family", "provider", "name"), ROWS, ids=[row[2] for row in ROWS])
def test_a_spelling_leads_to_its_family(family: str, provider: str, name: str) -> None:
    profile = get_profile(provider, name)
    assert (profile.family, profile.known, profile.name) == (family, True, name)


@pytest.mark.parametrize("vendor", TABLE)
def test_no_row_stands_in_the_shadow_of_another(vendor: str) -> None:
    reached = {family for family, _, _ in ROWS}
    assert {row.family for row in TABLE[vendor] if not row.newest} <= reached


@pytest.mark.parametrize(
    ("provider", "name", "family"),
    [
        ("anthropic", "claude-opus-9", "claude"),
        ("anthropic", "claude-saga-6-1", "claude"),
        ("anthropic", "opus", "claude"),
        ("bedrock", "eu.anthropic.claude-sonnet-7-v1:0", "claude"),
        ("openai", "gpt-7-nova", "gpt"),
        ("openai", "gpt-6.9", "gpt"),
        ("openai", "whatever", "gpt"),
        ("gemini", "gemini-4-ultra", "gemini-3"),
        ("deepseek", "deepseek-v9", "deepseek"),
        ("moonshot", "kimi-k9", "kimi"),
        ("xai", "grok-7", "grok"),
        ("mistral", "mistral-huge-3000", "mistral"),
    ],
)
def test_an_unknown_name_is_the_newest_of_its_family(provider: str, name: str, family: str) -> None:
    profile = get_profile(provider, name)
    assert (profile.family, profile.known) == (family, False)
    assert TABLE[profile.vendor][-1].newest


@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("azure", "production"),
        ("openai", "my-model"),
        ("bedrock", "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123"),
        ("ollama", "phi4:14b"),
        ("local", "smollm2"),
        ("openai", ""),
    ],
)
def test_of_a_name_that_says_nothing_nothing_is_claimed(provider: str, name: str) -> None:
    profile = get_profile(
        provider, name, "http://127.0.0.1:8000/v1" if provider == "openai" else None
    )
    assert not profile.known
    assert (profile.thinking, profile.images, profile.context, profile.max_output) == (None,) * 4
    assert profile.sampling_when == "always"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (None, "openai"),
        ("https://api.openai.com/v1", "openai"),
        ("https://eu.api.openai.com/v1", "openai"),
        ("https://me.openai.azure.com/openai/v1/", "azure"),
        ("https://me.services.ai.azure.com/models", "azure"),
        ("https://api.groq.com/openai/v1", "groq"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://generativelanguage.googleapis.com/v1beta/openai/", "gemini"),
        ("https://us-central1-aiplatform.googleapis.com/v1", "vertex"),
        ("https://bedrock-mantle.us-east-1.api.aws/v1", "bedrock"),
        ("https://API.DeepSeek.com", "deepseek"),
        ("api.x.ai/v1", "xai"),
        ("https://api.moonshot.cn/v1", "moonshot"),
        ("https://user:secret@api.mistral.ai/v1", "mistral"),
        ("https://api.openai.com.evil.example/v1", "other"),
        ("http://127.0.0.1:8000/v1", "other"),
        ("http://[::1", "openai"),  # the client says what is wrong with it
    ],
)
def test_a_server_is_told_by_its_host(url: str | None, server: str) -> None:
    assert read_server("openai", url) == server


def test_a_profile_is_made_once() -> None:
    assert get_profile("anthropic", "claude-opus-5-5") is get_profile(
        "anthropic", "claude-opus-5-5"
    )


def test_an_endless_name_is_read_at_its_head_only() -> None:
    profile = get_profile("openai", "claude-opus-5-5" + "-x" * 10 * MAX_NAME, "http://h/v1")
    assert len(profile.name) == MAX_NAME
