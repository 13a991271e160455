"""What a server gives with a turn goes back to it byte for byte, from any store; to no other."""

from __future__ import annotations

from typing import Any

import pytest

from lauren_ai import ContentBlock, Message
from lauren_ai._conversations.message_json import decode_message, encode_message
from lauren_ai._json import encode_json
from lauren_ai._profiles import Profile, get_profile
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._transport.openai.events import OpenAIDecoder
from lauren_ai._transport.openai.messages import build_messages

URL = "http://box.example/v1"
OWNER = "box.example"
Json = dict[str, Any]


def answer(*deltas: Json, model: str = "m", owner: str = OWNER) -> Message:
    """The turn that a stream of deltas makes."""
    snapshot = Accumulator(provider="openai", model=model)
    decoder = OpenAIDecoder(snapshot, profile(model), owner=owner)
    for number, delta in enumerate(deltas):
        last = number == len(deltas) - 1
        choice = {"index": 0, "delta": delta, "finish_reason": "stop" if last else None}
        decoder.feed(b"data: %s\n\n" % encode_json({"id": "c", "choices": [choice]}).encode(), [])
    decoder.feed(b"data: [DONE]\n\n", [])
    return snapshot.build_completion().message()


def profile(model: str) -> Profile:
    return get_profile("openai", model, URL)


def send(turn: Message, *, model: str = "m", owner: str = OWNER) -> Json:
    """The message that goes out of a turn, stored and read again."""
    [message] = build_messages([decode_message(encode_message(turn))], profile(model), owner=owner)
    return message


def call(number: int = 0, **more: Any) -> Json:
    function = {"name": "f", "arguments": "{}"}
    return {"index": number, "id": f"call_{number}", "function": function, **more}


def sign(word: str) -> Json:
    return {"extra_content": {"google": {"thought_signature": word}}}


def test_signatures_of_parallel_and_late_calls_stay_with_their_calls() -> None:
    turn = answer(
        {"tool_calls": [call(0, **sign("A=="))]},
        {"tool_calls": [call(1)]},
        {
            "tool_calls": [
                {"index": 2, "id": "call_2", "function": {"name": "g", "arguments": "{}"}}
            ]
        },
        {"tool_calls": [{"index": 2, **sign("C==")}]},
        model="gemini-3-pro",
    )
    calls = send(turn, model="gemini-3-pro")["tool_calls"]
    assert [c.get("extra_content") for c in calls] == [
        sign("A==")["extra_content"],
        None,
        sign("C==")["extra_content"],
    ]


def test_the_signature_of_a_text_goes_back_with_it() -> None:
    turn = answer({"content": "Hi"}, {"content": "", **sign("T==")}, model="gemini-3-pro")
    assert send(turn, model="gemini-3-pro") == {
        "role": "assistant",
        "content": "Hi",
        **sign("T=="),
    }


@pytest.mark.parametrize("thought", ["I must add.", "ünïcode 😀\n\n", ""])
def test_deepseek_gets_its_reasoning_back(thought: str) -> None:
    """An empty one too: https://github.com/Oaklight/llm-rosetta/issues/356"""
    turn = answer(
        {"role": "assistant", "content": None, "reasoning_content": ""},
        *({"reasoning_content": c} for c in thought),
        {"tool_calls": [call()]},
        model="deepseek-v4-pro",
    )
    assert send(turn, model="deepseek-v4-pro")["reasoning_content"] == thought


def test_pieces_of_reasoning_details_are_joined_and_sealed_ones_kept() -> None:
    sealed = {"type": "reasoning.encrypted", "data": "ZW5j", "id": "r1", "index": 1}
    piece = {"type": "reasoning.text", "index": 0, "format": "anthropic-claude-v1"}
    turn = answer(
        {"reasoning": "I ", "reasoning_details": [{**piece, "text": "I "}]},
        {"reasoning": "add.", "reasoning_details": [{**piece, "text": "add."}]},
        {"reasoning_details": [{"type": "reasoning.text", "index": 0, "signature": "S"}]},
        {"reasoning_details": [sealed]},
        {"tool_calls": [call()]},
    )
    assert turn.content[0].text == "I add."  # type: ignore[union-attr]
    sent = send(turn)
    assert sent["reasoning_details"] == [{**piece, "text": "I add.", "signature": "S"}, sealed]


@pytest.mark.parametrize(
    ("model", "owner"),
    [("gemini-3-pro", "api.openai.com"), ("deepseek-v4-pro", "else"), ("m", "else")],
)
def test_another_server_gets_none_of_it(model: str, owner: str) -> None:
    turn = answer(
        {"reasoning_content": "secret", "reasoning_details": [{"type": "x", "data": "secret"}]},
        {"content": "Hi", **sign("secret")},
        {"tool_calls": [call(**sign("secret"))]},
        model="deepseek-v4-pro",
    )
    assert "secret" not in str(send(turn, model=model, owner=owner))


def test_a_turn_of_another_model_gets_what_says_so() -> None:
    turn = Message.assistant([ContentBlock.tool_use_block("c", "add", {"a": 1})])
    gemini = send(turn, model="gemini-3-pro")["tool_calls"][0]["extra_content"]
    assert gemini == {"google": {"thought_signature": "skip_thought_signature_validator"}}
    deepseek = send(turn, model="deepseek-v4-pro")["reasoning_content"]
    assert deepseek == 'Another model called ["add","{\\"a\\":1}"].'
    assert "reasoning_content" not in send(turn, model="deepseek-v3.1")


def test_a_servers_own_field_that_is_not_wanted_stays_behind() -> None:
    """Groq: "property 'reasoning_content' is unsupported"."""
    turn = answer({"reasoning": "Hm"}, {"content": "Hi"}, owner="groq")
    groq = get_profile("groq", "openai/gpt-oss-120b")
    assert build_messages([turn], groq, owner="groq") == [{"role": "assistant", "content": "Hi"}]
