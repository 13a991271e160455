"""What each Claude is sent: nothing that it refuses, and what was left out is told."""

from __future__ import annotations

from typing import Any

import pytest

from lauren_ai import ContentBlock, LLMConfig, LLMService, Message, ToolChoice, ToolSchema
from tests.servers import FakeAnthropic, raw, sse, text, thinking, tool_call
from tests.support.wired import GO, Wired

MODELS = """claude-haiku-4-5 claude-sonnet-4-5 claude-opus-4-5 claude-sonnet-4-6 claude-opus-4-7
claude-opus-4-8 claude-sonnet-5 claude-opus-5 claude-fable-5 claude-fable-5-1 claude-haiku-5-5
claude-sonnet-5-5 claude-opus-5-5 claude-sonnet-9""".split()
TOOL = ToolSchema("f", "does f", {"type": "object", "properties": {"x": {"type": "integer"}}})
SCHEMA = {
    "type": "object",
    "properties": {"age": {"type": "integer", "minimum": 0}, "name": {"type": "string"}},
    "required": ["name"],
}
ASKED: dict[str, dict[str, Any]] = {
    "plain": {},
    "thinking": {"thinking": True},
    "a budget": {"thinking": True, "thinking_budget_tokens": 20_000},
    "temperature": {"temperature": 0.0},
    "both samplings, thinking": {"temperature": 0.3, "top_p": 0.9, "thinking": True},
    "effort": {"reasoning_effort": "xhigh"},
    "no effort": {"reasoning_effort": "none"},
    "a forced tool": {"tools": [TOOL], "tool_choice": ToolChoice("any")},
    "a forced tool, thinking": {
        "tools": [TOOL],
        "tool_choice": ToolChoice("tool", "f"),
        "thinking": True,
    },
    "an answer of a form": {"output_schema": SCHEMA},
    "an answer of a form, thinking": {"output_schema": SCHEMA, "thinking": True},
    "a long answer": {"max_tokens": 300_000, "thinking": True},
    "a cache": {"cache": "1h"},
}


@pytest.fixture
def provider() -> str:
    return "anthropic"


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("what", ASKED)
async def test_no_claude_refuses_what_it_is_sent(wired: Wired, model: str, what: str) -> None:
    await wired.send(GO, model=model, **ASKED[what])
    assert wired.server.refused == []


@pytest.mark.parametrize(
    ("model", "asked", "sent"),
    [
        ("claude-sonnet-4-5", {"thinking": True}, {"type": "enabled", "budget_tokens": 8000}),
        ("claude-opus-4-6", {"thinking": True}, {"type": "adaptive", "display": "summarized"}),
        ("claude-opus-4-7", {"thinking": True}, {"type": "adaptive", "display": "summarized"}),
        # It thinks without being asked, and would show nothing of it.
        ("claude-sonnet-5-5", {}, {"type": "adaptive", "display": "summarized"}),
        ("claude-of-tomorrow", {}, {"type": "adaptive", "display": "summarized"}),
        ("claude-opus-4-8", {}, None),
        ("claude-sonnet-5", {"reasoning_effort": "none"}, {"type": "disabled"}),
    ],
)
async def test_thinking_is_asked_for_as_the_model_has_it(
    wired: Wired, model: str, asked: dict[str, Any], sent: Any
) -> None:
    body = await wired.send(GO, model=model, **asked)
    assert body.get("thinking") == sent


@pytest.mark.parametrize(
    ("asked", "effort"),
    [
        ({"thinking": True}, None),  # the model's own
        ({"thinking": True, "thinking_budget_tokens": 1500}, "low"),
        ({"thinking": True, "thinking_budget_tokens": 60_000}, "xhigh"),
        ({"thinking": True, "thinking_budget_tokens": 60_000, "reasoning_effort": "low"}, "low"),
        ({"reasoning_effort": "max"}, "max"),
        ({"reasoning_effort": "minimal"}, "low"),
    ],
)
async def test_a_budget_is_an_effort_where_models_take_no_budget(
    wired: Wired, asked: dict[str, Any], effort: str | None
) -> None:
    body = await wired.send(GO, model="claude-opus-5", **asked)
    assert body.get("output_config", {}).get("effort") == effort


