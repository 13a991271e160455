"""What the table says of each family, rule by rule as the vendors document it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, get_args

import anthropic._data as anthropic_data
import openai.types.shared.chat_model as chat_model
import pytest
from anthropic.types import ModelParam
from openai.types.shared import ChatModel

from lauren_ai._profiles import Profile, describe, get_profile
from lauren_ai._profiles.lifecycle import ENDS, KNOWN_MODELS, get_end
from lauren_ai._profiles.lookup import TABLE
from lauren_ai._profiles.names import read_name, read_vendor, strip_name
from lauren_ai.errors import AgentConfigError

LOCAL = "http://127.0.0.1:1/v1"
CLAUDES: tuple[str, ...] = get_args(get_args(ModelParam)[0])
GPTS: tuple[str, ...] = get_args(ChatModel)
BUDGET = ("claude-haiku-4-5", "claude-opus-4-5", "claude-sonnet-4-5")
BOTH = ("claude-opus-4-6", "claude-sonnet-4-6")
ALWAYS = ("-5-5", "fable", "mythos")


@pytest.mark.parametrize("model", CLAUDES)
def test_each_claude_of_the_sdk_thinks_as_documented(model: str) -> None:
    """4.5 takes a budget, 4.6 both, all later ones adaptive thinking only (cases c05, c06)."""
    profile = get_profile("anthropic", model)
    assert profile.known
    kind = (
        "budget" if model.startswith(BUDGET) else "both" if model.startswith(BOTH) else "adaptive"
    )
    assert profile.thinking == kind
    old = kind != "adaptive"
    assert profile.takes_sampling("temperature") is old
    assert not profile.takes_sampling("temperature", thinking=True)
    assert profile.old_version == ("2023-06-01" if old else None)
    assert profile.thinking_display == ("summarized" if old else "omitted")
    assert profile.thinks_always is (any(word in model for word in ALWAYS) and "haiku" not in model)
    assert profile.structured == "output_config.format"
    assert (profile.endpoint, profile.token_field) == ("messages", "max_tokens")
    assert profile.stop_field == "stop_sequences"


@pytest.mark.parametrize(
    ("model", "forced", "bound"),
    [
        ("claude-opus-5-5", False, True),
        ("claude-sonnet-5-5", False, True),
        ("claude-haiku-5-5", None, True),
        ("claude-fable-5-1", False, True),
        ("claude-fable-5-2", False, True),
        ("claude-fable-5", False, False),
        ("claude-opus-5", True, False),
        ("claude-opus-4-8", True, False),
        ("claude-sonnet-4-5", True, False),
        ("claude-opus-8", False, True),
    ],
)
def test_which_claude_takes_a_forced_tool_and_binds_its_thoughts(
    model: str, forced: bool | None, bound: bool
) -> None:
    profile = get_profile("anthropic", model)
    assert (profile.forced_tool, profile.prefix_bound) == (forced, bound)


@pytest.mark.parametrize("model", GPTS)
def test_each_gpt_of_the_sdk_is_known_and_asked_at_responses(model: str) -> None:
    profile = get_profile("openai", model)
    assert profile.known
    if "audio" in model or "search" in model:
        assert (profile.endpoint, profile.stop_field) == ("chat", "stop")
        return
    assert profile.endpoint == "responses"
    assert profile.token_field == "max_output_tokens"
    assert profile.effort_field == "reasoning.effort"
    assert profile.structured in ("text.format", "tool", "none")
    assert profile.stop_field is None
    assert profile.takes_tools() is (profile.tools is True)


@pytest.mark.parametrize("model", GPTS)
def test_a_thinking_gpt_at_a_gateway_takes_the_new_token_field(model: str) -> None:
    """Judged by the model, not by the host (case c09)."""
    profile = get_profile("openai", f"openai/{model}", LOCAL)
    reasons = re.match(r"o\d|gpt-[5-9](?!-chat)|codex", model) is not None
    assert profile.endpoint == "chat"
    assert (profile.token_field == "max_completion_tokens") is reasons
    assert profile.system_role == "system"
    assert "max" not in (profile.effort or ())


@pytest.mark.parametrize(
    ("model", "effort", "tools", "temperature"),
    [
        ("gpt-4.1", None, True, True),
        ("gpt-5", None, True, False),
        ("gpt-5.1", None, True, True),  # it rests by itself
        ("gpt-5.1", "low", True, False),
        ("gpt-5.2", "none", True, True),
        ("gpt-5.4", None, False, True),
        ("gpt-5.4", "none", True, True),
        ("gpt-5.4", "high", False, False),
        ("gpt-5.6-terra", None, False, False),
        ("gpt-5.6-terra", "none", True, True),
        ("gpt-6-sol", "none", True, True),
        ("gpt-6-astra", "low", False, False),
        ("gpt-6.1-terra", "none", False, False),
        ("o4-mini", "low", True, False),
    ],
)
def test_what_goes_with_which_effort_on_chat_completions(
    model: str, effort: str | None, tools: bool, temperature: bool
) -> None:
    """Cases c08; "Function tools with reasoning_effort are not supported …"."""
    profile = get_profile("openai", model, LOCAL)
    assert profile.takes_tools(effort=effort) is tools
    assert profile.takes_sampling("temperature", effort=effort) is temperature


FACTS: list[tuple[str, str, str | None, dict[str, Any]]] = [
    ("openai", "o4-mini", LOCAL, {"parallel_tool_calls": False, "stop_field": None}),
    ("openai", "gpt-4o", LOCAL, {"parallel_tool_calls": True, "stop_field": "stop", "pdf": True}),
    ("openai", "gpt-4o", None, {"gives_back": (), "strict": True}),
    (
        "openai",
        "gpt-5.5",
        None,
        {"gives_back": ("encrypted_reasoning",), "system_role": "developer"},
    ),
    ("openai", "gpt-5.5", LOCAL, {"gives_back": ()}),
    ("azure", "gpt-5.5", None, {"endpoint": "responses", "system_role": "developer"}),
    ("azure", "x", None, {"token_field": "max_completion_tokens", "effort": None}),
    ("gemini", "gemini-3-pro-preview", None, {"gives_back": ("thought_signature",)}),
    ("gemini", "gemini-2.5-flash", None, {"parallel_tool_calls": False, "thinking_off": True}),
    (
        "deepseek",
        "deepseek-v4-pro",
        None,
        {"gives_back": ("reasoning_content",), "forced_with_thinking": False, "structured": "tool"},
    ),
    (
        "anthropic",
        "deepseek-v4-pro",
        "https://api.deepseek.com/anthropic",
        {"endpoint": "messages", "gives_back": ("thinking_unsigned",), "structured": None},
    ),
    (
        "anthropic",
        "glm-5",
        "https://api.z.ai/api/anthropic",
        {"endpoint": "messages", "token_field": "max_tokens", "thinking": None, "cache": None},
    ),
    ("moonshot", "kimi-k3", None, {"sampling": (), "thinks_always": True}),
    ("xai", "grok-4", None, {"effort": (), "stop_field": None, "thinking": "fixed"}),
    ("xai", "grok-4.3", None, {"effort": ("none", "low", "medium", "high")}),
    ("mistral", "mistral-large-latest", None, {"token_field": "max_tokens", "effort": ()}),
    ("groq", "qwen/qwen3-32b", None, {"effort": ("none", "default"), "gives_back": ()}),
    ("groq", "openai/gpt-oss-20b", None, {"effort": ("low", "medium", "high")}),
    ("groq", "llama-3.3-70b-versatile", None, {"effort": (), "thinking": "none"}),
    (
        "openrouter",
        "anthropic/claude-opus-5.5",
        None,
        {
            "endpoint": "chat",
            "effort_field": "reasoning.effort",
            "gives_back": ("reasoning", "reasoning_details"),
            "cache": "cache_control_blocks",
            "structured": "response_format",
            "prefix_bound": True,
        },
    ),
    ("openrouter", "openai/gpt-4o", None, {"effort": (), "gives_back": ()}),
    ("openai", "claude-opus-4-5", LOCAL, {"thinking": "effort", "gives_back": (), "cache": None}),
    ("openai", "claude-sonnet-4-5", LOCAL, {"thinking": None, "effort": ()}),
    ("bedrock", "us.anthropic.claude-opus-4-6-v1", None, {"cache": "cache_control_blocks"}),
    (
        "bedrock",
        "us.anthropic.claude-opus-4-6-v1",
        None,
        {"old_version": "bedrock-2023-05-31", "ends": None},
    ),
    ("ollama", "llama3.2:3b", None, {"effort": (), "gives_back": (), "context": None}),
    ("ollama", "gpt-oss:20b", None, {"effort": ("low", "medium", "high")}),
    ("ollama", "qwen3:8b", None, {"effort": None, "gives_back": ("reasoning",)}),
    ("openai", "meta-llama/Llama-3.1-8B", LOCAL, {"effort": None, "max_output": None}),
    ("local", "smollm2", None, {"structured": "response_format", "effort": ()}),
    ("mock", "mock-model", None, {"endpoint": "chat", "structured": "tool"}),
]


@pytest.mark.parametrize(("provider", "model", "url", "facts"), FACTS, ids=lambda v: str(v)[:40])
def test_what_a_server_makes_of_a_model(
    provider: str, model: str, url: str | None, facts: dict[str, Any]
) -> None:
    profile = get_profile(provider, model, url)
    assert {name: getattr(profile, name) for name in facts} == facts


@pytest.mark.parametrize("vendor", TABLE)
def test_each_row_says_where_it_is_from(vendor: str) -> None:
    rows = TABLE[vendor]
    assert [row.newest for row in rows] == [False] * (len(rows) - 1) + [True]
    assert len({row.family for row in rows}) == len(rows)
    for row in rows:
        profile = Profile(name="x", **row.changes)
        assert profile.source
        assert list(profile.effort or ()) == sorted(profile.effort or (), key=list(ORDER).index)
        default = profile.effort_default
        assert default is None or default in (profile.effort or ())


ORDER = ("none", "minimal", "low", "medium", "high", "xhigh", "max", "default")


def test_the_ends_are_those_of_anthropics_sdk() -> None:
    for model, day in anthropic_data.DEPRECATED_MODELS.items():
        month, number, year = re.match(r"(\w+) (\d+)\w\w, (\d+)", day).groups()  # type: ignore[union-attr]
        end = get_profile("anthropic", model).ends
        assert end is not None
        assert (f"{end:%B}", end.day, end.year) == (month, int(number), int(year))


def test_the_ends_are_those_of_openais_sdk() -> None:
    text = " ".join(Path(chat_model.__file__).read_text("utf-8").split())
    told = re.findall(r'- ((?:"[\w.-]+",? ?)+): Announced shutdown date: ([\d-]+)\.', text)
    assert len(told) > 15
    for names, day in told:
        for model in re.findall(r'"([\w.-]+)"', names):
            assert get_profile("openai", model).ends == date.fromisoformat(day), model


def test_no_end_is_told_of_what_goes_on() -> None:
    names = [n for n in (*CLAUDES, *GPTS) if not (get_end(strip_name(n), _read(n)))]
    assert {"claude-opus-5-5", "claude-opus-4-6", "gpt-6.1-terra", "gpt-5.4-mini", "gpt-5.2"} <= {
        *names
    }
    assert all(end.day > date(2024, 1, 1) for end in ENDS.values())


def _read(name: str) -> str:
    stripped = strip_name(name)
    return read_name(stripped, read_vendor(stripped))


@pytest.mark.parametrize("provider", KNOWN_MODELS)
def test_each_model_to_suggest_is_in_the_table(provider: str) -> None:
    for model in KNOWN_MODELS[provider]:
        assert get_profile(provider, model).known or provider == "local", model


@pytest.mark.parametrize(
    ("wanted", "model", "chosen"),
    [
        ("max", "gpt-5", "high"),
        ("none", "gpt-5", "minimal"),
        ("minimal", "gpt-5.6", "low"),
        ("xhigh", "claude-opus-4-6", "high"),
        ("high", "claude-sonnet-4-5", None),
        ("ultra", "gpt-5.4", "medium"),
        ("ultra", "some-model", "ultra"),
    ],
)
def test_an_effort_that_a_model_lacks_becomes_the_nearest(
    wanted: str, model: str, chosen: str | None
) -> None:
    assert get_profile("openai", model, LOCAL).choose_effort(wanted) == chosen


def test_of_two_levels_as_near_the_lower_is_taken() -> None:
    assert get_profile("deepseek", "deepseek-v4-pro").choose_effort("medium") == "low"


def test_an_effort_of_claude_keeps_its_temperature() -> None:
    """There it is no order to think; elsewhere it is."""
    claude = get_profile("anthropic", "claude-opus-4-6")
    assert claude.takes_sampling("temperature", effort="low")
    assert not get_profile("deepseek", "deepseek-v4-pro").takes_sampling("top_p", effort="low")


def test_groqs_qwen_knows_only_whether() -> None:
    profile = get_profile("groq", "qwen/qwen3-32b")
    assert [profile.choose_effort(e) for e in ("none", "low", "max")] == [
        "none",
        "default",
        "default",
    ]


@pytest.mark.parametrize(
    ("tokens", "effort"), [(1_024, "low"), (8_000, "medium"), (20_000, "high"), (100_000, "max")]
)
def test_a_budget_becomes_an_effort_where_no_budget_is_taken(tokens: int, effort: str) -> None:
    assert get_profile("anthropic", "claude-opus-5-5").get_effort_for_budget(tokens) == effort


def test_a_user_sets_facts_by_hand() -> None:
    mine = get_profile("azure", "prod").with_(thinking="none", context=8_000)
    assert (mine.thinking, mine.context, mine.name) == ("none", 8_000, "prod")
    with pytest.raises(AgentConfigError, match=r"no 'contxt'.*context"):
        mine.with_(contxt=1)
    with pytest.raises(AgentConfigError, match=r"Profile\.endpoint is 'completions'.*responses"):
        mine.with_(endpoint="completions")


def test_a_profile_is_told_in_lines() -> None:
    lines = describe(get_profile("openai", "gpt-5-mini"), today=date(2026, 11, 1))
    assert lines[:2] == [
        "model: gpt-5-mini",
        "end: gpt-5-mini ends on 2026-12-11. Use gpt-6.1-terra.",
    ]
    assert "effort: minimal, low, medium, high (medium by itself)" in lines
    assert "context: 400,000 tokens" in lines
    unknown = describe(get_profile("openai", "x", LOCAL))
    assert "thinking: not known" in unknown
    assert "takes: text (not known: images, PDF, audio)" in unknown
    assert describe(get_profile("anthropic", "claude-opus-9"))[0].endswith("(read as the newest)")
