"""Bodies that no provider should send: each has one end, and nothing but our own errors escapes."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.anthropic.request import describe_body as build_anthropic
from lauren_ai._transport.openai.request import build_body as build_openai
from lauren_ai._types import Message
from tests.servers import FakeAnthropic, FakeOpenAI, Raw, redacted_thinking, text, thinking
from tests.servers import tool_call as call
from tests.support.wire_bodies import BODIES, Outcome, replay

SSE = "text/event-stream"
ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**30, "", "x", "0", "\0", "\ud83d", [], [1], [[]], ["x"], {},
    {"a": 1}, {"type": "text"}, {"error": "e"}, [None], [{}], {"type": []}, "error", "tool_use",
]  # fmt: skip
EVENTS = {
    "anthropic": FakeAnthropic()
    .script(
        thinking("Hm so", signature=["sig", "nature"]),
        redacted_thinking(),
        text("Hello there"),
        call("f", {"x": 1}),
        Raw({"type": "server_tool_use", "id": "s1", "name": "web", "input": {}}),
        usage={"cache_read_input_tokens": 3},
    )
    .events,
    "openai": FakeOpenAI().script(thinking("Hm"), text("Hello there"), call("f", {"x": 1})).events,
}


def check(outcome: Outcome) -> None:
    """One end; and what came can be sent back, stored and shown."""
    assert len(outcome.finals) + (outcome.error is not None) == 1
    completion = outcome.snapshot.build_completion()
    if outcome.error is not None:
        assert completion.tool_calls == []
        str(outcome.error).encode()
        outcome.error.partial_text.encode()
    # Of two text blocks written in turns, the chunks have the wire's order.
    assert sorted(outcome.text) == sorted(completion.content)
    if outcome.finals:
        json.dumps(completion.provider_metadata, allow_nan=False, ensure_ascii=False).encode()
    request = CompletionRequest(model="m", messages=[completion.message()])
    for build in (build_anthropic, build_openai):
        json.dumps(build(request), allow_nan=False, ensure_ascii=False).encode()
    for chunk in outcome.chunks:
        repr(chunk).encode()
        chunk.delta.encode()


def split(event: bytes) -> tuple[bytes, Any]:
    head, _, data = event.partition(b"data: ")
    return head, None if data.strip() == b"[DONE]" else json.loads(data)


def join(head: bytes, value: Any) -> bytes:
    return head + b"data: " + json.dumps(value).encode() + b"\n\n"


def paths_of(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value inside `value`, itself included."""
    found = [here]
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            found += paths_of(inner, (*here, key))
    return found


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    value = copy.deepcopy(value)
    target = value
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = by
    return value


def removed(value: Any, path: tuple[Any, ...]) -> Any:
    value = copy.deepcopy(value)
    target = value
    for key in path[:-1]:
        target = target[key]
    del target[path[-1]]
    return value


@pytest.mark.parametrize("provider", EVENTS)
@pytest.mark.parametrize("odd", ODD, ids=lambda v: ascii(v)[:20])
async def test_a_wrong_type_in_any_field_has_one_end(provider: str, odd: Any) -> None:
    events = EVENTS[provider]
    for i, event in enumerate(events):
        head, value = split(event)
        if value is None:
            continue
        for path in paths_of(value):
            body = [*events[:i], join(head, replaced(value, path, odd)), *events[i + 1 :]]
            check(await replay(provider, [b"".join(body)], SSE))


@pytest.mark.parametrize("provider", EVENTS)
async def test_a_missing_field_repeated_or_lost_event_has_one_end(provider: str) -> None:
    events = EVENTS[provider]
    for i, event in enumerate(events):
        head, value = split(event)
        changed = [b"", event * 2]
        if value is not None:
            changed += [join(head, removed(value, path)) for path in paths_of(value) if path]
        for other in changed:
            body = b"".join([*events[:i], other, *events[i + 1 :]])
            check(await replay(provider, [body], SSE))


@pytest.mark.parametrize("provider", EVENTS)
async def test_a_wrong_type_in_a_whole_json_answer_has_one_end(provider: str) -> None:
    make: Callable[..., Any] = (
        FakeAnthropic().script if provider == "anthropic" else (FakeOpenAI().script)
    )
    whole = make(thinking("Hm"), text("Hello"), call("f", {"x": 1})).whole
    value = json.loads(whole)
    outcome = await replay(provider, [whole], "application/json")
    check(outcome)
    assert outcome.finals
    for path in paths_of(value):
        for odd in ODD:
            body = json.dumps(replaced(value, path, odd)).encode()
            check(await replay(provider, [body], "application/json"))