@pytest.mark.parametrize(
    ("model", "asked", "line"),
    [
        ("claude-opus-5", {"temperature": 0.2}, "takes no temperature: sent without it"),
        (
            "claude-sonnet-4-6",
            {"temperature": 0.2, "thinking": True},
            "takes no temperature while it thinks",
        ),
        ("claude-haiku-4-5", {"reasoning_effort": "low"}, "takes no effort"),
        ("claude-opus-4-6", {"reasoning_effort": "xhigh"}, "takes no effort xhigh: sent with high"),
        ("claude-3-5-haiku-20241022", {"thinking": True}, "does not think"),
        ("claude-opus-4-1", {"max_tokens": 90_000}, "gives at most 32,000 tokens"),
        (
            "claude-opus-5-5",
            {"tools": [TOOL], "tool_choice": ToolChoice("any")},
            "takes no forced tool",
        ),
    ],
)
async def test_what_is_left_out_is_told_once(
    wired: Wired, model: str, asked: dict[str, Any], line: str
) -> None:
    heard: list[str] = []
    for _ in range(2):
        await wired.send(GO, model=model, on_notice=heard.append, **asked)
    assert len(heard) == 1
    assert heard[0].startswith(f"{model} {line}")


async def test_older_models_take_a_temperature_under_the_older_version(wired: Wired) -> None:
    body = await wired.send(GO, model="claude-sonnet-4-6", temperature=0.2, top_p=0.5)
    assert body["temperature"] == 0.2
    assert "top_p" not in body  # one of the two
    assert wired.last_request.headers["anthropic-version"] == "2023-06-01"
    await wired.send(GO, model="claude-sonnet-4-6")
    assert wired.last_request.headers["anthropic-version"] == "2026-10-21"


async def test_a_form_is_asked_for_by_schema_where_the_model_has_it(wired: Wired) -> None:
    body = await wired.send(GO, model="claude-sonnet-5-5", output_schema=SCHEMA)
    assert body["output_config"]["format"] == {
        "type": "json_schema",
        "schema": {
            "type": "object",
            "properties": {"age": {"type": "integer"}, "name": {"type": "string"}},
            "required": ["name"],
            "additionalProperties": False,
        },
    }
    assert "tools" not in body
    assert SCHEMA["properties"]["age"] == {"type": "integer", "minimum": 0}  # type: ignore[index]


async def test_a_form_that_no_grammar_holds_is_a_tools(wired: Wired) -> None:
    """Any keys at all: the schema is refused, "'additionalProperties' must be … false"."""
    free = {"type": "object", "additionalProperties": {"type": "number"}}
    for model, choice in (("claude-opus-4-8", "tool"), ("claude-opus-5-5", "auto")):
        body = await wired.send(GO, model=model, output_schema=free)
        assert body["tool_choice"]["type"] == choice
        assert body["tools"][0]["input_schema"] == free
        assert ("structured_output" in str(body.get("system"))) is (choice == "auto")
    assert wired.server.refused == []


async def test_the_end_of_an_answer_that_goes_on_is_no_white_space(wired: Wired) -> None:
    """Refused: "final assistant content cannot end with trailing whitespace"."""
    wanted = [
        ("Sure, here:\n", "Sure, here:"),
        ([ContentBlock.text_block("a"), ContentBlock.text_block("So, ")], "So,"),
    ]
    for content, end in wanted:
        history = [*GO, Message.assistant(content)]
        body = await wired.send(history, model="claude-sonnet-4-5")
        sent = body["messages"][-1]["content"]
        assert (sent if isinstance(sent, str) else sent[-1]["text"]) == end


async def test_results_come_first_in_a_turn_and_a_turn_that_says_nothing_not_at_all(
    wired: Wired,
) -> None:
    """Histories made by hand: both were refused."""
    call = ContentBlock.tool_use_block("t1", "f", {})
    result = ContentBlock.tool_result_block("t1", "2")
    history = [
        *GO,
        Message.assistant([call]),
        Message.user([ContentBlock.text_block("note"), result]),
        Message.assistant("Well."),
        Message.user(""),
        Message.user("and?"),
    ]
    body = await wired.send(history, tools=[TOOL])
    assert [block["type"] for block in body["messages"][2]["content"]] == ["tool_result", "text"]
    assert [m["content"] for m in body["messages"][3:]] == ["Well.", "and?"]


async def test_a_call_by_the_providers_own_code_keeps_its_caller(wired: Wired) -> None:
    """Such a call comes whole, in the message's start."""
    caller = {"type": "code_execution_20260120", "tool_id": "srvtoolu_1"}
    block = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"x": 1}, "caller": caller}
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "m", "content": [block], "stop_reason": "tool_use", "usage": usage}
    events = [{"type": "message_start", "message": message}, {"type": "message_stop"}]
    wired.server.queue(raw(b"".join(sse(event) for event in events)))
    completion = await wired.service.complete(GO, tools=[TOOL])
    assert completion.stop_reason == "tool_use"
    assert [(c.name, c.input) for c in completion.tool_calls] == [("f", {"x": 1})]
    result = Message.user([ContentBlock.tool_result_block("toolu_1", "2")])
    body = await wired.send([*GO, completion.message(), result], tools=[TOOL])
    assert body["messages"][1]["content"] == [block]


