"""A recorded cassette answers as the provider did, for every transport, without key or network."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lauren_ai import (
    Completion,
    LLMConfig,
    LLMService,
    Message,
)
from lauren_ai._cassettes import recorder
from lauren_ai._module import build_transport
from lauren_ai._secrets.scrub import PLACEHOLDER
from lauren_ai._transport.openai.transport import OpenAITransport, list_models
from lauren_ai.cassettes import CassettePlayer, CassetteRecorder
from lauren_ai.errors import (
    AuthTransportError,
    CassetteError,
    CassetteMissError,
    RateLimitTransportError,
    StreamTruncatedError,
    TransientTransportError,
)
from lauren_ai.types import RetryNotice
from tests.servers import FakeAnthropic, FakeOpenAI, Script, raw, text, thinking, tool_call
from tests.support.cassettes import Tape, load_text, rewrite
from tests.support.wired import GO, KEY, Wired


async def test_a_replay_is_the_answer_chunk_for_chunk(tape: Tape) -> None:
    tape.wired.server.reply(thinking("Hm, so."), text("Héllo 😀 there"), tool_call("f", {"a": 1}))
    live = tape.live.complete_stream(GO, thinking=True)
    recorded = [chunk async for chunk in live]
    for _ in range(2):
        # At the same address: whose thoughts these are is told by it.
        replay = tape.replay(base_url=tape.live.config.base_url)
        stream = replay.complete_stream(GO, thinking=True)
        assert [chunk async for chunk in stream] == recorded
        assert stream.completion == live.completion


def fail_in_mid_stream(server: FakeAnthropic | FakeOpenAI) -> Script:
    return server.script(text("a b c d")).with_event(5, server.error_event())


@pytest.mark.parametrize("model", ["claude-sonnet-4-6", "m"])
async def test_a_limit_that_nobody_named_is_not_kept_and_a_named_one_is(
    model: str, file: Path, anthropic_server: FakeAnthropic
) -> None:
    # The default of the day in a recording made every recording with another default a miss.
    anthropic_server.default = anthropic_server.script(text("hello"))
    config = LLMConfig.for_anthropic(model, api_key=KEY, base_url=anthropic_server.base_url)
    service = LLMService.from_config(config, cassette=CassetteRecorder(file))
    extra = {"request_options": {"extra_body": {"max_tokens": 7}}}
    for options in ({}, {"thinking": True}, extra, {"max_tokens": 9}):
        await service.complete(GO, **options)
    await service.close()
    bodies = [exchange["request"]["body"] for exchange in json.loads(load_text(file))["exchanges"]]
    assert [body.get("max_tokens") for body in bodies] == [None, None, 7, 9]
    assert all(request.body["max_tokens"] for request in anthropic_server.requests)


FAILURES: list[tuple[Callable[[Any], Script], type[Exception]]] = [
    (lambda s: s.error(401, f"invalid key {KEY[:6]}***{KEY[-4:]}"), AuthTransportError),
    (lambda s: s.error(429, "slow down", headers={"retry-after": "120"}), RateLimitTransportError),
    (lambda s: s.error(529, "Overloaded"), TransientTransportError),
    (lambda s: s.script(text("a b c d")).cut_at_event(4), StreamTruncatedError),
    (lambda s: s.script(text("a b c d")).cut_at_event(4, end="reset"), StreamTruncatedError),
    (fail_in_mid_stream, TransientTransportError),
    (
        lambda s: raw(b"<html>caf\xe9</html>", content_type="text/html", status=502),
        TransientTransportError,
    ),
]


@pytest.mark.parametrize(("make", "kind"), FAILURES)
async def test_a_failure_is_replayed_as_it_was(
    tape: Tape, make: Callable[[Any], Script], kind: type[Exception]
) -> None:
    tape.wired.server.queue(make(tape.wired.server))
    errors = []
    for service in (tape.live, tape.replay):
        with pytest.raises(kind) as caught:
            await (service if isinstance(service, LLMService) else service()).complete(GO)
        errors.append(caught.value)
    live, replayed = errors
    assert str(replayed) == str(live).replace("[key]", PLACEHOLDER)
    for field in ("status", "request_id", "retry_after", "partial_text", "provider"):
        assert getattr(replayed, field) == getattr(live, field)


async def test_retries_are_replayed_without_their_waits(tape: Tape) -> None:
    server = tape.wired.server
    server.queue(server.error(429, "slow down", headers={"retry-after": "0.01"}))
    server.queue(server.error(529), server.script(text("at last")))
    live = LLMService(tape.live.transport, replace(tape.live.config, max_retries=3))
    assert (await live.complete(GO)).content == "at last"
    rewrite(tape.file, '"retry-after": "0.01"', '"retry-after": "59"')
    notices: list[RetryNotice] = []
    async with asyncio.timeout(20):
        stream = tape.replay(max_retries=3).complete_stream(GO, on_retry=notices.append)
        assert "".join([chunk.delta async for chunk in stream]) == "at last"
    assert notices[0].delay == 59  # told as it was, and not waited for
    assert len(notices) == 2


async def test_the_same_request_gets_its_answers_in_order_and_then_the_last_again(
    tape: Tape,
) -> None:
    for word in ("one", "two"):
        tape.wired.server.reply(text(word))
        await tape.live.complete(GO)
    service = tape.replay()
    assert [(await service.complete(GO)).content for _ in range(4)] == ["one", "two", "two", "two"]


async def test_requests_side_by_side_are_kept_in_the_order_in_which_they_began(
    tape: Tape,
) -> None:
    server = tape.wired.server
    questions = [[Message.user(f"question {i}")] for i in range(8)]
    for i in range(8):
        server.reply(text(f"answer {i} " + "word " * (8 - i)), tokens_per_s=200)
    streams = [tape.live.complete_stream(q) for q in questions]
    live: dict[int, Completion] = {}

    async def read(number: int) -> None:
        async for _ in streams[number]:
            pass
        live[number] = streams[number].completion

    await asyncio.gather(*map(read, range(8)))
    kept = [
        e["request"]["body"]["messages"] for e in json.loads(tape.file.read_text())["exchanges"]
    ]
    assert [m[0]["content"] for m in kept] == [f"question {i}" for i in range(8)]
    service = tape.replay()
    found = await asyncio.gather(*(service.complete(q) for q in questions))
    assert [c.content for c in found] == [live[i].content for i in range(8)]


async def test_a_request_that_was_not_recorded_fails_with_the_difference(tape: Tape) -> None:
    tape.wired.server.reply(text("hi"))
    model = tape.wired.older_model
    await tape.live.complete([Message.user("Name three rivers.")], model=model, temperature=0.5)
    with pytest.raises(CassetteMissError) as caught:
        asked = [Message.user("Name three lakes.")]
        await tape.replay().complete(asked, model=model, temperature=0.5)
    first, *diff = str(caught.value).splitlines()
    assert first.startswith("The cassette cassette.json has no answer to this request (")
    assert '-    content: "Name three rivers."' in diff
    assert '+    content: "Name three lakes."' in diff
    assert caught.value.diff == "\n".join(diff)
    assert len(tape.wired.server.requests) == 1


async def test_a_long_difference_is_shown_whole_and_without_keys(tape: Tape) -> None:
    tape.wired.server.reply(text("hi"))
    rows = [f"row {i}" for i in range(300)]
    await tape.live.complete([Message.user("\n".join(rows))])
    rows[10:22] = [f"changed {i} " + "x" * 80 + KEY for i in range(12)]
    with pytest.raises(CassetteMissError) as caught:
        await tape.replay(api_key=KEY).complete([Message.user("\n".join(rows))])
    assert str(caught.value).count("changed") == 12
    assert KEY not in str(caught.value)


async def test_a_reader_that_leaves_is_kept_as_far_as_it_came(tape: Tape) -> None:
    tape.wired.server.queue(tape.wired.server.script(text("one two three")).hanging(at=6))
    for service in (tape.live, None):
        stream = (service or tape.replay()).complete_stream(GO)
        async with stream:
            async for chunk in stream:
                if chunk.delta:
                    break
        assert stream.text.startswith("one")


async def test_nothing_is_asked_that_cannot_be_kept(wired: Wired, tmp_path: Path) -> None:
    """The error came when the answer was whole, where nobody looks for one any more."""
    (tmp_path / "f").write_text("no folder")
    recorder = CassetteRecorder(tmp_path / "f" / "cassette.json")
    service = LLMService.from_config(wired.service.config, cassette=recorder)
    with pytest.raises(CassetteError, match=r"cannot be written: .*Check the folder"):
        await service.complete(GO)
    assert not wired.server.requests
    await service.close()


async def test_an_answer_that_could_not_be_written_is_told_and_written_later(
    tape: Tape, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, text: str) -> None:
        raise CassetteError("The disk is full.")

    for answer in ("one", "two"):
        tape.wired.server.reply(text(answer))
    with monkeypatch.context() as patch:
        patch.setattr(recorder, "save", fail)
        assert (await tape.live.complete(GO)).content == "one"
        for ask in (tape.live.complete(GO), asyncio.to_thread(tape.recorder.flush)):
            with pytest.raises(CassetteError, match="The disk is full"):
                await ask
    assert len(tape.wired.server.requests) == 1
    assert (await tape.live.complete(GO)).content == "two"
    replay = tape.replay()
    assert [(await replay.complete(GO)).content for _ in range(2)] == ["one", "two"]


async def test_a_stopped_answer_is_not_kept(tape: Tape) -> None:
    server = tape.wired.server
    server.queue(server.script(text("one two three")).hanging(at=6))
    stream = tape.live.complete_stream(GO)

    async def read() -> None:
        async for _ in stream:
            pass

    task = asyncio.create_task(read())
    while not stream.text:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task})
    server.reply(text("whole"))
    await tape.live.complete(GO)
    assert (await tape.replay().complete(GO)).content == "whole"


async def test_the_recorded_times_are_the_clock_of_a_replay(tape: Tape) -> None:
    tape.wired.server.reply(text("one two three four"), tokens_per_s=50)
    await tape.live.complete(GO)
    [exchange] = json.loads(load_text(tape.file))["exchanges"]
    times = [ms for ms, _ in exchange["response"]["body"]]
    assert times == sorted(times)
    player = CassettePlayer(tape.file)
    service = LLMService.from_config(tape.live.config, cassette=player)
    for _ in range(2):
        before = player.clock()
        await service.complete(GO)
        assert round((player.clock() - before) * 1000) == times[-1] > 0


async def test_a_pace_is_kept_on_demand(tape: Tape, monkeypatch: pytest.MonkeyPatch) -> None:
    tape.wired.server.reply(text("one two three"), tokens_per_s=50)
    await tape.live.complete(GO)
    slept: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    for paced in (False, True):
        slept.clear()
        player = CassettePlayer(tape.file, paced=paced)
        service = LLMService.from_config(tape.live.config, cassette=player)
        with monkeypatch.context() as patch:
            patch.setattr("lauren_ai._cassettes.player.asyncio.sleep", note)
            await service.complete(GO)
        assert (max(slept) > 0.02) is paced


async def test_counts_embeddings_and_lists_of_models_are_replayed(file: Path) -> None:
    with FakeAnthropic() as anthropic_server, FakeOpenAI() as openai_server:
        recorder = CassetteRecorder(file)
        claude = LLMConfig.for_anthropic("m", api_key=KEY, base_url=anthropic_server.base_url)
        gpt = LLMConfig.for_openai("m", api_key=KEY, base_url=openai_server.base_url)
        live = await ask_all(claude, gpt, recorder)
    claude, gpt = (replace(c, api_key=None, base_url=None) for c in (claude, gpt))
    assert await ask_all(claude, gpt, CassettePlayer(file)) == live
    with pytest.raises(CassetteMissError, match="embeddings"):
        service = LLMService.from_config(gpt, cassette=CassettePlayer(file))
        await service.embed(["another"])


async def ask_all(claude: LLMConfig, gpt: LLMConfig, cassette: Any) -> list[object]:
    counter = LLMService.from_config(claude, cassette=cassette)
    embedder = LLMService.from_config(gpt, cassette=cassette)
    transport = build_transport(gpt, cassette=cassette)
    assert isinstance(transport, OpenAITransport)
    found = [await counter.count_tokens(GO), await embedder.embed(["a"])]
    found.append(await list_models(transport))
    for one in (counter, embedder, transport):
        await one.close()
    return found


@pytest.mark.parametrize("provider", ["ollama", "local"])
async def test_other_servers_of_the_same_format_are_replayed_without_being_started(
    provider: str, file: Path, openai_server: FakeOpenAI
) -> None:
    openai_server.reply(text("hello"))
    live = LLMService.from_config(
        LLMConfig.for_ollama("m", base_url=openai_server.base_url), cassette=CassetteRecorder(file)
    )
    await live.complete(GO)
    await live.close()
    rewrite(file, '"ollama"', f'"{provider}"')
    replayed = LLMService.from_config(LLMConfig(provider, "m"), cassette=CassettePlayer(file))
    assert (await replayed.complete(GO)).content == "hello"


async def test_a_replay_imports_no_sdk(file: Path, anthropic_server: FakeAnthropic) -> None:
    anthropic_server.reply(text("hello"))
    config = LLMConfig.for_anthropic("m", api_key=KEY, base_url=anthropic_server.base_url)
    live = LLMService.from_config(config, cassette=CassetteRecorder(file))
    await live.complete(GO, thinking=True)
    await live.close()
    code = (
        "import asyncio, sys\nfrom lauren_ai import *\n"
        "from lauren_ai.cassettes import CassettePlayer\n"
        "llm = LLMService.from_config(LLMConfig.for_anthropic('m'), "
        f"cassette=CassettePlayer({str(file)!r}))\n"
        "print(asyncio.run(llm.complete([Message.user('go')], thinking=True)).content)\n"
        "print([m for m in ('anthropic', 'httpx', 'httpx2', 'aiohttp') if m in sys.modules])"
    )
    ran = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines() == ["hello", "[]"]