@pytest.mark.parametrize("provider", EVENTS)
@pytest.mark.parametrize("depth", [90, 150, 900, 50_000])
async def test_nesting_of_any_depth_has_one_end(provider: str, depth: int) -> None:
    """Reads that pass and writes that fail with RecursionError once broke the next request."""
    events = EVENTS[provider]
    deep = b"[" * depth + b"]" * depth
    for i, event in enumerate(events):
        head, value = split(event)
        if value is None:
            continue
        for path in paths_of(value):
            marked = join(head, replaced(value, path, "@@@")).replace(b'"@@@"', deep)
            body = b"".join([*events[:i], marked, *events[i + 1 :]])
            check(await replay(provider, [body], SSE))


@pytest.mark.parametrize(("provider", "case"), BODIES)
async def test_flipped_lost_and_doubled_bytes_have_one_end(
    provider: str, case: dict[str, Any]
) -> None:
    import base64

    body = base64.b64decode(case["b64"])
    rng = random.Random(case["name"])
    for _ in range(40):
        data = bytearray(body)
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(data) + 1)
            data[at : at + rng.choice([0, 1, 7])] = rng.choice(
                [b"", b"\0", b"\r", b"\r\n", b"\n\n", b"\xff\xfe", b"\xef\xbb\xbf", b"\\ud83d",
                 b"1e999", b"NaN", b"9" * 40, b"[", b"}", b'"', rng.randbytes(3)]
            )  # fmt: skip
        check(await replay(provider, [bytes(data)], case["content_type"]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["type", "index", "delta", "content_block", "message", "usage", "error", "choices", "id",
     "tool_calls", "function", "arguments", "name", "content", "text", "finish_reason", "object",
     "partial_json", "input", "citation", "thinking", "signature", "stop_reason", "reasoning"]
)  # fmt: skip
TYPES = st.sampled_from(
    ["message_start", "content_block_start", "content_block_delta", "content_block_stop",
     "message_delta", "message_stop", "text_delta", "input_json_delta", "thinking_delta",
     "citations_delta", "signature_delta", "tool_use", "text", "thinking", "error", "stop"]
)  # fmt: skip
NEAR = st.recursive(
    TYPES | st.integers(-1, 3) | st.none() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=6),
    max_leaves=20,
)


@pytest.mark.parametrize("provider", EVENTS)
@given(values=st.lists(st.dictionaries(FIELDS, NEAR, max_size=6) | JSON, max_size=8))
@settings(max_examples=300, deadline=None)
async def test_any_json_as_events_has_one_end(provider: str, values: list[Any]) -> None:
    body = b"".join(join(b"", value) for value in values)
    check(await replay(provider, [body], SSE))


@pytest.mark.parametrize("provider", EVENTS)
@given(data=st.binary(max_size=300), kind=st.sampled_from([SSE, "application/json", "text/html"]))
@settings(max_examples=200, deadline=None)
async def test_any_bytes_have_one_end(provider: str, data: bytes, kind: str) -> None:
    check(await replay(provider, [data], kind))


@pytest.mark.parametrize("provider", EVENTS)
async def test_half_a_surrogate_pair_in_a_delta_stays_text_that_can_be_sent(provider: str) -> None:
    """Servers that cut text by UTF-16 units send "\\ud83d" at the end of one delta."""
    make = FakeAnthropic().script if provider == "anthropic" else FakeOpenAI().script
    body = b"".join(make(text(["ab", "@@", "cd"])).events).replace(b"@@", b"\\ud83d")
    outcome = await replay(provider, [body], SSE)
    assert outcome.text == "ab\N{REPLACEMENT CHARACTER}cd"
    check(outcome)


@pytest.mark.parametrize("provider", EVENTS)
async def test_an_argument_out_of_range_is_refused_and_big_integers_go_back(provider: str) -> None:
    """1e999 became inf, which no JSON writer of a later request accepts."""
    make = FakeAnthropic().script if provider == "anthropic" else FakeOpenAI().script
    bad = await replay(provider, make(call("f", '{"x": 1e999}')).events, SSE)
    assert bad.snapshot.build_completion().invalid_tool_calls[0].input_text == '{"x": 1e999}'
    good = await replay(provider, make(call("f", {"x": 10**30})).events, SSE)
    completion = good.snapshot.build_completion()
    assert completion.tool_calls[0].input == {"x": 10**30}
    history = [Message.user("go"), completion.message()]
    assert str(10**30) in json.dumps(build_openai(CompletionRequest(model="m", messages=history)))
