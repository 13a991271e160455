"""Groq: efforts by model, fields that it doesn't know, schemas on some models only.

It owns Groq's rules: https://console.groq.com/docs/reasoning and …/docs/openai
"""

from __future__ import annotations

import re

from tests.servers._http import Request
from tests.servers.rules._refusal import Refusal, refuse
from tests.servers.rules.vendors._vendor import (
    Body,
    Issued,
    Vendor,
    check_bearer,
    check_common,
    check_foreign,
)

#: Efforts by a pattern of names: earendil-works/pi issue 1745; others have none.
EFFORTS = {r"qwen": ("none", "default"), r"gpt-oss": ("low", "medium", "high")}
#: https://console.groq.com/docs/openai#currently-unsupported-openai-features
UNSUPPORTED = ("logprobs", "top_logprobs", "logit_bias", "prompt_cache_key", "verbosity", "store")
SCHEMAS = r"(gpt-oss|kimi-k2|llama-4)"


def _check(request: Request, issued: Issued) -> None:
    body = request.body
    check_bearer(request.headers, "Invalid API Key", code="invalid_api_key")
    for name in UNSUPPORTED:
        if name in body:
            refuse(f"property '{name}' is unsupported")
    check_foreign(body, VENDOR.private, _unsupported)
    check_common(body)
    if body.get("n") not in (None, 1):
        refuse("'n' : number must be at most 1")
    _check_effort(body)
    if (body.get("response_format") or {}).get("type") == "json_schema" and not re.search(
        SCHEMAS, body["model"]
    ):
        refuse(
            "This model does not support response format `json_schema`. See supported models at "
            "https://console.groq.com/docs/structured-outputs#supported-models"
        )


def _unsupported(path: str, name: str) -> str:
    """The words: janhq/jan issue 8136."""
    at = path.replace("[", ".").replace("]", "")
    return (
        f"'{at}' : for 'role:assistant' the following must be satisfied[('{at}' : property "
        f"'{name}' is unsupported)]"
    )


def _check_effort(body: Body) -> None:
    """The words: iamsrikanthnani/pluely pull 219."""
    effort = body.get("reasoning_effort")
    if effort is None:
        return
    levels = next((levels for key, levels in EFFORTS.items() if re.search(key, body["model"])), ())
    if not levels:
        refuse("reasoning_effort is not supported with this model", param="reasoning_effort")
    if effort not in levels:
        quoted = [f"`{level}`" for level in levels]
        choices = f"{', '.join(quoted[:-1])} or {quoted[-1]}"
        refuse(f"`reasoning_effort` must be one of {choices}", param="reasoning_effort")


def _error(refusal: Refusal) -> object:
    error = {"message": refusal.message, "type": refusal.type}
    return {"error": error | ({"code": refusal.code} if refusal.code else {})}


VENDOR = Vendor(
    name="groq",
    base="/openai/v1",
    models=r"(qwen/|meta-llama/|openai/gpt-oss|moonshotai/)",
    private=("reasoning",),
    reasoning_field="reasoning",
    check=_check,
    error=_error,
)
