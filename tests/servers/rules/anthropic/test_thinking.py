"""Thinking that comes back is what was issued, after what it was issued for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers import FakeAnthropic, redacted_thinking, text, thinking, tool_call
from tests.servers.rules.anthropic.ask import HI, RESULT, TOOL, Json, ask, assistant, said, user

TALK: Json = {"system": "S", "tools": [TOOL]}


def turn(server: FakeAnthropic, messages: list[Json], **body: Any) -> list[Json]:
    """Ask with `messages`; return them with the answer and the next thing that the user says."""
    answer = ask(server, **{**TALK, **body}, messages=messages)
    assert answer.status_code == 200, answer.text
    content = answer.json()["content"]
    results = [
        {**RESULT, "tool_use_id": block["id"]} for block in content if block["type"] == "tool_use"
    ]
    return [*messages, assistant(*content), user(*(results or [said("and?")]))]


def conversation(server: FakeAnthropic) -> list[Json]:
    """Two turns, each with thinking of its own signature."""
    server.reply(thinking("Hm", signature="first"), tool_call("add", {}, id="t1"))
    server.reply(thinking("So", signature="second"), text("Three."))
    return turn(server, turn(server, HI))


def test_thinking_comes_back_as_it_went(server: FakeAnthropic) -> None:
    assert ask(server, **TALK, messages=conversation(server)).status_code == 200


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"system": "T"}, "The `system` prompt differs"),
        ({"tools": [TOOL, {**TOOL, "name": "sub"}]}, "The `tools` differ"),
        ({"tools": None}, "The `tools` differ"),
    ],
)
def test_thinking_is_bound_to_what_came_before(
    server: FakeAnthropic, changed: Json, words: str
) -> None:
    messages = conversation(server)
    refused = ask(server, **{**TALK, **changed}, messages=messages)
    message = refused.json()["error"]["message"]
    assert message.startswith("messages.1.content.0: Invalid `signature` in `thinking` block.")
    assert "bound to a different conversation" in message
    assert words in message
    without = [
        {**m, "content": [b for b in m["content"] if b["type"] != "thinking"]}
        if m["role"] == "assistant"
        else m
        for m in messages
    ]
    assert ask(server, **{**TALK, **changed}, messages=without).status_code == 200


def test_a_deferred_tool_and_a_breakpoint_change_nothing(server: FakeAnthropic) -> None:
    messages = conversation(server)
    tools = [TOOL, {**TOOL, "name": "sub", "defer_loading": True}]
    system = [{**said("S"), "cache_control": {"type": "ephemeral"}}]
    assert ask(server, tools=tools, system=system, messages=messages).status_code == 200


def test_a_trimmed_history_makes_the_rest_stale(server: FakeAnthropic) -> None:
    server.reply(text("Hello."))
    server.reply(thinking("Hm", signature="first"), text("A"))
    messages = turn(server, turn(server, HI))
    trimmed = messages[2:]
    assert "A message before" in ask(server, **TALK, messages=trimmed).json()["error"]["message"]


def test_thinking_left_out_makes_the_later_stale(server: FakeAnthropic) -> None:
    messages = conversation(server)
    messages[1] = assistant(*messages[1]["content"][1:])
    message = ask(server, **TALK, messages=messages).json()["error"]["message"]
    assert "The `thinking` block that preceded this one" in message


def test_stale_thinking_is_dropped_where_asked(server: FakeAnthropic) -> None:
    messages = conversation(server)
    binding = {"type": "adaptive", "block_binding": {"prefix_mismatch_behavior": "drop_block"}}
    beta = "thinking-binding-controls-2026-08-01"
    asked: Json = {**TALK, "system": "T", "thinking": binding, "beta": beta}
    answer = ask(server, **asked, messages=messages)
    dropped = answer.json()["input_transformations"]
    assert [entry["path"] for entry in dropped] == ["messages.1.content.0", "messages.3.content.0"]
    server.reply(thinking("Now", signature="third"), text("Yes."))
    later = turn(server, messages, **{k: v for k, v in asked.items() if k != "beta"}, beta=beta)
    paths = [
        e["path"] for e in ask(server, **asked, messages=later).json()["input_transformations"]
    ]
    assert paths == ["messages.1.content.0", "messages.3.content.0"]


def test_another_models_thinking_is_dropped_without_a_word(server: FakeAnthropic) -> None:
    messages = conversation(server)
    answer = ask(server, **TALK, model="claude-sonnet-5-5", messages=messages)
    assert answer.status_code == 200
    assert "input_transformations" not in answer.json()


def test_older_models_bind_nothing(server: FakeAnthropic) -> None:
    server.reply(thinking("Hm", signature="first"), text("A"))
    messages = turn(server, HI, model="claude-opus-5")
    changed = {**TALK, "system": "T", "model": "claude-opus-5"}
    assert ask(server, **changed, messages=messages).status_code == 200


def test_redacted_thinking_is_bound_too(server: FakeAnthropic) -> None:
    server.reply(redacted_thinking("secret"), text("A"))
    messages = turn(server, HI)
    assert ask(server, **TALK, messages=messages).status_code == 200
    refused = ask(server, **{**TALK, "system": "T"}, messages=messages).json()
    assert "Invalid `data` in `redacted_thinking` block" in refused["error"]["message"]


def test_a_streamed_signature_counts_as_a_whole_one(server: FakeAnthropic) -> None:
    server.reply(thinking("Hm", signature=["fi", "rst"]), text("A"))
    ask(server, stream=True)
    signed = assistant({"type": "thinking", "thinking": "", "signature": "first"}, said("A"))
    assert ask(server, messages=[*HI, signed, *HI]).status_code == 200


@pytest.mark.parametrize(
    ("model", "given", "shown"),
    [
        ("claude-sonnet-4-6", {"type": "adaptive"}, True),
        ("claude-opus-5-5", None, False),
        ("claude-opus-5-5", {"type": "adaptive"}, False),
        ("claude-opus-5-5", {"type": "adaptive", "display": "summarized"}, True),
        ("claude-sonnet-5-5", {"type": "between_tools"}, True),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_thinking_is_shown_where_asked(
    server: FakeAnthropic, model: str, given: Json | None, shown: bool, stream: bool
) -> None:
    server.reply(thinking("Hm, well", signature="s"), text("ok"))
    body = ask(server, model=model, thinking=given, stream=stream or None).text
    assert ("Hm" in body, '"s"' in body) == (shown, True)
