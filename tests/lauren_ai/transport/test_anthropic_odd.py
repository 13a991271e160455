"""What newer and careless servers of Anthropic's format send: kept, told apart or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lauren_ai import ContentBlock, LLMService, Message
from tests.servers import Raw, raw, text, tool_call
from tests.support.wired import GO, Wired


@pytest.fixture
def provider() -> str:
    return "anthropic"


async def test_two_calls_that_are_written_at_once_under_one_index_do_not_run(wired: Wired) -> None:
    script = wired.server.script(tool_call("f", "", id="a"), tool_call("g", {"y": 2}, id="b"))
    order = {b"_start": 0, b"_delta": 1}  # then the two stops and the end
    events = [event.replace(b'"index": 1', b'"index": 0') for event in script.events]
    events[1:-2] = sorted(
        events[1:-2], key=lambda e: next((n for part, n in order.items() if part in e), 2)
    )
    wired.server.queue(raw(b"".join(events)))
    completion = await wired.service.complete(GO)
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
    wired: Wired, block: Any, delta: Any
) -> None:
    script = wired.server.script(Raw(block, (delta,)))
    broken = script.with_event(3, wired.server.error_event()).cut_at_event(4)
    wired.server.queue(broken, wired.server.script(text("Hello")))
    patient = LLMService(wired.service.transport, replace(wired.service.config, max_retries=1))
    assert (await patient.complete(GO)).content == "Hello"


async def test_a_new_delta_in_a_known_field_is_kept_and_breaks_nothing(wired: Wired) -> None:
    delta = {"type": "rich_text_delta", "text": {"bold": True}}
    block = Raw({"type": "text", "text": ""}, (delta, {"type": "text_delta", "text": "Hello"}))
    wired.server.reply(block)
    completion = await wired.service.complete(GO)
    assert completion.content == "Hello"
    assert completion.provider_metadata["unknown_deltas"][0]["delta"] == delta


async def test_what_a_message_says_besides_its_text_is_kept(wired: Wired) -> None:
    script = wired.server.script(text("I cannot"), stop_reason="refusal")
    data = script.data.replace(
        b'"stop_sequence": null}',
        b'"stop_sequence": null, "stop_details": {"category": "bio"}, "unknown_events": 1, '
        b'"container": {"id": "c_1"}}',
    ).replace(b'"role": "assistant"', b'"role": "assistant", "diagnostics": [1], "other": null')
    wired.server.queue(raw(data))
    completion = await wired.service.complete(GO)
    assert completion.stop_reason == "refusal"
    assert completion.provider_metadata == {
        "stop_details": {"category": "bio"},
        "container": {"id": "c_1"},
        "diagnostics": [1],
    }


async def test_a_compaction_goes_back_with_what_its_delta_brought(wired: Wired) -> None:
    wired.server.strict = False  # its beta is the user's affair
    delta = {"type": "compaction_delta", "content": "Summary", "encrypted_content": "ZW5j"}
    wired.server.reply(Raw({"type": "compaction", "content": None}, (delta,)), text("Hello"))
    completion = await wired.service.complete(GO)
    wired.server.reply(text("ok"))
    await wired.service.complete([*GO, completion.message()])
    assert wired.server.requests[-1].body["messages"][1]["content"] == [
        {"type": "compaction", "content": "Summary", "encrypted_content": "ZW5j"},
        {"type": "text", "text": "Hello"},
    ]


async def test_a_history_that_was_made_by_hand_is_put_into_the_apis_order(wired: Wired) -> None:
    """The API: "tool_result blocks must come first", and no turn is empty."""
    call = ContentBlock.tool_use_block("t1", "f", {})
    result = ContentBlock.tool_result_block("t1", "x")
    turns = [Message.user("a"), Message.assistant([call])]
    turns += [Message.user([ContentBlock.text_block("note"), result]), Message.user("")]
    body = await wired.send([*turns, Message.user("b")])
    kinds = [block["type"] for block in body["messages"][2]["content"]]
    assert kinds == ["tool_result", "text"]
    assert [m["content"] for m in body["messages"][3:]] == ["b"]
    assert turns[2] == Message.user([ContentBlock.text_block("note"), result])
