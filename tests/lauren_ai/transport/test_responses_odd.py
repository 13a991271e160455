"""What proxies, other servers and faults send in place of OpenAI's Responses."""

from __future__ import annotations

import copy
import json
import random
import typing
from typing import Any

import pytest
from openai.types.responses import ResponseStreamEvent

from lauren_ai._exceptions import (
    TransportError,
)
from lauren_ai._streaming.accumulate import MAX_CALLS, Accumulator
from lauren_ai._transport.openai.responses import events as decoding
from lauren_ai._transport.openai.responses.events import ResponsesDecoder
from lauren_ai._types import CompletionChunk
from tests.support.responses_bodies import (
    BODIES,
    FULL,
    add,
    begin,
    body,
    call,
    done,
    end,
    message,
    parallel,
    read,
    sse,
    write,
)


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
