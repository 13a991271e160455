"""What messages may hold: a pair a rule, one taken and one refused."""

from __future__ import annotations

import pytest

from tests.servers import FakeAnthropic, Raw, text
from tests.servers.rules.anthropic.ask import (
    CALL,
    HI,
    OLD,
    PDF,
    RESULT,
    TOOL,
    Json,
    ask,
    assistant,
    check,
    document,
    image,
    png,
    said,
    user,
)

SONNET_46: Json = {"model": "claude-sonnet-4-6"}
SONNET_45: Json = {"model": "claude-sonnet-4-5"}
BUDGET = {"type": "enabled", "budget_tokens": 1024}
STRING = {"type": "object", "properties": {"a": {"type": "string", "minLength": 2}}}

RULES: dict[str, tuple[Json, Json, str]] = {
    "the user speaks first": (
        {"messages": HI},
        {"messages": [assistant(said("a")), *HI]},
        'first message must use the "user" role',
    ),
    "no empty content": (
        {"messages": HI},
        {"messages": [{"role": "user", "content": ""}]},
        "all messages must have non-empty content except for the optional final assistant",
    ),
    "no empty text": (
        {"messages": [user(said("a"))]},
        {"messages": [user(said(""), said("a"))]},
        "text content blocks must be non-empty",
    ),
    "no blank text": (
        {"messages": [user(said(" a"))]},
        {"messages": [user(said(" \n"))]},
        "text content blocks must contain non-whitespace text",
    ),
    "no prefill from 4.6 on": (
        {**SONNET_45, "messages": [*HI, assistant(said("Sure:"))]},
        {**SONNET_46, "messages": [*HI, assistant(said("Sure:"))]},
        "This model does not support assistant message prefill. The conversation must end with a",
    ),
    "no white space at a prefill's end": (
        {**SONNET_45, "messages": [*HI, assistant(said("Sure:"))]},
        {**SONNET_45, "messages": [*HI, assistant(said("Sure: "))]},
        "final assistant content cannot end with trailing whitespace",
    ),
    "a system turn from Opus 4.8 on": (
        {"messages": [*HI, {"role": "system", "content": "Be brief."}]},
        {**SONNET_46, "messages": [*HI, {"role": "system", "content": "Be brief."}]},
        "role 'system' is not supported on this model",
    ),
    "a system turn after the user's": (
        {"messages": [*HI, {"role": "system", "content": "Be brief."}]},
        {"messages": [*HI, {"role": "system", "content": "Be brief."}, *HI]},
        "role 'system' must follow",
    ),
    "a block that exists": (
        {"messages": [user(said("a"))]},
        {"messages": [user({"type": "image_url", "image_url": {}})]},
        "messages.0.content.0: Input tag 'image_url' found using 'type'",
    ),
    "a block's own fields": (
        {"messages": [user({**said("a"), "cache_control": {"type": "ephemeral"}})]},
        {"messages": [user({**said("a"), "index": 0})]},
        "messages.0.content.0.text.index: Extra inputs are not permitted",
    ),
    "every call has its result": (
        {"messages": [*HI, assistant(CALL), user(RESULT)], "tools": [TOOL]},
        {"messages": [*HI, assistant(CALL), *HI], "tools": [TOOL]},
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: t1",
    ),
    "results come first": (
        {"messages": [*HI, assistant(CALL), user(RESULT, said("a"))]},
        {"messages": [*HI, assistant(CALL), user(said("a"), RESULT)]},
        "`tool_use` ids were found without `tool_result` blocks immediately after",
    ),
    "every result has its call": (
        {"messages": [*HI, assistant(CALL), user(RESULT)]},
        {"messages": [*HI, assistant(said("a")), user(RESULT)]},
        "messages.2.content.0: unexpected `tool_use_id` found in `tool_result` blocks: t1.",
    ),
    "one result a call": (
        {"messages": [*HI, assistant(CALL), user(RESULT)]},
        {"messages": [*HI, assistant(CALL), user(RESULT, RESULT)]},
        "each tool_use must have a single result",
    ),
    "one call an id": (
        {
            "messages": [
                *HI,
                assistant(CALL, {**CALL, "id": "t2"}),
                user(RESULT, {**RESULT, "tool_use_id": "t2"}),
            ]
        },
        {"messages": [*HI, assistant(CALL, CALL), user(RESULT)]},
        "`tool_use` ids must be unique",
    ),
    "a call's id": (
        {"messages": [*HI, assistant(CALL), user(RESULT)]},
        {"messages": [*HI, assistant({**CALL, "id": "a b"}), user(RESULT)]},
        "messages.1.content.0.tool_use.id: String should match pattern",
    ),
    "a call's input is an object": (
        {"messages": [*HI, assistant(CALL), user(RESULT)]},
        {"messages": [*HI, assistant({**CALL, "input": "{}"}), user(RESULT)]},
        "messages.1.content.0.tool_use.input: Input should be a valid dictionary",
    ),
    "a result's parts": (
        {"messages": [*HI, assistant(CALL), user({**RESULT, "content": [image()]})]},
        {"messages": [*HI, assistant(CALL), user({**RESULT, "content": [CALL]})]},
        "tool_result.content.0: Input tag 'tool_use'",
    ),
    "an image's type": (
        {"messages": [user(image())]},
        {"messages": [user(image(media_type="image/bmp"))]},
        "media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
    ),
    "an image is of its type": (
        {"messages": [user(image())]},
        {"messages": [user(image(media_type="image/jpeg"))]},
        "specified using the image/jpeg media type, but the image appears to be a image/png image",
    ),
    "an image is one": (
        {"messages": [user(image())]},
        {"messages": [user(image("AAAA"))]},
        "Could not process image",
    ),
    "an image's size": (
        {"messages": [user(image(png(pad=1000)))]},
        {"messages": [user(image(png(pad=5_300_000)))]},
        "image exceeds 5 MB maximum",
    ),
    "an image's pixels": (
        {"messages": [user(image(png(8000, 1)))]},
        {"messages": [user(image(png(8001, 1)))]},
        "image dimensions exceed max allowed size: 8000 pixels",
    ),
    "among many images small ones": (
        {"messages": [user(*[image(png(2000, 1))] * 21)]},
        {"messages": [user(*[image(png(2001, 1))] * 21)]},
        "image dimensions exceed max allowed size for many-image requests: 2000 pixels",
    ),
    "a hundred images where the context is small": (
        {"messages": [user(*[image()] * 101)]},
        {**SONNET_45, "messages": [user(*[image()] * 101)]},
        "too many images",
    ),
    "a document is a PDF": (
        {"messages": [user(document(type="base64", media_type="application/pdf", data=PDF))]},
        {"messages": [user(document(type="base64", media_type="application/pdf", data="AAAA"))]},
        "The PDF specified was not valid.",
    ),
    "a document of text": (
        {"messages": [user(document(type="text", media_type="text/plain", data="a"))]},
        {"messages": [user(document(type="text", media_type="text/html", data="a"))]},
        "media_type: Input should be 'text/plain'",
    ),
    "no document from the assistant": (
        {
            "version": OLD,
            "messages": [
                *HI,
                assistant(document(type="text", media_type="text/plain", data="a")),
                *HI,
            ],
        },
        {
            "messages": [
                *HI,
                assistant(document(type="text", media_type="text/plain", data="a")),
                *HI,
            ]
        },
        "Input tag 'document' found using 'type'",
    ),
    "no citations from the user": (
        {"messages": [user({**said("a"), "citations": []})]},
        {"messages": [user({**said("a"), "citations": [{}]})]},
        "messages.0.content.0.text.citations: Extra inputs are not permitted",
    ),
    "the lifetime of a cache": (
        {"cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"cache_control": {"type": "ephemeral", "ttl": "2h"}},
        "cache_control.ttl: Input should be '5m' or '1h'",
    ),
    "four breakpoints": (
        {"messages": [user(*[{**said("a"), "cache_control": {"type": "ephemeral"}}] * 4)]},
        {"messages": [user(*[{**said("a"), "cache_control": {"type": "ephemeral"}}] * 5)]},
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "long lifetimes first": (
        {
            "system": [{**said("a"), "cache_control": {"type": "ephemeral", "ttl": "1h"}}],
            "cache_control": {"type": "ephemeral"},
        },
        {
            "system": [{**said("a"), "cache_control": {"type": "ephemeral"}}],
            "cache_control": {"type": "ephemeral", "ttl": "1h"},
        },
        "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block",
    ),
    "a budget goes on with thinking": (
        {**SONNET_45, "messages": [*HI, assistant(CALL), user(RESULT)]},
        {**SONNET_45, "messages": [*HI, assistant(CALL), user(RESULT)], "thinking": BUDGET},
        "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found",
    ),
    "no invented thinking": (
        {"messages": [*HI, assistant(said("a")), *HI]},
        {
            "messages": [
                *HI,
                assistant({"type": "thinking", "thinking": "", "signature": "x"}, said("a")),
                *HI,
            ]
        },
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
    "counting takes no limit": (
        {"path": "/v1/messages/count_tokens", "max_tokens": None},
        {"path": "/v1/messages/count_tokens"},
        "max_tokens: Extra inputs are not permitted",
    ),
    "DeepSeek wants its thinking": (
        {
            "model": "deepseek-v4-pro",
            "messages": [
                *HI,
                assistant({"type": "thinking", "thinking": "Hm", "signature": ""}, CALL),
                user(RESULT),
            ],
        },
        {"model": "deepseek-v4-pro", "messages": [*HI, assistant(CALL), user(RESULT)]},
        "The `content[].thinking` in the thinking mode must be passed back to the API.",
    ),
}


def test_a_turn_that_paused_goes_on(server: FakeAnthropic) -> None:
    search = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    server.reply(text("Searching"), Raw(search), stop_reason="pause_turn")
    content = ask(server).json()["content"]
    assert ask(server, messages=[*HI, assistant(*content)]).status_code == 200
    assert ask(server, messages=[*HI, assistant(said("Found"))]).status_code == 400


def test_a_block_that_the_server_sent_is_taken_back(server: FakeAnthropic) -> None:
    server.reply(Raw({"type": "hologram", "of": "x"}), text("ok"))
    content = ask(server).json()["content"]
    assert ask(server, messages=[*HI, assistant(*content), *HI]).status_code == 200
    assert ask(server, messages=[*HI, user(content[0])]).status_code == 400


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_takes_one_and_refuses_the_other(server: FakeAnthropic, rule: str) -> None:
    check(server, *RULES[rule])
