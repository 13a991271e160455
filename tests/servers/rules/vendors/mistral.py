"""Mistral: no field that it doesn't know, ids of nine characters, roles in its order.

It owns Mistral's rules: https://docs.mistral.ai/api/#tag/chat
"""

from __future__ import annotations

import re

from tests.servers._http import Request
from tests.servers.rules._refusal import Refusal, refuse, unknown_fields
from tests.servers.rules.vendors._vendor import PRIVATE, Body, Issued, Vendor, check_bearer

FIELDS = frozenset(
    "model messages temperature top_p max_tokens stream stream_options stop random_seed metadata "
    "response_format tools tool_choice presence_penalty frequency_penalty n prediction "
    "parallel_tool_calls prompt_mode reasoning_effort safe_prompt guardrails "
    "prompt_cache_key".split()
)
MESSAGE_FIELDS = frozenset("role content name tool_calls tool_call_id prefix".split())
_ID = re.compile(r"[a-zA-Z0-9]{9}")
_ORDER = {"type": "invalid_request_message_order", "code": "3230"}


def _check(request: Request, issued: Issued) -> None:
    body = request.body
    check_bearer(request.headers, "Unauthorized", body={"detail": "Unauthorized"})
    for name in unknown_fields(body, FIELDS):
        _extra(("body", name), body[name])
    for i, message in enumerate(body["messages"]):
        known = MESSAGE_FIELDS | {message["role"]}
        for name in unknown_fields(message, known):
            _extra(("body", "messages", i, message["role"], name), message[name])
        for j, call in enumerate(message.get("tool_calls") or ()):
            for name in set(PRIVATE) & set(call):
                where = ("body", "messages", i, message["role"], "tool_calls", j, name)
                _extra(where, call[name])
    _check_ids(body)
    _check_order(body)


def _extra(where: tuple[str | int, ...], value: object) -> None:
    """The words: editor-code-assistant/eca issue 231."""
    detail = {
        "type": "extra_forbidden",
        "loc": list(where),
        "msg": "Extra inputs are not permitted",
    }
    body = {"object": "error", "message": {"detail": [detail | {"input": value}]}}
    body |= {"type": "invalid_request_error", "param": None, "code": None}
    refuse(f"{'.'.join(map(str, where))}: Extra inputs are not permitted", status=422, body=body)


def _check_ids(body: Body) -> None:
    """The words: nearai/ironclaw issue 1241."""
    for message in body["messages"]:
        ids = [call.get("id") for call in message.get("tool_calls") or ()]
        for given in (*ids, *([message["tool_call_id"]] if "tool_call_id" in message else ())):
            if not _ID.fullmatch(str(given)):
                refuse(
                    f"Tool call id was {given} but must be a-z, A-Z, 0-9, with a length of 9.",
                    type="invalid_function_call",
                    code="3280",
                )


def _check_order(body: Body) -> None:
    """LibreChat-AI/agents issue 344; mistralai/client-python issues 122 and 151."""
    before, calls = "", 0
    for message in body["messages"]:
        role = message["role"]
        if role == "user" and before == "tool":
            refuse("Unexpected role 'user' after role 'tool'", **_ORDER)
        if role != "tool" and calls:
            refuse("Not the same number of function calls and responses", **_ORDER)
        if role == "tool" and not calls:
            refuse(f"Unexpected role 'tool' after role '{before}'", **_ORDER)
        calls = calls - 1 if role == "tool" else len(message.get("tool_calls") or ())
        before = role
    if calls:
        refuse("Not the same number of function calls and responses", **_ORDER)
    if before not in ("user", "tool") and not body["messages"][-1].get("prefix"):
        refuse(
            "Expected last role User or Tool (or Assistant with prefix True) for serving but got "
            f"{before}",
            **_ORDER,
        )


def _error(refusal: Refusal) -> object:
    error = {"object": "error", "message": refusal.message, "type": refusal.type, "param": None}
    return error | {"code": refusal.code, "raw_status_code": refusal.status}


VENDOR = Vendor(
    name="mistral",
    models=r"(mistral|ministral|magistral|codestral|devstral|pixtral|open-mistral)-",
    check=_check,
    error=_error,
)
