"""Requests to the OpenAI loopback, right but for what a test changes.

It owns the way to ask either endpoint; the tests own what is asked.
"""

from __future__ import annotations

import base64
from typing import Any

import httpx

from tests.servers import FakeOpenAI

Json = dict[str, Any]
HI = [{"role": "user", "content": "hi"}]
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
CLOSED = {**SCHEMA, "additionalProperties": False}
FUNCTION = {"name": "add", "parameters": SCHEMA}
TOOL = {"type": "function", "function": FUNCTION}
CALL = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "3"}
PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
PDF = "data:application/pdf;base64," + base64.b64encode(b"%PDF-1.4").decode()


def called(*calls: Json, **fields: Any) -> Json:
    """The assistant's message that calls tools."""
    return {"role": "assistant", "content": None, "tool_calls": list(calls or (CALL,)), **fields}


def ask(
    server: FakeOpenAI,
    *,
    path: str = "",
    headers: Json | None = None,
    **body: Any,
) -> httpx.Response:
    """POST a request that is right but for `body`; a None leaves a field out.

    `path` is the whole path, by default the vendor's chat completions.
    """
    whole = {"model": "gpt-4.1", "messages": HI, **body}
    if "input" in body or "previous_response_id" in body:
        del whole["messages"]
    sent = {name: value for name, value in whole.items() if value is not None}
    url = server.url + path if path else f"{server.base_url}/chat/completions"
    keys = {"authorization": "Bearer k"} if headers is None else headers
    return httpx.post(url, json=sent, headers=keys)


def check(server: FakeOpenAI, good: Json, bad: Json, words: str, status: int = 400) -> Any:
    """`good` is answered, `bad` refused with an error that has `words`; return that error."""
    taken, refused = ask(server, **good), ask(server, **bad)
    assert taken.status_code == 200, taken.text
    assert refused.status_code == status, refused.text
    assert server.refused
    assert words in server.refused[-1].message
    return refused.json()
