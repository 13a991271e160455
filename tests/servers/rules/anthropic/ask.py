"""Requests to the Anthropic loopback, right but for what a test changes.

It owns the way to ask and the words for blocks; the tests own what is asked.
"""

from __future__ import annotations

import base64
import struct
from typing import Any

import httpx

from tests.servers import FakeAnthropic

Json = dict[str, Any]
OLD, NEW = "2023-06-01", "2026-10-21"
HI = [{"role": "user", "content": "hi"}]
TOOL = {"name": "add", "input_schema": {"type": "object", "properties": {}}}
CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "integer"}},
    "additionalProperties": False,
}
CALL = {"type": "tool_use", "id": "t1", "name": "add", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "3"}
PDF = base64.b64encode(b"%PDF-1.4").decode()


def png(width: int = 1, height: int = 1, *, pad: int = 0) -> str:
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR"
    return base64.b64encode(header + struct.pack(">II", width, height) + b"\0" * pad).decode()


def image(data: str = "", *, media_type: str = "image/png") -> Json:
    source = {"type": "base64", "media_type": media_type, "data": data or png()}
    return {"type": "image", "source": source}


def document(**source: Any) -> Json:
    return {"type": "document", "source": source}


def user(*blocks: Json) -> Json:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: Json) -> Json:
    return {"role": "assistant", "content": list(blocks)}


def said(words: str) -> Json:
    return {"type": "text", "text": words}


def ask(
    server: FakeAnthropic,
    *,
    version: str | None = NEW,
    beta: str = "",
    headers: Json | None = None,
    path: str = "/v1/messages",
    **body: Any,
) -> httpx.Response:
    """POST a request that is right but for `body` and the headers; a None leaves a field out."""
    sent = {"authorization": "Bearer k", "anthropic-version": version, "anthropic-beta": beta}
    sent = {name: value for name, value in {**sent, **(headers or {})}.items() if value}
    whole = {"model": "claude-opus-5-5", "max_tokens": 2000, "messages": HI, **body}
    whole = {name: value for name, value in whole.items() if value is not None}
    return httpx.post(server.url + path, json=whole, headers=sent)


def check(server: FakeAnthropic, good: Json, bad: Json, words: str, status: int = 400) -> None:
    """`good` is answered; `bad` is refused with an error of the API that has `words`."""
    taken, refused = ask(server, **good), ask(server, **bad)
    assert taken.status_code == 200, taken.text
    assert refused.status_code == status
    error = refused.json()
    assert error["type"] == "error"
    assert words in error["error"]["message"]
