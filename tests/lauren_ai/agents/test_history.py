"""Whatever happens in a run, the next request of its conversation is one that providers accept."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from lauren_ai import AgentRunnerBase, LaurenAIError
from tests.servers import Script, redacted_thinking, text, thinking, tool_call
from tests.support.agents import add, build_agent, fail, remove
from tests.support.history_rules import check_requests
from tests.support.wired import Wired

CALLS = (
    ("add", {"a": 1, "b": 2}),
    ("add", {"a": "no number"}),
    ("add", '{"a": 1, "a": 2}'),
    ("add", "[1, 2]"),
    ("fail", {}),
    ("remove", {"path": "x"}),
    ("no such tool!", {"x": 1}),
)
STOPS = {
    "anthropic": ["max_tokens", "refusal", "stop_sequence", "pause_turn"],
    "openai": ["length", "content_filter", "stop"],
}


def make_script(wired: Wired, rng: random.Random) -> Script:
    """A response as a provider, or a bad day, might have it."""
    blocks: list[Any] = []
    if rng.random() < 0.3:
        blocks.append(thinking("Let me see."))
    if wired.name == "anthropic" and rng.random() < 0.2:
        blocks.append(redacted_thinking())
    if rng.random() < 0.6:
        blocks.append(text(rng.choice(["Well, yes.", "\n\n", " "])))
    for number in range(rng.choice([0, 1, 1, 2, 3])):
        name, arguments = rng.choice(CALLS)
        blocks.append(tool_call(name, arguments, id=f"call_{number}"))
    options = {}
    if rng.random() < 0.25:
        key = "stop_reason" if wired.name == "anthropic" else "finish_reason"
        options[key] = rng.choice(STOPS[wired.name])
    script = wired.server.script(*blocks, **options)
    if rng.random() < 0.2:
        end = rng.choice(["clean", "reset", "hang"])
        script = script.cut_at_event(rng.randrange(1, len(script.events)), end=end)
    return script


async def run_once(runner: AgentRunnerBase, agent: object, rng: random.Random, id: str) -> None:
    """A run that ends well, fails, or is left at a random chunk."""
    stream = runner.run_stream(agent, "go", conversation_id=id)
    leave_at = rng.choice([None, None, rng.randrange(12)])
    try:
        async with asyncio.timeout(rng.choice([0.05, 0.5])):
            number = 0
            async for chunk in stream:
                if chunk.pending_approval is not None and rng.random() < 0.7:
                    rng.choice([chunk.pending_approval.approve, chunk.pending_approval.deny])()
                if number == leave_at:
                    break
                number += 1
    except (LaurenAIError, TimeoutError):
        pass
    await stream.aclose()


@pytest.mark.parametrize("seed", range(12))
async def test_no_history_is_ever_refused(wired: Wired, seed: int) -> None:
    rng = random.Random(seed)
    runner = AgentRunnerBase(wired.service)
    agents = [
        build_agent(add, fail, remove, approval_timeout_s=0.05, max_turns=3),
        build_agent(add, remove, parallel_tool_calls=True, approval_timeout_s=0.05),
        build_agent(fail, add, tool_error_policy="raise"),
        build_agent(),
    ]
    for _ in range(8):
        wired.server._queue.clear()
        wired.server.queue(*[make_script(wired, rng) for _ in range(4)])
        await run_once(runner, rng.choice(agents), rng, "c")
    wired.server._queue.clear()
    # For every request from now on: one of a run that was left may still be on its way.
    wired.server.default = wired.server.script(text("the end"))
    await runner.run(build_agent(), "last", conversation_id="c")
    check_requests(wired)
    assert runner.pending_approvals() == []
