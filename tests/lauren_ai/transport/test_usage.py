"""Usage in every vendor's fields: what was cached, written, thought and searched for."""

from __future__ import annotations

from typing import Any

import pytest

from lauren_ai import TokenUsage
from lauren_ai._transport.openai.responses.response import build_usage as build_responses_usage
from lauren_ai._transport.openai.usage import build_usage

COUNTS = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}


def counts(usage: TokenUsage | None) -> tuple[int, ...]:
    assert usage is not None
    return (
        usage.input_tokens,
        usage.output_tokens,
        usage.cache_read_tokens,
        usage.cache_write_tokens,
        usage.reasoning_tokens,
    )


@pytest.mark.parametrize(
    ("told", "want"),
    [
        ({}, (100, 10, 0, 0, 0)),
        # OpenAI; from gpt-5.6 it tells what it wrote
        (
            {"prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 30}},
            (10, 10, 60, 30, 0),
        ),
        ({"prompt_cache_hit_tokens": 64, "prompt_cache_miss_tokens": 36}, (36, 10, 64, 0, 0)),
        ({"cached_tokens": 40}, (60, 10, 40, 0, 0)),  # Moonshot
        # LiteLLM before Claude
        (
            {"cache_read_input_tokens": 50, "cache_creation_input_tokens": 20},
            (30, 10, 50, 20, 0),
        ),
        # xAI: the total tells that the thinking is not in completion_tokens (vercel/ai #12425)
        (
            {"total_tokens": 427, "completion_tokens_details": {"reasoning_tokens": 317}},
            (100, 327, 0, 0, 317),
        ),
        # OpenAI: it is
        ({"completion_tokens_details": {"reasoning_tokens": 8}}, (100, 10, 0, 0, 8)),
        # hostile
        ({"cached_tokens": 10**9}, (0, 10, 100, 0, 0)),
        (
            {"prompt_tokens_details": [1], "cached_tokens": "7", "total_tokens": -5},
            (100, 10, 0, 0, 0),
        ),
        ({"total_tokens": 1}, (100, 10, 0, 0, 0)),
    ],
)
def test_a_chat_servers_usage(told: dict[str, Any], want: tuple[int, ...]) -> None:
    assert counts(build_usage(COUNTS | told)) == want


def test_gemini_tells_of_its_thinking_in_the_total_alone() -> None:
    told = COUNTS | {"total_tokens": 613}
    assert counts(build_usage(told, vendor="google")) == (100, 513, 0, 0, 503)
    assert counts(build_usage(told)) == (100, 10, 0, 0, 0)  # a proxy's own sum


def test_searches_of_openais_own_tool_have_their_price() -> None:
    def search(action: object) -> dict[str, object]:
        return {"type": "web_search_call", "id": "ws", "action": action}

    output = [search({"type": "search"}), search({"type": "open_page"}), search(None), "x"]
    usage = build_responses_usage({"input_tokens": 0, "output_tokens": 0}, output)
    assert usage is not None and usage.cost_usd("gpt-5.5") == pytest.approx(0.01)
