"""Streams of OpenAI's Responses: whole, byte by byte, cut anywhere, odd and hostile."""

from __future__ import annotations

import copy
import json
import random
import typing
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from openai.types.responses import ResponseStreamEvent

from lauren_ai._exceptions import (
    RateLimitTransportError,
    StreamTruncatedError,
    TransientTransportError,
    TransportError,
)
from lauren_ai._streaming.accumulate import MAX_CALLS, Accumulator
from lauren_ai._transport.openai.responses import events as decoding
from lauren_ai._transport.openai.responses.events import ResponsesDecoder
from lauren_ai._types import Completion, CompletionChunk, TokenUsage
from tests.support.responses_bodies import (
    BODIES,
    FULL,
    LINK,
    SEARCH,
    add,
    begin,
    body,
    call,
    done,
    end,
    message,
    parallel,
    reasoning,
    sse,
    tool,
    write,
)


class Outcome:
    """What a consumer saw of one response."""

    def __init__(self, reads: Iterable[bytes], **options: Any) -> None:
        self.snapshot = Accumulator(provider="openai", model="gpt-6-sol")
        self.chunks: list[CompletionChunk] = []
        self.error: TransportError | None = None
        decoder = ResponsesDecoder(self.snapshot, **options)
        try:
            for data in reads:
                if not decoder.done:
                    decoder.feed(data, self.chunks)
            if not decoder.done:
                self.chunks += decoder.end()
        except TransportError as error:
            self.error = error

    @property
    def completion(self) -> Completion:
        return self.snapshot.build_completion(ending="error")

    @property
    def finals(self) -> list[CompletionChunk]:
        return [c for c in self.chunks if c.stop_reason is not None]

    @property
    def text(self) -> str:
        return "".join(c.delta for c in self.chunks)

    @property
    def thinking(self) -> str:
        return "".join(c.thinking_delta or "" for c in self.chunks)

    @property
    def calls(self) -> list[tuple[str, str, Any]]:
        return [(c.tool_use_id, c.name, c.input) for c in self.completion.tool_calls]

    @property
    def raws(self) -> list[Any]:
        return [b.raw for b in self.completion.blocks]

    def summarise(self) -> Any:
        return self.completion, self.text, self.thinking, self.finals, str(self.error)


def read(*events: bytes, **options: Any) -> Outcome:
    return Outcome([b"".join(events)], **options)


def items(*written: Any) -> list[Any]:
    return [item for item, _ in written]


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


# What proxies and other servers send in place of it.


def test_items_whose_ids_change_with_every_event_are_known_by_their_number() -> None:
    """GitHub's proxy gives each event another id: https://github.com/vercel/ai/pull/18548."""
    number = 0

    def rotate(data: bytes) -> bytes:
        nonlocal number
        number += 1
        value = json.loads(data.partition(b"data: ")[2])
        if "item_id" in value:
            value["item_id"] = f"opaque{number}"
        if "item" in value:
            value["item"]["id"] = f"opaque{number}"
        for item in value.get("response", {}).get("output", []):
            item["id"] = f"end{number}"
        return sse(**{"kind": value.pop("type"), **value})

    for name in ("everything", "parallel", "text beside a call"):
        turned = read(*map(rotate, BODIES[name]))
        assert turned.error is None
        assert turned.text == read(*BODIES[name]).text
        assert turned.thinking == read(*BODIES[name]).thinking
        assert turned.calls == read(*BODIES[name]).calls


def test_items_that_are_all_numbered_0_are_known_by_their_id() -> None:
    text, f, g = (
        message("I call."),
        call("f", '{"x":', "1}"),
        call("g", "{}", call_id="c2", id="fc2"),
    )
    events = [e.replace(b'"output_index": 1', b'"output_index": 0') for e in parallel(text, f)]
    assert read(*events).calls == [("call_1", "f", {"x": 1})]
    same = [e for i, e in enumerate(parallel(f, g))]
    for index in (1, 2):
        same = [e.replace(b'"output_index": %d' % index, b'"output_index": 0') for e in same]
    assert read(*same).calls == [("call_1", "f", {"x": 1}), ("c2", "g", {})]


