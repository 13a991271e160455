"""What the runner adds: CPU a delta beside complete_stream, and a turn's cost by history length.

    python -m benchmarks.runner_cpu [--events 20000] [--rounds 5]

The server runs in a process of its own, so that the CPU time of this process is the client's alone.
Rounds are interleaved and the median counts; read the ratios, not the milliseconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

from lauren_ai import (
    AgentRunnerBase,
    CompletionChunk,
    InMemoryConversationStore,
    LLMConfig,
    LLMService,
    Message,
    ToolCallDelta,
    make_agent,
    tool,
)
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.anthropic.request import describe_body
from tests.servers import ServerProcess

Run = Callable[[], Awaitable[int]]
TURNS = 10


@tool
async def look(n: int) -> str:
    """Look at something."""
    return f"seen {n}"


async def measure(run: Run) -> float:
    """CPU milliseconds of one run."""
    began = time.process_time()
    await run()
    return (time.process_time() - began) * 1000


async def compare_deltas(provider: str, *, events: int, rounds: int) -> None:
    with ServerProcess(provider, events=events) as server:
        make = LLMConfig.for_anthropic if provider == "anthropic" else LLMConfig.for_openai
        service = LLMService.from_config(make("m", api_key="k", base_url=server.base_url))
        runner, agent = AgentRunnerBase(service), make_agent("Answer.")

        async def complete() -> int:
            stream = service.complete_stream([Message.user("go")])
            return sum([1 async for chunk in stream if chunk.delta])

        async def run() -> int:
            return sum([1 async for chunk in runner.run_stream(agent, "go") if chunk.delta])

        assert await complete() == await run() == events
        costs: dict[str, list[float]] = {"complete_stream": [], "run_stream": []}
        for _ in range(rounds):
            costs["complete_stream"].append(await measure(complete))
            costs["run_stream"].append(await measure(run))
        await service.close()
    medians = {name: statistics.median(values) * 1000 / events for name, values in costs.items()}
    for name, value in medians.items():
        print(f"{provider:10} {name:16} {value:6.2f} ms CPU a 1,000 deltas")
    ratio = medians["run_stream"] / medians["complete_stream"]
    print(f"{provider:10} run_stream / complete_stream = {ratio:.2f} (goal: at most 1.3)")


class BodyTransport:
    """Calls a tool TURNS - 1 times, and builds each request's body as the real transport does."""

    provider = "mock"

    async def stream(
        self, request: CompletionRequest, snapshot: Accumulator
    ) -> AsyncGenerator[list[CompletionChunk], None]:
        encode(request)
        turn = (len(request.messages) + 1) // 2 % TURNS
        chunks = [CompletionChunk("done"), CompletionChunk(stop_reason="end_turn")]
        if turn:
            call = ToolCallDelta(f"call_{len(request.messages)}", "look", f'{{"n": {turn}}}')
            chunks = [
                CompletionChunk(tool_call_delta=call),
                CompletionChunk(stop_reason="tool_use"),
            ]
        for chunk in chunks:
            snapshot.add(chunk)
        yield chunks


def encode(request: CompletionRequest) -> bytes:
    return json.dumps(describe_body(request)).encode()


async def compare_histories(lengths: list[int], *, rounds: int) -> None:
    """A run of TURNS turns on a stored conversation, beside encoding the same requests alone."""
    for length in lengths:
        text = "A sentence of a usual length in a conversation about data. " * 3
        history = [Message.user(text), Message.assistant(text)] * (length // 2)
        runner = AgentRunnerBase(BodyTransport())  # type: ignore[arg-type]
        agent = make_agent("Look.", [look], memory_window_tokens=10**9, max_turns=2 * TURNS)
        whole: list[float] = []
        alone: list[float] = []
        for _ in range(rounds):
            store = InMemoryConversationStore()
            await store.save("c", history)
            began = time.process_time()
            await runner.run(agent, "go", conversation_id="c", conversation_store=store)
            whole.append((time.process_time() - began) * 1000 / TURNS)
            began = time.process_time()
            encode(CompletionRequest(model="m", messages=[*history, Message.user("go")]))
            alone.append((time.process_time() - began) * 1000)
        a_turn, a_body = statistics.median(whole), statistics.median(alone)
        print(
            f"history of {length:6,} messages: {a_turn:7.2f} ms CPU a turn, of which the body "
            f"{a_body:7.2f}; the runner's own {a_turn - a_body:5.2f}"
        )


async def count_turns() -> None:
    response = await AgentRunnerBase(BodyTransport()).run(  # type: ignore[arg-type]
        make_agent("Look.", [look]), "go"
    )
    assert response.turns == TURNS, response.turns


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for provider in ("anthropic", "openai"):
        asyncio.run(compare_deltas(provider, events=options.events, rounds=options.rounds))
    asyncio.run(count_turns())
    asyncio.run(compare_histories([0, 100, 1_000, 10_000], rounds=options.rounds))


if __name__ == "__main__":
    main()
