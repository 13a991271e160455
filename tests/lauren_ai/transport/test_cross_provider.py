"""A history that one provider's model began goes on with another provider's."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lauren_ai import ContentBlock, LLMService, Message
from lauren_ai._profiles import get_profile
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.anthropic.request import build_body as build_anthropic_body
from lauren_ai._transport.openai.request import build_body as build_openai
from tests.servers import (
    FakeAnthropic,
    FakeOpenAI,
    Raw,
    redacted_thinking,
    text,
    thinking,
    tool_call,
)
from tests.support.wired import GO, build_config

PROFILE = get_profile("anthropic", "claude-opus-5-5")


def build_anthropic(request: CompletionRequest) -> Any:
    return build_anthropic_body(request, PROFILE)


IMAGE = ContentBlock.image_block(b"\x89PNG")
IMAGE_PART = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}}
SEARCH = {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {}}
FOUND = {"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": [{"url": "u"}]}


async def ask(name: str, server: FakeAnthropic | FakeOpenAI, messages: list[Message]) -> Any:
    """The completion, from a service that is closed again."""
    service = LLMService.from_config(build_config(name, server.base_url, max_retries=0))
    try:
        return await service.complete(messages)
    finally:
        await service.close()


async def test_what_anthropic_signed_or_searched_stays_behind_for_openai(
    anthropic_server: FakeAnthropic, openai_server: FakeOpenAI
) -> None:
    anthropic_server.reply(
        thinking("Hidden plan", signature=["sig=="]),
        redacted_thinking("ZW5j"),
        Raw(SEARCH),
        Raw(FOUND),
        text("I call."),
        tool_call("f", {"x": 1}, id="toolu_1"),
    )
    first = await ask("anthropic", anthropic_server, GO)
    openai_server.reply(text("ok"))
    result = ContentBlock.tool_result_block("toolu_1", "42")
    await ask("openai", openai_server, [*GO, first.message(), Message.user([result])])
    call = {"id": "toolu_1", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}}
    assert openai_server.requests[-1].body["messages"][1:] == [
        {"role": "assistant", "content": "I call.", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "toolu_1", "content": "42"},
    ]


async def test_reasoning_and_odd_call_ids_of_openai_servers_do_not_upset_anthropic(
    anthropic_server: FakeAnthropic, openai_server: FakeOpenAI
) -> None:
    """Kimi calls its calls "functions.f:0", Responses gateways "call_…|fc_…" of 80 characters."""
    ids = ["functions.f:0", "call_a|fc_" + "0" * 70]
    openai_server.reply(thinking("Hm so"), *(tool_call("f", {}, id=i) for i in ids))
    first = await ask("openai", openai_server, GO)
    assert [c.tool_use_id for c in first.tool_calls] == ids
    anthropic_server.reply(text("ok"))
    results = [ContentBlock.tool_result_block(i, "42") for i in ids]
    await ask("anthropic", anthropic_server, [*GO, first.message(), Message.user(results)])
    calls, answers = anthropic_server.requests[-1].body["messages"][1:]
    assert [b["type"] for b in calls["content"]] == ["tool_use", "tool_use"]
    sent = [b["id"] for b in calls["content"]]
    assert sent == [b["tool_use_id"] for b in answers["content"]]
    assert len(set(sent)) == 2
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", i) for i in sent)


def test_a_turn_of_unsigned_thinking_alone_is_no_empty_turn_for_anthropic() -> None:
    silent = [ContentBlock.thinking_block("Hm"), ContentBlock.text_block(" \n")]
    history = [*GO, Message.assistant(silent), Message.assistant("  "), Message.user("again")]
    messages = build_anthropic(CompletionRequest(model="m", messages=history))["messages"]
    assert messages == [
        {"role": "user", "content": "go"},
        {"role": "user", "content": "again"},
    ]


def test_images_of_results_follow_all_results_for_openai() -> None:
    """A message between two results is refused: "tool_call_ids did not have response messages"."""
    history = [
        *GO,
        Message.assistant([ContentBlock.tool_use_block(i, "f", {}) for i in ("a", "b", "c")]),
        Message.user(
            [
                ContentBlock.tool_result_block("a", [IMAGE]),
                ContentBlock.tool_result_block("b", "plain"),
            ]
        ),
        Message("tool", [ContentBlock.tool_result_block("c", [IMAGE, IMAGE])]),
        Message.assistant("Seen."),
    ]
    messages = build_openai(CompletionRequest(model="m", messages=history))["messages"]
    assert [m["role"] for m in messages] == [
        "user",
        "assistant",
        "tool",
        "tool",
        "tool",
        "user",
        "assistant",
    ]
    assert [m["content"] for m in messages[2:5]] == [
        "[See the image below.]",
        "plain",
        "[See the image below.]",
    ]
    assert messages[5]["content"] == [
        {"type": "text", "text": "[Tool result 1 of 2 gave this:]"},
        IMAGE_PART,
        {"type": "text", "text": "[Tool result 1 of 1 gave this:]"},
        IMAGE_PART,
        IMAGE_PART,
    ]


#: Ids as servers and attackers make them: any text, near the limits, and alike after cleaning.
odd_ids = st.one_of(
    st.text(max_size=90),
    st.text("ab_-.:|/ é\ud800", min_size=1, max_size=5),
    st.builds(lambda n: "x" * n, st.integers(38, 66)),
)


def build_history(ids: list[str]) -> list[Message]:
    return [
        *GO,
        Message.assistant([ContentBlock.tool_use_block(i, "f", {}) for i in ids]),
        Message.user([ContentBlock.tool_result_block(i, "r") for i in ids]),
    ]


def list_anthropic(ids: list[str]) -> tuple[list[str], list[str]]:
    body = build_anthropic(CompletionRequest(model="m", messages=build_history(ids)))
    calls, results = body["messages"][1]["content"], body["messages"][2]["content"]
    return [c["id"] for c in calls], [r["tool_use_id"] for r in results]


def list_openai(ids: list[str]) -> tuple[list[str], list[str]]:
    _, calls, *results = build_openai(CompletionRequest(model="m", messages=build_history(ids)))[
        "messages"
    ]
    return [c["id"] for c in calls["tool_calls"]], [r["tool_call_id"] for r in results]


@given(st.lists(odd_ids, min_size=1, max_size=6, unique=True))
def test_any_call_ids_fit_both_providers_and_stay_distinct(ids: list[str]) -> None:
    for list_ids, allowed in (
        (list_anthropic, r"[a-zA-Z0-9_-]{1,64}"),
        (list_openai, r"[\x20-\x7e]{1,40}"),
    ):
        made, _ = list_ids(ids)
        again = [*ids, *(i for i in made if i not in ids)]  # a model that guesses what we make
        calls, results = list_ids(again)
        assert calls == results
        assert len(set(calls)) == len(again)
        assert all(re.fullmatch(allowed, call_id) for call_id in calls)
        json.dumps(calls).encode("utf-8")


def test_an_id_that_fits_is_sent_as_it_is() -> None:
    ids = ["toolu_01A09q90qw90lq917835lq9", "call_abc-1", "call_0"]
    assert list_anthropic(ids)[0] == list_openai(ids)[0] == ids
    assert list_openai(["functions.f:0"])[0] == ["functions.f:0"]
