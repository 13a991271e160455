"""What streaming costs, beside the raw SDKs, in one run: CPU, latency, memory, import time.

    python -m benchmarks.core_cpu [--events 20000] [--rounds 5]

The server runs in a process of its own and sends each event as an HTTP chunk of its own, so that
the CPU time of this process is the client's alone. Rounds are interleaved and the median counts;
read the figures as ratios, because machines and their load differ.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp
import anthropic
import openai

from lauren_ai import LLMConfig, LLMService, Message
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._transport.anthropic.events import AnthropicDecoder
from lauren_ai._transport.openai.events import OpenAIDecoder
from tests.servers import FakeAnthropic, FakeOpenAI, ServerProcess, tool_call

Provider = Literal["anthropic", "openai"]
Run = Callable[[], Awaitable[Any]]
PROVIDERS: tuple[Provider, ...] = ("anthropic", "openai")
PATHS = {"anthropic": "/v1/messages", "openai": "/chat/completions"}
GO: Any = [{"role": "user", "content": "go"}]


@dataclass
class Clients:
    """Every way to the same server. Each stream method yields once a text delta."""

    provider: Provider
    base_url: str
    service: LLMService
    sdk: Any
    http: aiohttp.ClientSession

    @classmethod
    async def open(cls, provider: Provider, base_url: str, stack: AsyncExitStack) -> Clients:
        options = {"api_key": "k", "base_url": base_url}
        if provider == "anthropic":
            service = LLMService.from_config(LLMConfig.for_anthropic("m", **options))
            sdk: Any = anthropic.AsyncAnthropic(**options)
        else:
            service = LLMService.from_config(LLMConfig.for_openai("m", **options))
            sdk = openai.AsyncOpenAI(**options)
        stack.push_async_callback(service.close)
        stack.push_async_callback(sdk.close)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        return cls(provider, base_url, service, sdk, http)

    async def iter_ours(self) -> Any:
        async for chunk in self.service.complete_stream([Message.user("go")]):
            if chunk.delta:
                yield chunk

    async def iter_sdk(self) -> Any:
        if self.provider == "anthropic":
            events = await self.sdk.messages.create(
                model="m", max_tokens=9, messages=GO, stream=True
            )
            async for event in events:
                if event.type == "content_block_delta":
                    yield event
        else:
            chunks = await self.sdk.chat.completions.create(model="m", messages=GO, stream=True)
            async for chunk in chunks:
                if chunk.choices and chunk.choices[0].delta.content:
                    yield chunk

    async def iter_bytes(self) -> Any:
        url = self.base_url + PATHS[self.provider]
        async with self.http.post(url, json={"stream": True}) as response:
            async for data in response.content.iter_any():
                yield data

    def ways(self) -> dict[str, Callable[[], Any]]:
        return {
            f"{self.provider} SDK, raw events": self.iter_sdk,
            "complete_stream": self.iter_ours,
            "bytes alone, aiohttp": self.iter_bytes,
        }


async def measure_cpu(clients: Clients, *, events: int, rounds: int) -> dict[str, float]:
    """Median CPU milliseconds of this process for 1,000 deltas, by way."""
    samples: dict[str, list[float]] = {name: [] for name in clients.ways()}
    for number in range(rounds + 1):
        for name, way in clients.ways().items():
            before = time.process_time()
            count = sum([1 async for _ in way()])
            spent = time.process_time() - before
            if count != events and way != clients.iter_bytes:
                raise RuntimeError(f"{name} saw {count} deltas of {events}")
            if number:  # the first round warms up
                samples[name].append(spent * 1e6 / events)
    return {name: statistics.median(values) for name, values in samples.items()}


async def measure_first(clients: Clients, *, rounds: int) -> dict[str, float]:
    """Median milliseconds from the call to the first delta, or byte, on a warm connection."""
    samples: dict[str, list[float]] = {name: [] for name in clients.ways()}
    for _ in range(rounds * 10):
        for name, way in clients.ways().items():
            before = time.perf_counter()
            async with aclosing(way()) as items:
                await anext(items)
                samples[name].append((time.perf_counter() - before) * 1e3)
                async for _ in items:  # to the end, so that the connection is used again
                    pass
    return {name: statistics.median(values) for name, values in samples.items()}


async def measure_memory(clients: Clients, *, events: int) -> float:
    """Peak bytes a delta that one stream holds, its text of 6 bytes a delta included."""
    await anext(clients.iter_ours())
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    async for _ in clients.iter_ours():
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (peak - before) / events


def measure_tool(provider: Provider, fragments: int) -> float:
    """CPU milliseconds for a tool call whose arguments come in so many fragments."""
    arguments = '{"text": "' + "x" * (fragments * 4) + '"}'
    make = FakeAnthropic().script if provider == "anthropic" else FakeOpenAI().script
    events = make(tool_call("f", arguments, fragments=fragments)).events
    best = float("inf")
    for _ in range(3):
        snapshot = Accumulator(provider=provider)
        decoder: Any = (AnthropicDecoder if provider == "anthropic" else OpenAIDecoder)(snapshot)
        before = time.process_time()
        for event in events:
            decoder.feed(event, [])
        if len(snapshot.build_completion().tool_calls) != 1:
            raise RuntimeError("the tool call was not read")
        best = min(best, time.process_time() - before)
    return best * 1e3


def measure_import(code: str) -> float:
    """Best milliseconds of an import in a new interpreter, over an empty one's."""

    def run(what: str) -> float:
        before = time.perf_counter()
        subprocess.run([sys.executable, "-c", what], check=True)
        return time.perf_counter() - before

    return (min(run(code) for _ in range(5)) - min(run("pass") for _ in range(5))) * 1e3


def print_table(title: str, unit: str, values: dict[str, float]) -> None:
    print(f"\n{title}")
    base = next(iter(values.values()))
    for name, value in values.items():
        print(f"  {name:28} {value:9.2f} {unit:18} {value / base:6.3f} of the first")


async def compare(provider: Provider, *, events: int, rounds: int) -> None:
    async with AsyncExitStack() as stack:
        server = stack.enter_context(ServerProcess(provider, events=events))
        clients = await Clients.open(provider, server.base_url, stack)
        cpu = await measure_cpu(clients, events=events, rounds=rounds)
        print_table(f"{provider}: CPU of streaming", "ms/1,000 deltas", cpu)
        memory = await measure_memory(clients, events=events)
        print(f"  peak memory of a stream: {memory:.1f} bytes a delta of 6")
    async with AsyncExitStack() as stack:
        server = stack.enter_context(ServerProcess(provider, events=3))
        clients = await Clients.open(provider, server.base_url, stack)
        first = await measure_first(clients, rounds=rounds)
        print_table(f"{provider}: time to the first chunk", "ms", first)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for provider in PROVIDERS:
        asyncio.run(compare(provider, events=options.events, rounds=options.rounds))
    for provider in PROVIDERS:
        half, whole = measure_tool(provider, 10_000), measure_tool(provider, 20_000)
        print(f"\n{provider}: tool arguments of 10,000 and 20,000 fragments, decoding alone")
        print(f"  {half:.1f} and {whole:.1f} ms: {whole / half:.2f} times (2 is linear)")
    codes = {name: f"import {name}" for name in ("httpx", "lauren_ai", "openai", "anthropic")}
    times = {name: measure_import(code) for name, code in codes.items()}
    print_table("import, over an empty interpreter", "ms", times)


if __name__ == "__main__":
    main()
