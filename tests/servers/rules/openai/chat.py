"""OpenAI's chat completions, as one list of rules.

It owns their order, and who may ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.servers.rules._refusal import refuse
from tests.servers.rules.openai import request as rules
from tests.servers.rules.openai.messages import check_messages
from tests.servers.rules.openai.models import model_of


def check_key(headers: Mapping[str, str]) -> None:
    """https://platform.openai.com/docs/api-reference/authentication"""
    given = headers.get("authorization", "")
    if not given.removeprefix("Bearer").strip():
        refuse(
            "You didn't provide an API key. You need to provide your API key in an Authorization "
            "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
            status=401,
        )


def check_chat(body: Mapping[str, Any]) -> None:
    """Refuse what `/v1/chat/completions` refuses for the model of this request."""
    rules.check_fields(body)
    model = model_of(body["model"])
    if not model.chat:
        refuse(
            "This model is only supported in v1/responses and not in v1/chat/completions.",
            status=404,
            param="model",
        )
    effort = body.get("reasoning_effort")
    rules.check_tokens(body, model)
    rules.check_effort(effort, model, body["model"], "reasoning_effort")
    rules.check_sampling(body, model, effort)
    rules.check_stream(body)
    rules.check_tools(body, model)
    rules.check_format(body, model)
    check_messages(body["messages"])
