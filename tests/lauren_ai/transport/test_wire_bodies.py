"""Every body of tests/wire/ through the real decoders, whole, byte by byte and cut anywhere."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest

from lauren_ai._http.sse import SSEDecoder
from tests.support.wire_bodies import BODIES, DECODERS, Outcome, load, replay

SSE_CASES = [pytest.param(case, id=case["name"]) for case in load("sse_cases.json")]


def split_at(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(set(cuts)), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


def summarise(outcome: Outcome) -> Any:
    completion = outcome.snapshot.build_completion()
    calls = [(c.name, c.input) for c in completion.tool_calls]
    error = outcome.error and (type(outcome.error), outcome.error.partial_text)
    stops = [c.stop_reason for c in outcome.finals]
    return completion.content, calls, stops, outcome.finals and outcome.finals[0].usage, error


@pytest.mark.parametrize(("provider", "case"), BODIES)
async def test_every_body_has_exactly_one_end(provider: str, case: dict[str, Any]) -> None:
    body = base64.b64decode(case["b64"])
    outcome = await replay(provider, [body], case["content_type"])
    assert len(outcome.finals) + (outcome.error is not None) == 1
    if outcome.error is not None:
        assert outcome.error.partial_text == outcome.text
        assert str(outcome.error)


@pytest.mark.parametrize(("provider", "case"), BODIES)
async def test_the_cut_of_the_reads_changes_nothing(provider: str, case: dict[str, Any]) -> None:
    body = base64.b64decode(case["b64"])
    kind = case["content_type"]
    whole = summarise(await replay(provider, [body], kind))
    single = [body[i : i + 1] for i in range(len(body))]
    assert summarise(await replay(provider, single, kind)) == whole
    rng = random.Random(case["name"])
    for _ in range(20):
        cuts = rng.choices(range(len(body) + 1), k=5)
        assert summarise(await replay(provider, split_at(body, cuts), kind)) == whole


@pytest.mark.parametrize("provider", DECODERS)
async def test_a_truncated_answer_is_never_complete_and_runs_no_tool(provider: str) -> None:
    file = "anthropic_bodies.json" if provider == "anthropic" else "openai_chat_bodies.json"
    names = {"ok", "interleaved_blocks", "redacted_thinking", "tool_frag", "tool_missing_index"}
    for case in load(file):
        if case["name"] not in names:
            continue
        body = base64.b64decode(case["b64"])
        end = body.rindex(
            b"event: message_stop" if provider == "anthropic" else b'"finish_reason": "'
        )
        rng = random.Random(1)
        cuts = {i for i in range(end) if body[i : i + 2] == b"\n\n"}
        cuts |= {rng.randrange(end) for _ in range(200)}
        for cut in cuts:
            outcome = await replay(provider, [body[:cut]], case["content_type"])
            assert outcome.error is not None, (case["name"], cut)
            assert outcome.finals == []
            assert outcome.snapshot.build_completion().tool_calls == []


@pytest.mark.parametrize(
    ("provider", "name", "calls"),
    [
        ("anthropic", "interleaved_blocks", [("rm", {"a": 1})]),
        ("anthropic", "tool_empty_args", [("rm", {})]),
        ("anthropic", "tool_invalid_json", []),
        ("anthropic", "tool_json_nonobject", []),
        ("anthropic", "tool_dup_ids", []),
        ("anthropic", "valid_json_but_stop_max_tokens", []),
        ("openai", "tool_frag", [("f", {"x": 1})]),
        ("openai", "tool_missing_index", [("f", {"x": 1}), ("g", {"y": 2})]),
        ("openai", "tool_id_repeated_each_chunk", [("f", {"x": 1})]),
        ("openai", "tool_missing_id", [("f", {})]),
        ("openai", "tool_args_dict", [("f", {"x": 1})]),
        ("openai", "finish_length_complete_json", []),
        ("openai", "tool_trunc_args", []),
    ],
)
async def test_only_whole_and_unambiguous_tool_calls_may_run(
    provider: str, name: str, calls: list[Any]
) -> None:
    file = "anthropic_bodies.json" if provider == "anthropic" else "openai_chat_bodies.json"
    case = next(c for c in load(file) if c["name"] == name)
    outcome = await replay(provider, [base64.b64decode(case["b64"])], case["content_type"])
    completion = outcome.snapshot.build_completion()
    assert [(c.name, c.input) for c in completion.tool_calls] == calls
    ids = [c.tool_use_id for c in completion.tool_calls]
    assert len(set(ids)) == len(ids)
    assert all(ids)


@pytest.mark.parametrize("case", SSE_CASES)
def test_events_are_the_standards_at_every_cut(case: dict[str, Any]) -> None:
    body = base64.b64decode(case["b64"])
    ways = [[body], [body[i : i + 1] for i in range(len(body))]]
    ways += [[body[:i], body[i:]] for i in range(len(body))] if len(body) < 500 else []
    for reads in ways:
        decoder = SSEDecoder()
        events = [e for data in reads for e in decoder.feed(data)]
        found = [{"event": e.event, "data": e.text, "id": e.id} for e in events]
        assert found == case["events"]
