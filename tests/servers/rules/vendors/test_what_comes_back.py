"""What a vendor gave and wants back, how it counts, and whose rules hold for a request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers import FakeOpenAI, text, thinking, tool_call
from tests.servers.rules.openai.ask import HI, RESULT, Json, ask, called
from tests.servers.rules.vendors import VENDORS, vendor_of
from tests.servers.rules.vendors.serving import model, serving


def answered(server: FakeOpenAI, *blocks: Any, **options: Any) -> Json:
    """Ask for what the blocks say; return the assistant's message."""
    server.reply(*blocks, **options)
    name = options.get("model", "m")
    return dict(ask(server, model=name).json()["choices"][0]["message"])


def test_gemini_wants_the_signature_that_it_gave() -> None:
    with serving("gemini") as server:
        call = tool_call("add", {}, id="call_1", signature="SIG-1")
        message = answered(server, call, model="gemini-3-pro")
        assert message["tool_calls"][0]["extra_content"]["google"]["thought_signature"] == "SIG-1"
        good = ask(server, model="gemini-3-pro", messages=[*HI, message, RESULT])
        message["tool_calls"][0]["extra_content"]["google"]["thought_signature"] = "SIG-2"
        bad = ask(server, model="gemini-3-pro", messages=[*HI, message, RESULT])
    assert good.status_code == 200
    assert bad.json()[0]["error"]["message"] == "Corrupted thought signature."


@pytest.mark.parametrize("vendor", ["deepseek", "kimi"])
@pytest.mark.parametrize("stream", [True, False])
def test_thinking_comes_back_as_it_went(vendor: str, stream: bool) -> None:
    name = model(vendor)
    with serving(vendor) as server:
        server.reply(thinking("Hm, well"), tool_call("add", {}, id="call_1"))
        ask(server, model=name, stream=stream)
        message = called(reasoning_content="Hm, well")
        assert ask(server, model=name, messages=[*HI, message, RESULT]).status_code == 200
        message = called(reasoning_content="Hm")
        assert ask(server, model=name, messages=[*HI, message, RESULT]).status_code == 400


def test_openrouters_details_come_back_whole_or_not_at_all() -> None:
    details = [{"type": "reasoning.encrypted", "data": "x", "index": 0}]
    call = tool_call("add", {}, id="call_1")
    with serving("openrouter") as server:
        message = answered(server, thinking("Hm"), call, reasoning_details=details)
        assert message["reasoning"] == "Hm"
        without = {k: v for k, v in message.items() if k != "reasoning_details"}
        changed = {**message, "reasoning_details": [{**details[0], "data": "y"}]}
        assert ask(server, model="m", messages=[*HI, message, RESULT]).status_code == 200
        assert ask(server, model="m", messages=[*HI, without, RESULT]).status_code == 200
        assert ask(server, model="m", messages=[*HI, changed, RESULT]).status_code == 400
        gemini = ask(server, model="google/gemini-3-pro", messages=[*HI, without, RESULT])
    assert gemini.status_code == 400


def test_a_server_that_nobody_knows_takes_its_own_thinking_back() -> None:
    with serving("compatible") as server:
        message = answered(server, thinking("Hm"), tool_call("add", {}, id="call_1"))
        assert "reasoning_content" in message
        assert ask(server, model="m", messages=[*HI, message, RESULT]).status_code == 200


@pytest.mark.parametrize("stream", [True, False])
def test_xai_counts_reasoning_on_top(stream: bool) -> None:
    with serving("xai") as server:
        server.reply(thinking("a b c"), text("d e"))
        body = ask(server, model="grok-4.6", stream=stream).text
    assert '"completion_tokens": 2' in body
    assert '"reasoning_tokens": 3' in body
    assert '"total_tokens": 30' in body


@pytest.mark.parametrize(
    ("path", "name", "vendor"),
    [
        ("/v1/chat/completions", "gpt-test", "openai"),
        ("/v1/chat/completions", "openai/gpt-5.1", "openai"),
        ("/v1/chat/completions", "gpt-oss:20b", "compatible"),
        ("/v1/chat/completions", "o4-mini", "openai"),
        ("/v1/chat/completions", "deepseek-v4-flash", "deepseek"),
        ("/v1/chat/completions", "deepseek-r1-distill", "compatible"),
        ("/v1/chat/completions", "gemini-3.5-flash", "gemini"),
        ("/v1/chat/completions", "kimi-k3", "kimi"),
        ("/v1/chat/completions", "grok-4.6", "xai"),
        ("/v1/chat/completions", "mistral-large-latest", "mistral"),
        ("/v1/chat/completions", "mistral:7b", "compatible"),
        ("/v1/chat/completions", "m", "compatible"),
        ("/v1beta/openai/chat/completions", "m", "gemini"),
        ("/api/v1/chat/completions", "openai/gpt-5", "openrouter"),
        ("/openai/v1/chat/completions", "gpt-5", "azure"),
        ("/openai/v1/chat/completions", "qwen/qwen3-32b", "groq"),
        ("/openai/deployments/mine/chat/completions", "", "azure"),
    ],
)
def test_a_request_is_judged_by_its_vendor(path: str, name: str, vendor: str) -> None:
    assert vendor_of(path, name) is VENDORS[vendor]
