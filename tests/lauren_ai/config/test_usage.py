"""Token counts as proxies write them: whole numbers count, anything else is no count."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from lauren_ai import TokenUsage
from tests.servers import raw, text
from tests.support.wired import GO, Wired

NAMES = rb'"((?:in|out)put_tokens|(?:prompt|completion|total)_tokens)": \d+'


async def usage_of(wired: Wired, count: Any) -> TokenUsage | None:
    """What a client reads of an answer whose every count is this value."""
    data = wired.server.script(text("Hello")).data
    written = json.dumps(count).encode()
    wired.server.queue(raw(re.sub(NAMES, rb'"\1": ' + written, data)))
    return (await wired.service.complete(GO)).usage


async def test_counts_that_a_proxy_wrote_with_a_fraction_count(wired: Wired) -> None:
    usage = await usage_of(wired, 7.0)
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens) == (7, 7)


@pytest.mark.parametrize("odd", [None, "7", 1.5, True, [], {"a": 1}], ids=repr)
async def test_what_is_no_count_is_none_and_not_zero(wired: Wired, odd: Any) -> None:
    assert await usage_of(wired, odd) is None


HAIKU = "claude-haiku-5-5"  # $0.10 a million of input, $0.50 where a prompt is over 100,000


def test_a_sum_costs_what_its_requests_cost_one_by_one() -> None:
    """Three turns of 60,000 tokens were priced as one prompt of 180,000: five times too high."""
    turn = TokenUsage(60_000, 100)
    one = turn.cost_usd(HAIKU)
    assert one is not None and one == pytest.approx(0.1 * 0.06 + 0.5 * 100 / 1e6)
    assert (turn + turn + turn).cost_usd(HAIKU) == pytest.approx(3 * one)
    long = TokenUsage(150_000, 0)
    assert (long + turn + long).cost_usd(HAIKU) == pytest.approx(2 * 0.5 * 0.15 + one)


def test_many_short_requests_cost_the_same_together() -> None:
    total = small = TokenUsage(12_345, 67, 8_901, 2_345)
    for _ in range(499):
        total += small
    cost = small.cost_usd(HAIKU)
    assert cost is not None and total.cost_usd(HAIKU) == pytest.approx(500 * cost)
    assert total.total_tokens == 500 * small.total_tokens


def test_what_is_kept_for_an_hour_and_searches_have_their_own_price() -> None:
    told = {
        "cache_creation": {"ephemeral_1h_input_tokens": 10_000, "ephemeral_5m_input_tokens": 5_000},
        "server_tool_use": {"web_search_requests": 2},
    }
    usage = TokenUsage(0, 0, 0, 15_000, 0, told)
    want = 10_000 * 6 / 1e6 + 5_000 * 3.75 / 1e6 + 2 * 0.01
    assert usage.cost_usd("claude-sonnet-4-6") == pytest.approx(want)
    assert (usage + usage).cost_usd("claude-sonnet-4-6") == pytest.approx(2 * want)


@pytest.mark.parametrize("odd", [None, "7", [], {"ephemeral_1h_input_tokens": 10**9}, {"x": -1}])
def test_odd_words_beside_the_counts_make_no_odd_price(odd: Any) -> None:
    usage = TokenUsage(0, 0, 0, 1_000, 0, {"cache_creation": odd, "server_tool_use": odd})
    cost = (usage + usage).cost_usd("claude-sonnet-4-6")
    assert cost is not None and 0 < cost <= 2 * 1_000 * 6 / 1e6 + 1e-12
