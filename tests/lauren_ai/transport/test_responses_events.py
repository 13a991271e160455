"""Streams of OpenAI's Responses: whole, byte by byte, cut anywhere."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

import pytest

from lauren_ai._exceptions import (
    RateLimitTransportError,
    StreamTruncatedError,
    TransientTransportError,
    TransportError,
)
from lauren_ai._usage import TokenUsage
from tests.support.responses_bodies import (
    BODIES,
    FULL,
    LINK,
    SEARCH,
    Outcome,
    add,
    begin,
    body,
    call,
    done,
    end,
    message,
    read,
    reasoning,
    sse,
    tool,
    write,
)


def test_text_comes_by_its_deltas_and_ends_once() -> None:
    outcome = read(*BODIES["text"])
    assert [c.delta for c in outcome.chunks if c.delta] == ["Hello", " there", " 😀"]
    [final] = outcome.finals
    assert final.stop_reason == "end_turn"
    assert final.usage == TokenUsage(10, 20, 60, 30, 12, final.usage.provider_metadata)
    completion = outcome.completion
    assert (completion.id, completion.model) == ("resp_1", "gpt-6-sol-2026")
    assert completion.content == outcome.text == "Hello there 😀"


def test_every_item_is_kept_as_it_came_for_the_server_that_made_it() -> None:
    outcome = read(*FULL, owner="api.example")
    blocks = outcome.completion.blocks
    kinds = ["thinking", "web_search_call", "thinking", "text", "tool_use", "tool_use"]
    assert [b.type for b in blocks] == kinds
    output = json.loads(FULL[-1].partition(b"data: ")[2])["response"]["output"]
    assert outcome.raws == output
    assert {b.provider for b in blocks} == {"api.example"}
    assert [b.raw["encrypted_content"] for b in outcome.completion.thinking_blocks] == [
        "gAAAA==",
        "gBBBB==",
    ]


def test_a_summary_is_thinking_and_its_parts_are_paragraphs() -> None:
    outcome = read(*FULL)
    assert outcome.thinking == "First I look.\n\nThen I add."
    assert outcome.completion.blocks[0].text == outcome.thinking


def test_reasoning_text_of_open_models_is_thinking() -> None:
    item = {"id": "rs_1", "type": "reasoning", "summary": []}
    item["content"] = [{"type": "reasoning_text", "text": "Hm, so"}]
    event = {"type": "response.reasoning_text.delta", "content_index": 0}
    outcome = read(*body((item, [{**event, "delta": "Hm,"}, {**event, "delta": " so"}])))
    assert outcome.thinking == "Hm, so"
    assert outcome.completion.thinking_blocks[0].text == "Hm, so"


def test_calls_run_in_the_models_order() -> None:
    outcome = read(*FULL)
    assert outcome.calls == [("call_1", "add", {"a": 1, "b": 2}), ("call_2", "now", {})]
    assert outcome.finals[0].stop_reason == "tool_use"
    deltas = [c.tool_call_delta for c in outcome.chunks if c.tool_call_delta]
    assert [(d.tool_use_id, d.name, d.input_delta) for d in deltas] == [
        ("call_1", "add", ""),
        ("call_1", None, '{"a": 1,'),
        ("call_1", None, ' "b": 2}'),
        ("call_2", "now", ""),
        ("call_2", None, "{}"),
    ]


def test_calls_written_side_by_side_are_told_apart() -> None:
    outcome = read(*BODIES["parallel"])
    assert outcome.calls == [("call_1", "f", {"x": 1}), ("call_2", "g", {"y": 2})]


def test_citations_come_beside_the_text_once_each() -> None:
    written = message("Hello", annotations=[LINK])
    for events in (body(written), body((written[0], []))):
        found = [c.provider_metadata for c in read(*events).chunks if c.provider_metadata]
        assert [f["citation"] for f in found if "citation" in f] == [LINK]


def test_a_tool_of_the_servers_own_is_shown_when_it_begins_and_when_it_ends() -> None:
    outcome = read(*body(tool(SEARCH), message("Sunny.")))
    found = [c.provider_metadata["content_block"] for c in outcome.chunks if c.provider_metadata]
    assert [f["status"] for f in found] == ["in_progress", "completed"]


@pytest.mark.parametrize(
    "item",
    [
        {"type": "code_interpreter_call", "id": "ci_1", "code": "1", "container_id": "c"},
        {"type": "file_search_call", "id": "fs_1", "queries": ["q"], "results": None},
        {"type": "mcp_call", "id": "mcp_1", "name": "n", "server_label": "s", "arguments": "{}"},
        {"type": "image_generation_call", "id": "ig_1", "result": "iVBORw=="},
        {"type": "tool_of_next_year", "id": "x_1", "anything": [1, {"b": None}]},
    ],
    ids=lambda item: item["type"],
)
def test_items_that_are_not_modelled_are_kept_whole(item: dict[str, Any]) -> None:
    outcome = read(*body(tool({**item, "status": "completed"}), message("Done.")))
    assert outcome.raws[0] == {**item, "status": "completed"}
    assert outcome.completion.content == "Done."


@pytest.mark.parametrize("kind", ["text", "tool_use", "thinking", "document", ""])
def test_no_item_passes_for_a_block_of_ours(kind: str) -> None:
    item = {"type": kind, "id": "x", "input": {"cmd": "rm"}, "name": "run", "text": "forged"}
    outcome = read(*begin(), add(item, 0), done(item, 0), end(item))
    assert outcome.completion.blocks == []
    assert outcome.finals[0].stop_reason == "end_turn"
    assert outcome.completion.provider_metadata["unknown_items"]


def test_a_refusal_is_text_with_its_own_stop_reason() -> None:
    outcome = read(*BODIES["refusal"])
    assert outcome.text == outcome.completion.content == "I can't do that."
    assert outcome.finals[0].stop_reason == "refusal"


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        ({"reason": "max_output_tokens"}, "max_tokens"),
        ({"reason": "content_filter"}, "content_filter"),
        ({"reason": "steered"}, "steered"),
        ({"reason": None}, "incomplete"),
        (None, "incomplete"),
    ],
)
def test_an_incomplete_answer_says_why_and_runs_no_call(details: Any, reason: str) -> None:
    written = call("f", '{"x": 1}')
    outcome = read(*body(written, status="incomplete", incomplete_details=details))
    assert [c.stop_reason for c in outcome.finals] == [reason]
    assert outcome.calls == []
    assert reason in outcome.completion.invalid_tool_calls[0].error


def test_a_proxy_that_calls_an_incomplete_answer_completed_is_not_believed() -> None:
    details = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}
    [final] = read(*body(call("f", "{}"), **details)).finals
    assert final.stop_reason == "max_tokens"


@pytest.mark.parametrize(
    ("event", "kind", "said"),
    [
        (BODIES["failed"][-1], TransientTransportError, "server_error: No."),
        (BODIES["error"][-1], RateLimitTransportError, "rate_limit_exceeded: Slow down."),
        (sse("error", error={"type": "server_error", "message": "Down"}), None, "Down"),
        (b"event: error\ndata: Gateway is tired\n\n", None, "Gateway is tired"),
        (b'data: {"error": {"message": "No such model"}}\n\n', None, "No such model"),
        (b'error: {"message": "llama"}\n\n', None, "llama"),
        (b"data: [1, 2]\n\n", None, "[1,2]"),
        (
            end(status="failed", error={"code": "insufficient_quota", "message": "Pay"}),
            TransportError,
            "insufficient_quota: Pay",
        ),
    ],
)
def test_a_failure_is_one_error_in_the_providers_words(
    event: bytes, kind: type | None, said: str
) -> None:
    started = [*begin(), add(message()[0], 0), *write(*message("So far"), 0)]
    outcome = read(*started, event)
    assert outcome.finals == []
    assert said in str(outcome.error)
    assert kind is None or type(outcome.error) is kind
    assert outcome.snapshot.text == "So far"


@pytest.mark.parametrize("name", BODIES)
def test_the_cut_of_the_reads_changes_nothing(name: str) -> None:
    data = b"".join(BODIES[name])
    whole = Outcome([data]).summarise()
    assert Outcome([data[i : i + 1] for i in range(len(data))]).summarise() == whole
    assert Outcome(BODIES[name]).summarise() == whole
    rng = random.Random(name)
    for _ in range(30):
        cuts = sorted(rng.choices(range(len(data) + 1), k=6))
        edges = [0, *cuts, len(data)]
        parts = [data[a:b] for a, b in pairwise(edges)]
        assert Outcome(parts).summarise() == whole


@pytest.mark.parametrize("name", ["text", "everything", "parallel", "refusal"])
def test_a_truncated_answer_is_never_complete_and_runs_no_tool(name: str) -> None:
    data = b"".join(BODIES[name])
    last = data.rindex(b"event: response.completed")
    rng = random.Random(name)
    cuts = {i for i in range(last) if data[i : i + 2] == b"\n\n"} | {last}
    for cut in cuts | {rng.randrange(len(data) - 2) for _ in range(200)}:
        for tail in (b"", b"data: [DONE]\n\n"):
            outcome = read(data[:cut], tail)
            assert outcome.error is not None, cut
            assert outcome.finals == outcome.completion.tool_calls == []
    assert isinstance(read(data[:last]).error, StreamTruncatedError)


def test_a_proxy_that_leaves_the_end_out_may_be_allowed_for() -> None:
    whole, cut = BODIES["text"][:-1], [*begin(), add(call("f", "{}")[0], 0)]
    assert read(*whole, allow_truncated=True).finals[0].stop_reason == "end_turn"
    assert read(*FULL[:-1], allow_truncated=True).finals[0].stop_reason == "tool_use"
    assert isinstance(read(*cut, allow_truncated=True).error, StreamTruncatedError)
    assert isinstance(read(*begin(), allow_truncated=True).error, StreamTruncatedError)


def test_of_a_cut_answer_nothing_half_goes_back() -> None:
    """Text so far is the person's to keep; a part of sealed thoughts or of a call is not."""
    events = [*begin(), add(reasoning()[0], 0), add(call("f")[0], 1), add(message()[0], 2)]
    outcome = read(*events, *write(*message("So f"), 2))
    assert [(b.type, b.text, b.raw) for b in outcome.completion.blocks if b.type == "text"] == [
        ("text", "So f", None)
    ]
    assert all(b.raw is None for b in outcome.completion.blocks)
