"""xAI: what a Grok that reasons takes none of, and reasoning counted on top of the answer.

It owns xAI's rules: https://docs.x.ai/developers/model-capabilities/text/reasoning
"""

from __future__ import annotations

import json
import re
from dataclasses import replace

from tests.servers._http import Request
from tests.servers._script import Script
from tests.servers.rules._refusal import Refusal, refuse
from tests.servers.rules.vendors._vendor import (
    Body,
    Issued,
    Vendor,
    check_bearer,
    check_common,
    check_foreign,
)

#: Efforts by a pattern of names, the newest last (any other Grok): NousResearch/hermes-agent pull
#: 23435 (probed), mnfst/modelparams.dev pull 330.
EFFORTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"grok-3-mini", ("low", "high")),
    (r"grok-4\.20-multi-agent", ("low", "medium", "high", "xhigh")),
    (r"grok-(2|3|4-|4$|4\.20|code)", ()),
    (r"grok-4\.3", ("none", "low", "medium", "high")),
    (r"grok-4\.5", ("low", "medium", "high")),
    (r"", ("low", "medium", "high", "xhigh")),
)
PLAIN = r"(grok-[23](?!-mini)|non-reasoning)"
REFUSED = {
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "stop": "stop",
}


def _check(request: Request, issued: Issued) -> None:
    body = request.body
    check_bearer(
        request.headers, "no api key provided. Please include one in the Authorization header."
    )
    check_foreign(
        body,
        VENDOR.private,
        lambda path, name: (
            f"Failed to deserialize the JSON body into the target type: {path}: unknown field "
            f"`{name}`"
        ),
    )
    check_common(body)
    name = body["model"]
    if not re.search(PLAIN, name):
        for field, own in REFUSED.items():
            if body.get(field) is not None:
                refuse(f"Argument not supported on this model: {own}")
    effort = body.get("reasoning_effort")
    levels = next(levels for pattern, levels in EFFORTS if re.search(pattern, name))
    if effort is not None and not levels:  # BerriAI/litellm pull 16265
        refuse(f"Model {name} does not support parameter reasoningEffort.")
    if effort is not None and effort not in levels:
        refuse(f"Invalid reasoning effort `{effort}` for model {name}, expected one of {levels}.")


def _answer(body: Body, script: Script) -> Script:
    """Count reasoning beside the answer, not within it: vercel/ai issue 12425."""
    if "usage" not in script.by_request:
        return script
    events = tuple(_counted(event, script) for event in script.events)
    whole = _counted(script.whole, script) if script.whole else None
    return replace(script, events=events, whole=whole)


def _counted(data: bytes, script: Script) -> bytes:
    if b'"usage"' not in data:
        return data
    head = b"data: " if data.startswith(b"data: ") else b""
    value = json.loads(data.removeprefix(b"data: "))
    thought = sum(b'"reasoning_content"' in event for event in script.events)
    value["usage"]["completion_tokens"] -= thought
    value["usage"]["completion_tokens_details"] = {"reasoning_tokens": thought}
    return head + json.dumps(value).encode() + (b"\n\n" if head else b"")


def _error(refusal: Refusal) -> object:
    return {"code": "Client specified an invalid argument", "error": refusal.message}


VENDOR = Vendor(
    name="xai",
    models=r"grok-",
    private=("reasoning_content",),
    check=_check,
    error=_error,
    answer=_answer,
)
