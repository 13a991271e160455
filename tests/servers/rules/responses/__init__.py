"""OpenAI's Responses API as it judges a request, and what its answers hold by the request.

It owns the order of the rules: encrypted reasoning is given where `include` asks for it, summaries
where `reasoning.summary` does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from tests.servers._http import Request
from tests.servers._script import Script
from tests.servers.rules._refusal import UNREADABLE, Rules, iter_sse_json
from tests.servers.rules.openai.chat import check_key
from tests.servers.rules.openai.models import model_of
from tests.servers.rules.responses import request as rules
from tests.servers.rules.responses.items import Memory, check_items

_ENDS = ("response.completed", "response.incomplete")


class ResponsesRules(Rules):
    """The state of one server: what it has stored and encrypted."""

    def __init__(self, *, needs_key: bool) -> None:
        self.memory = Memory()
        self._needs_key = needs_key

    def check(self, request: Request) -> None:
        """Refuse what `/v1/responses` refuses for the model of this request."""
        body = request.body
        if self._needs_key and "api-key" not in request.headers:
            check_key(request.headers)
        rules.check_fields(body)
        model = model_of(body["model"])
        rules.check_limits(body, model)
        rules.check_reasoning(body, model)
        rules.check_text(body, model)
        rules.check_tools(body, model)
        rules.check_rest(body)
        check_items(body, self.memory)

    def answer(self, request: Request, script: Script) -> Script:
        """Leave out what was not asked for; note the items that go out."""
        body = request.body
        if script.status != 200:
            return script
        if "thinking" in script.by_request:
            script = _asked(script, body)
        stored = body.get("store") is not False
        with suppress(*UNREADABLE):  # a hostile script gave out nothing that makes sense
            for response in _responses(script, streamed=bool(body.get("stream"))):
                self.memory.note(response, stored=stored)
        return script


def _responses(script: Script, *, streamed: bool) -> list[Mapping[str, Any]]:
    if script.whole is not None and not streamed:
        return [json.loads(script.whole)]
    return [
        event["response"]
        for event in iter_sse_json(script.data)
        if event.get("type") in _ENDS and "response" in event
    ]


def _asked(script: Script, body: Mapping[str, Any]) -> Script:
    encrypted = "reasoning.encrypted_content" in (body.get("include") or ())
    summary = (body.get("reasoning") or {}).get("summary") is not None
    if encrypted and summary:
        return script
    events = tuple(_event(event, encrypted=encrypted, summary=summary) for event in script.events)
    whole = script.whole
    if whole is not None:
        whole = json.dumps(_stripped(json.loads(whole), encrypted, summary)).encode()
    return replace(script, events=events, whole=whole)


def _event(event: bytes, *, encrypted: bool, summary: bool) -> bytes:
    if b"response.reasoning_summary" in event.split(b"\n", 1)[0] and not summary:
        return b""  # nothing is sent, and the events after it keep their numbers
    if b'"reasoning"' not in event:
        return event
    head, _, data = event.partition(b"data: ")
    value = _stripped(json.loads(data), encrypted, summary)
    return head + b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def _stripped(value: Any, encrypted: bool, summary: bool) -> Any:
    if isinstance(value, list):
        return [_stripped(part, encrypted, summary) for part in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _stripped(part, encrypted, summary) for name, part in value.items()}
    if kept.get("type") == "reasoning":
        if not encrypted:
            kept.pop("encrypted_content", None)
        if not summary:
            kept["summary"] = []
    return kept