async def test_a_message_that_is_announced_twice_is_one(wired: Wired) -> None:
    script = wired.server.script(text("Hi"))
    wired.server.queue(script.with_event(1, script.events[0]))
    assert (await wired.service.complete(GO)).content == "Hi"


async def test_an_end_without_its_blank_line_is_an_end(wired: Wired) -> None:
    script = wired.server.script(text("Hi"))
    wired.server.queue(raw(script.data.rstrip(b"\n")))
    completion = await wired.service.complete(GO)
    assert (completion.content, completion.stop_reason) == ("Hi", "end_turn")


async def test_tools_count_among_the_tokens(wired: Wired) -> None:
    alone = await wired.service.count_tokens(GO, model="claude-opus-5-5")
    assert await wired.service.count_tokens(GO, tools=[TOOL], model="claude-opus-5-5") > alone
    assert wired.last_request.body["tools"][0]["name"] == "f"


async def test_a_pdf_goes_as_a_document_and_what_the_answer_cites_stays_beside_it(
    wired: Wired,
) -> None:
    pdf = ContentBlock.document_block(b"%PDF-1.4", title="Plan", citations=True)
    citation = {"type": "page_location", "cited_text": "x", "document_index": 0}
    script = wired.server.script(text("It is so."))
    at = next(i for i, event in enumerate(script.events) if b"text_delta" in event)
    delta = {"type": "citations_delta", "citation": citation}
    event = sse({"type": "content_block_delta", "index": 0, "delta": delta})
    wired.server.queue(script.with_event(at + 1, event))
    asked = [Message.from_multimodal("user", ["What is it?", pdf])]
    completion = await wired.service.complete(asked, model="claude-opus-5")
    assert wired.last_request.body["messages"][0]["content"][1] == {
        "type": "document",
        "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQ="},
        "title": "Plan",
        "citations": {"enabled": True},
    }
    assert completion.blocks[0].citations == [citation]


async def test_the_type_of_an_image_is_what_its_bytes_say() -> None:
    """Refused: "Image does not match the provided media type image/png"."""
    jpeg = ContentBlock.image_block(b"\xff\xd8\xff\xe0" + b"0" * 20, media_type="image/png")
    assert jpeg.source is not None
    assert jpeg.source["media_type"] == "image/jpeg"
    again = ContentBlock.image_block(jpeg.source["data"])
    assert again.source == jpeg.source


async def test_an_empty_key_beside_a_token_is_no_key(
    anthropic_server: FakeAnthropic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gateways are used so; the empty key went out as a header, and was refused."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token-of-a-gateway")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", anthropic_server.base_url)
    anthropic_server.reply(text("ok"))
    service = LLMService.from_config(LLMConfig.for_anthropic("claude-opus-5", max_retries=0))
    assert (await service.complete(GO)).content == "ok"
    headers = anthropic_server.requests[0].headers
    assert headers["authorization"] == "Bearer token-of-a-gateway"
    assert "x-api-key" not in headers
    await service.close()


async def test_unsigned_thoughts_go_back_to_the_server_that_wrote_them(
    anthropic_server: FakeAnthropic,
) -> None:
    """DeepSeek's Messages API: "The content[].thinking … must be passed back to the API"."""
    config = LLMConfig.for_anthropic(
        "deepseek-v4-pro", api_key="k", base_url=anthropic_server.base_url, max_retries=0
    )
    service = LLMService.from_config(config)
    anthropic_server.reply(thinking("Hm", signature=[]), tool_call("f", {"x": 1}, id="c"))
    first = await service.complete(GO, tools=[TOOL])
    history = [*GO, first.message(), Message.user([ContentBlock.tool_result_block("c", "2")])]
    anthropic_server.reply(text("ok"))
    await service.complete(history, tools=[TOOL])
    assert anthropic_server.refused == []
    sent = anthropic_server.requests[-1].body["messages"][1]["content"]
    assert sent[0] == {"type": "thinking", "thinking": "Hm", "signature": ""}
    anthropic_server.reply(text("ok"))
    await service.complete(history, tools=[TOOL], model="claude-opus-5")
    sent = anthropic_server.requests[-1].body["messages"][1]["content"]
    assert [block["type"] for block in sent] == ["tool_use"]
    await service.close()