def test_calls_that_cannot_be_told_apart_are_refused() -> None:
    f, g = call("f", id=""), call("g", call_id="call_2", id="")
    delta = sse("response.function_call_arguments.delta", output_index=0, delta="{}")
    outcome = read(*begin(), add(f[0], 0), add(g[0], 0), delta, end())
    assert "cannot be told from another" in str(outcome.error)
    assert outcome.calls == []


def test_arguments_for_one_item_under_anothers_number_are_refused() -> None:
    f, g = call("f"), call("g", call_id="call_2", id="fc_2")
    wrong = sse(
        "response.function_call_arguments.delta", output_index=1, item_id="fc_1", delta="{}"
    )
    outcome = read(*begin(), add(f[0], 0), add(g[0], 1), wrong, end())
    assert isinstance(outcome.error, TransportError)
    assert outcome.calls == []


def test_two_calls_with_one_id_run_neither() -> None:
    outcome = read(*body(call("f", "{}"), call("g", "{}", id="fc_2")))
    assert "two tool calls with the id" in str(outcome.error)
    assert outcome.calls == []


def test_there_is_a_bound_on_calls() -> None:
    written = [call("f", "{}", call_id=f"c{i}", id=f"fc{i}") for i in range(MAX_CALLS + 1)]
    assert len(read(*body(*written[:-1])).calls) == MAX_CALLS
    outcome = read(*body(*written))
    assert f"over {MAX_CALLS} tool calls" in str(outcome.error)
    assert outcome.calls == []


@pytest.mark.parametrize("kept", ["response.output_item.done", "response.completed"])
def test_what_came_without_deltas_is_taken_from_where_it_is_whole(kept: str) -> None:
    events = [e for e in FULL if kept.encode() in e or b"event: response.c" in e]
    if kept.endswith("done"):
        events[-1] = end()
    outcome = read(*events)
    assert outcome.text == "Hello there"
    assert outcome.thinking == "First I look.\n\nThen I add."
    assert outcome.calls == read(*FULL).calls
    assert outcome.raws == read(*FULL).raws


def test_calls_without_an_item_id_run() -> None:
    """https://github.com/anomalyco/opencode/pull/45081"""
    item, _ = call("f", '{"x": 1}')
    del item["id"]
    outcome = read(*begin(), done(item, 0), end(item))
    assert outcome.calls == [("call_1", "f", {"x": 1})]
    assert outcome.raws == [item]


def test_a_call_without_a_call_id_does_not_run() -> None:
    item, events = call("f", "{}", call_id="")
    outcome = read(*body((item, events)))
    assert outcome.calls == []
    assert "without an id" in outcome.completion.invalid_tool_calls[0].error


def test_the_whole_arguments_count_more_than_their_pieces() -> None:
    item, _ = call("f", '{"x": 2}')
    _, events = call("f", '{"x": 1')
    outcome = read(*body((item, events[:1])))
    assert outcome.calls == [("call_1", "f", {"x": 2})]


def test_arguments_may_come_as_an_object() -> None:
    item, _ = call("f")
    event = {"type": "response.function_call_arguments.done", "arguments": {"x": 1}}
    outcome = read(*body((item | {"arguments": {"x": 1}}, [event])))
    assert outcome.calls == [("call_1", "f", {"x": 1})]


@pytest.mark.parametrize(
    "arguments", ['{"a":1,"a":2}', '{"a": NaN}', "{} trailing", "[1]", '{"a": 1', '"{}"']
)
def test_arguments_that_are_no_strict_object_do_not_run(arguments: str) -> None:
    outcome = read(*body(call("f", arguments)))
    assert outcome.calls == []
    assert len(outcome.completion.invalid_tool_calls) == 1


def test_a_call_cut_off_in_a_complete_answer_does_not_run() -> None:
    started = [*begin(), add(call("f")[0], 0), *write(*call("f", "{}"), 0)[:-1]]
    for ending in (end(), end(call("f", "{}", status="incomplete")[0])):
        outcome = read(*started, ending)
        assert outcome.calls == []
        assert "cut off" in outcome.completion.invalid_tool_calls[0].error


