"""What of a conversation goes to OpenAI's Responses: its own items as they came, and no other's."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from lauren_ai import ContentBlock, Message, TransportError
from lauren_ai._conversations.memory import estimate_tokens
from lauren_ai._conversations.message_json import decode_message, encode_message
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.anthropic.request import describe_body as build_anthropic
from lauren_ai._transport.openai.request import build_body as build_chat
from lauren_ai._transport.openai.responses.events import ResponsesDecoder
from lauren_ai._transport.openai.responses.input import build_input
from tests.support.responses_bodies import (
    FULL,
    LINK,
    SEARCH,
    body,
    call,
    message,
    reasoning,
    refusal,
    tool,
)

PNG = ContentBlock.image_block(b"\x89PNG")
IMAGE = {"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64,iVBORw=="}
PDF = {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}
FILE = {
    "type": "input_file",
    "filename": "document.pdf",
    "file_data": "data:application/pdf;base64,JVBERi0=",
}


def answer(*events: bytes, owner: str = "openai") -> Message:
    snapshot = Accumulator(provider="openai")
    decoder = ResponsesDecoder(snapshot, owner=owner)
    decoder.feed(b"".join(events), [])
    return snapshot.build_completion().message()


def output_of(events: list[bytes]) -> list[dict[str, Any]]:
    response: Any = json.loads(events[-1].partition(b"data: ")[2])["response"]
    return list(response["output"])


def result(call_id: str, content: Any) -> ContentBlock:
    return ContentBlock.tool_result_block(call_id, content)


def test_a_turn_goes_back_as_it_came_also_through_a_store() -> None:
    turn = answer(*FULL)
    for said in (turn, decode_message(encode_message(turn))):
        results = Message("tool", [result("call_1", "3"), result("call_2", "noon")])
        items = build_input([Message.user("go"), said, results])
        assert items[0] == {"role": "user", "content": "go"}
        assert items[1:-2] == output_of(FULL)
        assert items[-2:] == [
            {"type": "function_call_output", "call_id": "call_1", "output": "3"},
            {"type": "function_call_output", "call_id": "call_2", "output": "noon"},
        ]


def test_nothing_sealed_reaches_another_server() -> None:
    sealed = ("gAAAA==", "gBBBB==", "ws_1", "rs_1")
    turn = answer(*FULL)
    request = CompletionRequest(model="m", messages=[Message.user("go"), turn])
    for sent in (
        build_anthropic(request),
        build_chat(request),
        build_input(request.messages, owner="api.example"),
    ):
        text = json.dumps(sent)
        assert not any(secret in text for secret in sealed)
        assert "Hello there" in text
        assert "call_1" in text


def test_what_another_provider_made_becomes_plain_items() -> None:
    turn = Message.assistant(
        [
            ContentBlock.thinking_block("Hm", signature="sig"),
            ContentBlock("redacted_thinking", raw={"type": "redacted_thinking", "data": "x"}),
            ContentBlock("server_tool_use", raw={"type": "server_tool_use", "id": "s"}),
            ContentBlock("text", text="I ", raw={"type": "text"}, provider="anthropic"),
            ContentBlock.text_block("call."),
            ContentBlock.tool_use_block("toolu_1", "f", {"é": 1}),
        ]
    )
    assert build_input([Message("system", "Be kind."), turn]) == [
        {"role": "system", "content": "Be kind."},
        {"role": "assistant", "content": "I call."},
        {"type": "function_call", "call_id": "toolu_1", "name": "f", "arguments": '{"é":1}'},
    ]


def test_a_renamed_call_keeps_its_item_and_its_result_finds_it() -> None:
    turn = answer(*body(reasoning(), call("f", '{"x" : 1}')))
    calls = [
        replace(b, tool_use_id="call_1_2") if b.type == "tool_use" else b for b in turn.content
    ]
    items = build_input([Message.assistant(calls), Message("tool", [result("call_1_2", "ok")])])
    assert items[1] == {**call("f", '{"x" : 1}')[0], "call_id": "call_1_2"}
    assert items[2]["call_id"] == "call_1_2"


def test_an_invalid_call_goes_back_with_arguments_that_are_json() -> None:
    [item] = build_input([answer(*body(call("f", '{"x": 1,')))])
    assert item["arguments"] == "{}"
    assert item["id"] == "fc_1"


def test_text_that_was_changed_since_is_what_goes_out() -> None:
    turn = answer(*body(message("The key is 123.", annotations=[LINK])))
    assert build_input([turn])[0]["content"][0]["annotations"] == [LINK]
    changed = Message.assistant([replace(turn.content[0], text="The key is ***.")])
    assert build_input([changed]) == [{"role": "assistant", "content": "The key is ***."}]


def test_a_refusal_goes_back_as_one() -> None:
    assert build_input([answer(*body(refusal("No.")))]) == [refusal("No.")[0]]


@pytest.mark.parametrize("lost", ["message", "function_call"])
def test_thoughts_that_lost_what_they_led_to_are_left_out(lost: str) -> None:
    """ "Item 'rs_…' of type 'reasoning' was provided without its required following item." """
    written = message("Hi") if lost == "message" else call("f", "{}")
    events = body(reasoning(), written, message("Then.", id="msg_2"))
    kept = answer(*events[:-1], events[-1]).content
    assert isinstance(kept, list)
    cut = Message.assistant([kept[0], ContentBlock.text_block("Hi, cut")])
    assert build_input([cut]) == [{"role": "assistant", "content": "Hi, cut"}]
    assert build_input([Message.assistant(kept[:1])]) == []


def test_without_sealed_thoughts_their_items_do_not_ask_for_them() -> None:
    """ "Item 'fc_…' was provided without its required 'reasoning' item", "Item … not found"."""
    events = body(
        reasoning("Hm", encrypted=None),
        tool(SEARCH),
        message("Hi"),
        call("f", "{}"),
        reasoning(id="rs_2"),
        message("Bye", id="msg_2"),
    )
    said, asked = message("Hi")[0], call("f", "{}")[0]
    del said["id"], asked["id"]
    assert build_input([answer(*events)]) == [said, asked, *output_of(events)[-2:]]
    assert build_input([answer(*events)], is_stored=True) == output_of(events)


def test_a_call_of_the_apis_own_tools_goes_back_only_with_its_result() -> None:
    """ "No tool output found for custom tool call …" """
    asked = {"type": "custom_tool_call", "id": "ctc_1", "call_id": "call_9", "name": "sql"}
    ran = {"type": "shell_call", "id": "sh_1", "call_id": "call_8", "status": "completed"}
    told = {"type": "shell_call_output", "id": "sho_1", "call_id": "call_8", "output": []}
    events = body(
        reasoning(), tool(ran), tool(told), message("Hm"), reasoning(id="rs_2"), tool(asked)
    )
    turn = answer(*events)
    assert build_input([turn]) == output_of(events)[:-2]
    given = {"type": "custom_tool_call_output", "call_id": "call_9", "output": "1 row"}
    parts = [ContentBlock("custom_tool_call_output", raw=given), ContentBlock.text_block("so?")]
    said = {"role": "user", "content": [{"type": "input_text", "text": "so?"}]}
    assert build_input([turn, Message.user(parts)]) == [*output_of(events), given, said]


def test_images_files_and_texts_go_out_in_its_words() -> None:
    titled = {"type": "document", "title": "a.pdf", "source": PDF}
    told = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "é"}}
    at = {"type": "document", "source": {"type": "url", "url": "https://e.org/a.pdf"}}
    own = {"type": "input_file", "file_id": "file-1"}
    parts: list[str | ContentBlock] = ["look", PNG]
    parts += [ContentBlock.image_block(b"", url="https://e.org/i.png")]
    parts += [ContentBlock("document", source=PDF)]
    parts += [ContentBlock("document", raw=raw) for raw in (titled, told, at, own)]
    [item] = build_input([Message.from_multimodal("user", parts)])
    data = base64.b64encode("é".encode()).decode()
    assert item["content"] == [
        {"type": "input_text", "text": "look"},
        IMAGE,
        {**IMAGE, "image_url": "https://e.org/i.png"},
        FILE,
        {**FILE, "filename": "a.pdf"},
        {
            "type": "input_file",
            "filename": "document.txt",
            "file_data": f"data:text/plain;base64,{data}",
        },
        {"type": "input_file", "file_url": "https://e.org/a.pdf"},
        own,
    ]


def test_a_tools_images_stand_in_its_result() -> None:
    results = [result("c1", [ContentBlock.text_block("see"), PNG]), result("c2", "")]
    results += [result("c3", [ContentBlock.text_block("a"), ContentBlock.text_block("b")])]
    items = build_input([Message("tool", [*results, ContentBlock.text_block("and?")])])
    assert [i.get("output") for i in items] == [
        [{"type": "input_text", "text": "see"}, IMAGE],
        "",
        "ab",
        None,
    ]
    assert items[-1] == {"role": "user", "content": [{"type": "input_text", "text": "and?"}]}


@pytest.mark.parametrize(
    ("role", "block", "said"),
    [
        ("user", ContentBlock("audio", source={"type": "base64"}), "no block of type 'audio'"),
        ("user", ContentBlock("search_result", raw={"type": "search_result"}), "search_result"),
        ("user", ContentBlock("image", source={"type": "file", "file_id": "f"}), "by 'file'"),
        ("user", ContentBlock("document", source={"type": "content"}), "by 'content'"),
        ("assistant", PNG, "from a person only"),
        ("tool", result("c", [ContentBlock("audio")]), "no block of type 'audio'"),
    ],
)
def test_what_it_does_not_take_is_refused_in_words(
    role: Any, block: ContentBlock, said: str
) -> None:
    with pytest.raises(TransportError, match=said):
        build_input([Message(role, [block])])


def test_an_answer_counts_once_against_a_memory() -> None:
    """Its item holds its text again."""
    words = "word " * 1000
    plain = estimate_tokens(Message.assistant([ContentBlock.text_block(words)]))
    assert estimate_tokens(answer(*body(message(words)))) < 1.2 * plain


def test_the_callers_messages_are_not_changed() -> None:
    turn = answer(*FULL)
    pieces = Message.assistant([ContentBlock.text_block("a"), ContentBlock.text_block("b")])
    before = encode_message(turn), encode_message(pieces)
    for _ in range(2):
        assert build_input([pieces])[0]["content"] == "ab"
        build_input([turn, turn])
    assert (encode_message(turn), encode_message(pieces)) == before
