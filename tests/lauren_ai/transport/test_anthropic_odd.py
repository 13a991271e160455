"""What newer and careless servers of Anthropic's format send: kept, told apart or refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from lauren_ai import LLMService
from tests.lauren_ai.conftest import GO, build_config
from tests.servers import FakeAnthropic, Raw, raw, text, tool_call


@pytest.fixture
async def service(anthropic_server: FakeAnthropic) -> AsyncIterator[LLMService]:
    config = build_config("anthropic", anthropic_server.base_url, max_retries=0)
    service = LLMService.from_config(config)
    yield service
    await service.close()


async def test_two_calls_that_are_written_at_once_under_one_index_do_not_run(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    script = anthropic_server.script(tool_call("f", "", id="a"), tool_call("g", {"y": 2}, id="b"))
    order = {b"_start": 0, b"_delta": 1}  # then the two stops and the end
    events = [event.replace(b'"index": 1', b'"index": 0') for event in script.events]
    events[1:-2] = sorted(
        events[1:-2], key=lambda e: next((n for part, n in order.items() if part in e), 2)
    )
    anthropic_server.queue(raw(b"".join(events)))
    completion = await service.complete(GO)
    assert completion.tool_calls == []
    assert [call.name for call in completion.invalid_tool_calls] == ["f", "g"]


@pytest.mark.parametrize(
    ("block", "delta"),
    [
        ({"type": "text", "text": ""}, {"type": "text_delta", "text": ""}),
        ({"type": "thinking", "thinking": ""}, {"type": "thinking_delta", "thinking": ""}),
    ],
    ids=["text", "thinking"],
)
async def test_an_empty_delta_shows_nothing_so_the_request_is_repeated(
    anthropic_server: FakeAnthropic, service: LLMService, block: Any, delta: Any
) -> None:
    script = anthropic_server.script(Raw(block, (delta,)))
    broken = script.with_event(3, anthropic_server.error_event()).cut_at_event(4)
    anthropic_server.queue(broken, anthropic_server.script(text("Hello")))
    patient = LLMService(service.transport, replace(service.config, max_retries=1))
    assert (await patient.complete(GO)).content == "Hello"


async def test_a_new_delta_in_a_known_field_is_kept_and_breaks_nothing(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    delta = {"type": "rich_text_delta", "text": {"bold": True}}
    block = Raw({"type": "text", "text": ""}, (delta, {"type": "text_delta", "text": "Hello"}))
    anthropic_server.reply(block)
    completion = await service.complete(GO)
    assert completion.content == "Hello"
    assert completion.provider_metadata["unknown_deltas"][0]["delta"] == delta


async def test_what_a_message_says_besides_its_text_is_kept(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    script = anthropic_server.script(text("I cannot"), stop_reason="refusal")
    data = script.data.replace(
        b'"stop_sequence": null}',
        b'"stop_sequence": null, "stop_details": {"category": "bio"}, "unknown_events": 1, '
        b'"container": {"id": "c_1"}}',
    ).replace(b'"role": "assistant"', b'"role": "assistant", "diagnostics": [1], "other": null')
    anthropic_server.queue(raw(data))
    completion = await service.complete(GO)
    assert completion.stop_reason == "refusal"
    assert completion.provider_metadata == {
        "stop_details": {"category": "bio"},
        "container": {"id": "c_1"},
        "diagnostics": [1],
    }


async def test_a_compaction_goes_back_with_what_its_delta_brought(
    anthropic_server: FakeAnthropic, service: LLMService
) -> None:
    delta = {"type": "compaction_delta", "content": "Summary", "encrypted_content": "ZW5j"}
    anthropic_server.reply(Raw({"type": "compaction", "content": None}, (delta,)), text("Hello"))
    completion = await service.complete(GO)
    anthropic_server.reply(text("ok"))
    await service.complete([*GO, completion.message()])
    assert anthropic_server.requests[-1].body["messages"][1]["content"] == [
        {"type": "compaction", "content": "Summary", "encrypted_content": "ZW5j"},
        {"type": "text", "text": "Hello"},
    ]
