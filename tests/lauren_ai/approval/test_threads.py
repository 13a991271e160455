"""One answer a call, whichever thread it comes from, and nothing lost or left."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections import Counter
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from lauren_ai import (
    AgentRunnerBase,
    CompletionChunk,
    PendingApproval,
    ToolCallDelta,
    ToolExecutionError,
    get_tool,
    tool,
)
from lauren_ai._approval.desk import ApprovalDesk
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai.types import FrozenCall
from tests.support.agents import (
    build_agent,
    remove,
)


def test_a_frozen_call_has_one_form() -> None:
    one = FrozenCall.freeze("i", "t", {"b": 1, "a": [1, {"d": 2, "c": 3}]})
    two = FrozenCall.freeze("i", "t", {"a": [1, {"c": 3, "d": 2}], "b": 1})
    assert one == two
    assert one.digest != FrozenCall.freeze("i", "u", two.input).digest
    one.input["a"].append("more")
    assert one == two
    with pytest.raises(ToolExecutionError):
        FrozenCall.freeze("i", "t", {"a": object()})


async def test_racing_threads_have_one_winner() -> None:
    desk = ApprovalDesk()
    for n in range(50):
        call = FrozenCall.freeze(f"c{n}", "remove", {"path": "x"})
        ticket = desk.open(call, get_tool(remove), agent_run_id="r", timeout_s=60)
        start = threading.Barrier(4)

        def race(number: int, id: str = f"c{n}", start: threading.Barrier = start) -> bool:
            start.wait()
            return desk.decide("r", id, approved=number % 2 == 0, decided_by=str(number))

        with ThreadPoolExecutor(4) as pool:
            won = await asyncio.to_thread(
                lambda pool=pool, race=race: list(pool.map(race, range(4)))
            )
        assert won.count(True) == 1
        decision = await ticket.wait()
        assert decision.decided_by == str(won.index(True))
    assert desk.list_pending() == []


class Endless:
    """A provider that asks to remove the path it was told, and then says what came of it."""

    provider = "mock"

    async def stream(
        self, request: CompletionRequest, snapshot: Accumulator
    ) -> AsyncGenerator[list[CompletionChunk], None]:
        content = request.messages[-1].content
        await asyncio.sleep(0)
        if isinstance(content, str):
            chunks = [
                CompletionChunk(
                    tool_call_delta=ToolCallDelta("call_0", "remove", f'{{"path": "{content}"}}')
                ),
                CompletionChunk(stop_reason="tool_use"),
            ]
        else:
            chunks = [
                CompletionChunk(str(content[0].content)),
                CompletionChunk(stop_reason="end_turn"),
            ]
        for chunk in chunks:
            snapshot.add(chunk)
            yield [chunk]


async def test_200_runs_with_answers_from_threads_lose_and_double_nothing() -> None:
    ran: Counter[str] = Counter()
    made: list[weakref.ref[Any]] = []

    @tool(name="remove", requires_confirmation=True)
    async def count(path: str) -> str:
        ran[path] += 1
        return f"removed {path}"

    runner = AgentRunnerBase(Endless())  # type: ignore[arg-type]
    asked = build_agent(count)
    before = asyncio.all_tasks()
    answers: Counter[bool] = Counter()
    pool = ThreadPoolExecutor(8)

    def answer(pending: PendingApproval, approved: bool) -> None:
        # two clicks on each: approve or deny, by the card or by the runner
        run_id, call_id = pending.agent_run_id, pending.tool_use_id
        first = pending.approve() if approved else pending.deny("no")
        second = runner.approve_tool(run_id, call_id)
        answers.update([first, second])

    async def one(n: int) -> str:
        stream = runner.run_stream(asked, f"p{n}", conversation_id=f"c{n % 50}")
        made.append(weakref.ref(stream))
        async for chunk in stream:
            if chunk.pending_approval is not None:
                pool.submit(answer, chunk.pending_approval, n % 2 == 0)
        return stream.response.content

    async with asyncio.timeout(60):
        contents = await asyncio.gather(*[one(n) for n in range(200)])
    await asyncio.to_thread(pool.shutdown)
    assert answers == {True: 200, False: 200}
    assert ran == {f"p{n}": 1 for n in range(0, 200, 2)}
    for n, content in enumerate(contents):
        assert content == f"removed p{n}" if n % 2 == 0 else "no" in content
    assert asyncio.all_tasks() == before
    assert runner.pending_approvals() == []
    gc.collect()
    assert [ref for ref in made if ref() is not None] == []
