"""What an agent sends again each turn comes from the provider's cache, at a tenth of the price."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from lauren_ai import AgentRunnerBase, LLMConfig, LLMService, TokenUsage, make_agent, tool
from tests.servers import FakeAnthropic, text, tool_call
from tests.support.agents import build_agent


@pytest.fixture
async def service(anthropic_server: FakeAnthropic) -> AsyncIterator[LLMService]:
    url = anthropic_server.base_url
    config = LLMConfig.for_anthropic("claude-opus-5-5", api_key="k", base_url=url, max_retries=0)
    service = LLMService.from_config(config)
    yield service
    await service.close()


def get_share(usage: TokenUsage | None) -> float:
    assert usage is not None
    read = usage.cache_read_tokens
    return read / (read + usage.cache_write_tokens + usage.input_tokens)


@tool
async def look(page: int) -> str:
    """Read a page."""
    return f"page {page}: " + "word " * 2_500


async def test_an_agent_of_ten_turns_reads_most_of_its_input_from_the_cache(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    for page in range(9):
        anthropic_server.reply(tool_call("look", {"page": page}, id=f"c{page}"))
    anthropic_server.reply(text("Read."))
    guide = "Read all pages, then say so. " * 300
    response = await AgentRunnerBase(service).run(make_agent(guide, [look]), "go")
    assert response.turns == 10
    assert response.total_usage is not None
    assert response.total_usage.total_tokens > 30_000
    assert get_share(response.total_usage) > 0.8


async def test_without_a_cache_nothing_is_kept(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    anthropic_server.reply(tool_call("look", {"page": 1}, id="c1"))
    anthropic_server.reply(text("Read."))
    response = await AgentRunnerBase(service).run(build_agent(look, cache=False), "go")
    assert get_share(response.total_usage) == 0
    assert all("cache_control" not in r.body for r in anthropic_server.requests)


async def test_a_long_conversation_goes_on_reading_from_the_cache_when_its_window_is_full(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    runner = AgentRunnerBase(service)
    agent = build_agent(memory_window_tokens=12_000)
    shares = []
    for n in range(40):
        anthropic_server.reply(text("word " * 600))
        response = await runner.run(agent, f"question {n}: " + "why " * 300, conversation_id="c")
        shares.append(get_share(response.total_usage))
    settled = shares[15:]
    assert sum(share > 0.5 for share in settled) > 0.7 * len(settled)
