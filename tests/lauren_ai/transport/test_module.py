"""A service's life: many loops, many streams, nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import sys
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from lauren_ai import CompletionStream, LLMService, TransportError
from tests.servers import FakeAnthropic, FakeOpenAI, text
from tests.support.pictures import make_png
from tests.support.wired import GO, Wired, build_config

SERVERS = {"anthropic": FakeAnthropic, "openai": FakeOpenAI}


def count_sockets() -> int:
    """Open sockets of this process; the server's side of a connection is one as well."""
    links = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):
            links.append(os.readlink(f"/proc/self/fd/{name}"))
    return sum(link.startswith("socket:") for link in links)


async def until(condition: Callable[[], bool]) -> bool:
    """Whether it comes true within some seconds, which a busy machine may need."""
    for _ in range(500):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False


async def break_off(stream: CompletionStream) -> None:
    async for chunk in stream:
        if chunk.delta:
            break


async def raise_inside(stream: CompletionStream) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async for chunk in stream:
            if chunk.delta:
                _ = 1 / 0


async def close_inside(stream: CompletionStream) -> None:
    async for chunk in stream:
        if chunk.delta:
            await stream.aclose()


async def cancel(stream: CompletionStream) -> None:
    reached = asyncio.Event()

    async def consume() -> None:
        async for chunk in stream:
            if chunk.delta:
                reached.set()

    task = asyncio.create_task(consume())
    await reached.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def fail(stream: CompletionStream) -> None:
    with contextlib.suppress(TransportError):
        async for _ in stream:
            pass


@pytest.mark.skipif(sys.platform != "linux", reason="counts sockets in /proc")
async def test_a_thousand_early_ends_leave_nothing_behind(wired: Wired) -> None:
    problems: list[Any] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: problems.append(context))
    script = wired.server.script(text(["Hello", " there"]))
    at = next(i for i, event in enumerate(script.events) if b"Hello" in event) + 1
    hanging = script.hanging(at=at)
    ends: list[tuple[Callable[[CompletionStream], Awaitable[None]], Any]] = [
        (break_off, hanging),
        (raise_inside, hanging),
        (close_inside, hanging),
        (cancel, hanging),
        (fail, script.cut_at_event(at, end="reset")),
    ]
    tasks, sockets = len(asyncio.all_tasks()), count_sockets()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(20):
            for end, answer in ends:
                wired.server.default = answer
                await asyncio.gather(*(end(wired.stream()) for _ in range(10)))
        assert len(wired.server.requests) == 1000
        assert await until(lambda: count_sockets() <= sockets)
        assert await until(lambda: len(asyncio.all_tasks()) <= tasks)
        gc.collect()
        await asyncio.sleep(0)
    assert problems == []
    assert [str(w.message) for w in caught] == []


async def test_fifty_streams_side_by_side_get_their_own_text(wired: Wired) -> None:
    wired.server.queue(
        *(wired.server.script(text([f"{n}:{i} " for i in range(50)])) for n in range(50))
    )

    async def read() -> str:
        seen = ""
        async for chunk in wired.stream():
            seen += chunk.delta
        return seen

    texts = await asyncio.gather(*(read() for _ in range(50)))
    expected = {"".join(f"{n}:{i} " for i in range(50)) for n in range(50)}
    assert set(texts) == expected


async def test_a_finished_stream_gives_its_connection_to_the_next(wired: Wired) -> None:
    """The last bytes of a body come after the final chunk: they are read as well."""
    script = wired.server.script(text("ok"))
    late = script.with_event(len(script.events), b": bye\n\n")
    wired.server.default = late.paced(100)
    made = []
    connect = asyncio.get_running_loop().create_connection
    loop: Any = asyncio.get_running_loop()

    async def counted(*args: Any, **kwargs: Any) -> Any:
        made.append(1)
        return await connect(*args, **kwargs)

    loop.create_connection = counted
    for _ in range(5):
        await wired.service.complete(GO)
    assert len(made) == 1


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize("ending", ["whole", "broken off"])
def test_one_service_serves_one_event_loop_after_another(name: str, ending: str) -> None:
    """A notebook's cell, then `asyncio.run` in a thread: each loop has a client of its own, which
    closes with the loop, without a warning and without anybody calling close()."""
    with SERVERS[name]() as server, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        server.default = server.script(text(["Hello", " there"])).paced(500)
        service = LLMService.from_config(build_config(name, server.base_url))

        async def use() -> str:
            if ending == "whole":
                return (await service.complete(GO)).content
            async for chunk in service.complete_stream(GO):
                if chunk.delta:
                    return "Hello there"
            return ""

        for _ in range(3):
            assert asyncio.run(use()) == "Hello there"
        gc.collect()
    assert [str(w.message) for w in caught] == []


@pytest.mark.parametrize("name", SERVERS)
def test_a_service_that_nobody_closed_goes_without_a_warning(name: str) -> None:
    with SERVERS[name]() as server, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        server.default = server.script(text("ok"))

        async def use() -> None:
            service = LLMService.from_config(build_config(name, server.base_url))
            await service.complete(GO)
            del service
            gc.collect()
            await asyncio.sleep(0.05)

        asyncio.run(use())
        gc.collect()
    assert [str(w.message) for w in caught] == []


async def test_a_closed_service_opens_again_when_used(wired: Wired) -> None:
    wired.server.default = wired.server.script(text("ok"))
    await wired.service.complete(GO)
    await wired.service.close()
    await wired.service.close()
    assert (await wired.service.complete(GO)).content == "ok"


async def test_the_configurations_defaults_are_sent_and_a_call_may_differ(wired: Wired) -> None:
    wired.server.default = wired.server.script(text("ok"))
    options = {"extra_body": wired.extra}
    model = wired.older_model
    service = wired.build(model=model, temperature=0.5, max_tokens=7, request_options=options)
    await service.complete(GO)
    await service.complete(GO, temperature=0.0, max_tokens=8, request_options={"extra_body": {}})
    first, second = (request.body for request in wired.server.requests)
    assert (first["temperature"], first["max_tokens"]) == (0.5, 7)
    assert (second["temperature"], second["max_tokens"]) == (0.0, 8)
    assert first.items() >= wired.extra.items()
    assert not second.keys() & wired.extra.keys()
    await service.close()


async def test_a_request_never_changes_what_the_caller_gave(wired: Wired) -> None:
    import copy

    from lauren_ai import ContentBlock, Message, ToolSchema

    wired.server.default = wired.server.script(text("ok"))
    messages = [
        Message.from_multimodal("user", ["look", ContentBlock.image_block(make_png())]),
        Message.assistant([ContentBlock.tool_use_block("c", "f", {"a": [1]})]),
        Message("tool", [ContentBlock.tool_result_block("c", "done")]),
    ]
    tools = [ToolSchema("f", "d", {"type": "object"})]
    options = {"extra_body": wired.extra}
    before = copy.deepcopy((messages, tools, options))
    await wired.service.complete(messages, tools=tools, request_options=options)
    assert (messages, tools, options) == before
