"""The snapshot of a response: what counts as whole, and what may run."""

from __future__ import annotations

import pytest

from lauren_ai import TokenUsage, ToolCallDelta, TransportError
from lauren_ai._streaming.accumulate import MAX_UNKNOWN, Accumulator
from lauren_ai._types import CompletionChunk


def accumulate(*chunks: CompletionChunk) -> Accumulator:
    snapshot = Accumulator(provider="test", model="m")
    for chunk in chunks:
        snapshot.add(chunk)
    return snapshot


def call(id: str, name: str | None, piece: str) -> CompletionChunk:
    return CompletionChunk(tool_call_delta=ToolCallDelta(id, name, piece))


FINAL = CompletionChunk(stop_reason="tool_use", usage=TokenUsage(1, 2))


def test_blocks_keep_the_models_order() -> None:
    snapshot = accumulate(
        CompletionChunk(thinking_delta="Hm"),
        CompletionChunk(thinking_signature="sig"),
        CompletionChunk(redacted_thinking="ENC"),
        CompletionChunk("Hel"),
        CompletionChunk("lo"),
        call("a", "f", '{"x":'),
        call("a", None, "1}"),
        CompletionChunk("after"),
        FINAL,
    )
    completion = snapshot.build_completion()
    types = [block.type for block in completion.message().content]  # type: ignore[union-attr]
    assert types == ["thinking", "redacted_thinking", "text", "tool_use", "text"]
    assert completion.content == "Helloafter"
    assert completion.tool_calls[0].input == {"x": 1}
    assert completion.thinking_blocks[0].signature == "sig"
    assert completion.usage == TokenUsage(1, 2)


def test_the_message_of_a_completion_is_a_list_of_its_own() -> None:
    completion = accumulate(CompletionChunk("Hi"), FINAL).build_completion()
    first = completion.message()
    assert isinstance(first.content, list)
    first.content.clear()
    assert completion.message().content


@pytest.mark.parametrize(
    ("chunks", "reason"),
    [
        ([call("a", "f", "{}")], "cut off"),
        ([call("a", "f", "{"), FINAL], "not valid JSON"),
        ([call("a", "f", '{"x":1,"x":2}'), FINAL], "twice"),
        ([call("a", "f", "[1]"), FINAL], "an array"),
        ([call("a", "", "{}"), FINAL], "names no tool"),
        ([call("a", "f", "{}"), CompletionChunk(stop_reason="max_tokens")], "max_tokens"),
        ([call("a", "f", "{}"), CompletionChunk(stop_reason="end_turn")], "end_turn"),
    ],
)
def test_a_call_that_is_not_whole_never_runs_and_says_why(
    chunks: list[CompletionChunk], reason: str
) -> None:
    completion = accumulate(*chunks).build_completion()
    assert completion.tool_calls == []
    assert reason in completion.invalid_tool_calls[0].error


def test_a_stop_reason_without_the_end_of_the_response_runs_nothing() -> None:
    snapshot = accumulate(call("a", "f", "{}"))
    snapshot.blocks[0].closed = True
    snapshot.stop_reason = "tool_use"  # seen on the wire, but the end never came
    completion = snapshot.build_completion(ending="error")
    assert completion.stop_reason == "error"
    assert completion.tool_calls == []


def test_reasoning_of_compatible_servers_is_kept() -> None:
    snapshot = accumulate(CompletionChunk(reasoning_content_delta="Hm"))
    assert snapshot.build_completion().thinking_blocks[0].text == "Hm"


def test_a_tool_calls_id_is_taken_once() -> None:
    snapshot = Accumulator(provider="test")
    snapshot.open("tool_use", tool_use_id="a", name="f")
    with pytest.raises(TransportError, match="two tool calls"):
        snapshot.open("tool_use", tool_use_id="a", name="g")


def test_what_is_unknown_is_kept_up_to_a_bound() -> None:
    snapshot = Accumulator()
    for number in range(MAX_UNKNOWN * 2):
        snapshot.note_unknown("unknown_events", number)
    assert snapshot.metadata["unknown_events"] == list(range(MAX_UNKNOWN))