def test_a_call_whose_arguments_ended_runs_though_its_item_did_not() -> None:
    started = [*begin(), add(call("f")[0], 0), *write(*call("f", "{}"), 0)]
    assert read(*started, end()).calls == [("call_1", "f", {})]


def test_a_call_under_two_names_does_not_run() -> None:
    events = [*begin(), add(call("read")[0], 0), done(call("delete", "{}")[0], 0), end()]
    assert read(*events).calls == []


def test_unknown_events_are_kept_and_break_nothing() -> None:
    event = sse("response.thing_of_next_year", output_index=0, x=[1])
    outcome = read(*begin(), event, *BODIES["text"][2:])
    assert outcome.completion.content == "Hello there 😀"
    [kept] = outcome.finals[0].provider_metadata["unknown_events"]
    assert kept["x"] == [1]


def test_what_the_response_says_besides_is_kept_but_not_what_it_repeats() -> None:
    used = {"web_search": {"num_requests": 2}}
    outcome = read(*body(message("x"), tool_usage=used, service_tier="default", store=False))
    assert outcome.finals[0].provider_metadata == {"tool_usage": used, "service_tier": "default"}


@pytest.mark.parametrize(
    "usage", [None, {}, {"input_tokens": 1}, {"input_tokens": "1", "output_tokens": 2}, [], "x"]
)
def test_usage_that_never_came_is_none(usage: Any) -> None:
    assert read(*body(message("x"), usage=usage)).finals[0].usage is None


def test_null_pieces_are_no_more_than_pings() -> None:
    null = sse("response.output_text.delta", output_index=None, item_id=None, delta=None)
    outcome = read(*begin(), null, end(message("Hi")[0]))
    assert outcome.text == "Hi"


def test_a_second_response_in_one_answer_is_refused() -> None:
    other = sse("response.created", response={"id": "resp_2"})
    outcome = read(*begin(), other, end())
    assert "second response" in str(outcome.error)


def test_a_whole_response_in_place_of_a_stream_is_read() -> None:
    response = json.loads(FULL[-1].partition(b"data: ")[2])["response"]
    snapshot = Accumulator(provider="openai")
    chunks: list[CompletionChunk] = []
    ResponsesDecoder(snapshot).feed_json(response, chunks)
    assert snapshot.build_completion() == read(*FULL).completion
    for wrong in ({"id": "x"}, {"output": [], "status": "in_progress"}):
        with pytest.raises(TransportError):
            ResponsesDecoder(Accumulator()).feed_json(wrong, [])


def test_every_event_that_the_sdk_knows_is_read_or_repeats_another() -> None:
    kinds = typing.get_args(typing.get_args(ResponseStreamEvent)[0])
    names = {n for k in kinds for n in typing.get_args(k.model_fields["type"].annotation)}
    unread = names - decoding._TAGS - decoding._REPEATED - {"error"}
    assert {name for name in unread if "audio" not in name} == set()


ODD: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, "", "x", "\0", "\ud83d", [], [1], [[]], {}, {"a": 1},
    {"type": "message"}, {"error": "e"}, [None], [{}], {"type": []}, "error", "function_call",
]  # fmt: skip


def paths_of(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here]
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            found += paths_of(inner, (*here, key))
    return found


def test_any_value_anywhere_gives_one_end_and_nothing_but_our_errors() -> None:
    values = [json.loads(e.partition(b"data: ")[2]) for e in FULL]
    rng = random.Random(7)
    for number, value in enumerate(values):
        for path in paths_of(value):
            changed = copy.deepcopy(value)
            if path:
                inner = changed
                for key in path[:-1]:
                    inner = inner[key]
                inner[path[-1]] = rng.choice(ODD)
            else:
                changed = rng.choice(ODD)
            odd = b"data: " + json.dumps(changed).encode() + b"\n\n"
            events = [b"data: " + json.dumps(v).encode() + b"\n\n" for v in values]
            outcome = read(*events[:number], odd, *events[number + 1 :])
            assert len(outcome.finals) + (outcome.error is not None) == 1
            completion = outcome.completion
            assert outcome.error is None or completion.tool_calls == []
            json.dumps([b.raw for b in completion.blocks], ensure_ascii=False).encode()
            assert outcome.text == completion.content
            str(outcome.error).encode()
