"""Azure OpenAI: OpenAI's rules behind Azure's paths, keys and API versions.

It owns what differs: https://learn.microsoft.com/azure/ai-foundry/openai/reference and
…/api-version-lifecycle (`/openai/v1` needs no version; a deployment's path does).
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from tests.servers._http import Request
from tests.servers.rules._refusal import Refusal, refuse
from tests.servers.rules.openai.chat import check_chat
from tests.servers.rules.vendors._vendor import Issued, Vendor

#: The first version that knows a field.
#: https://learn.microsoft.com/azure/ai-foundry/openai/whats-new
SINCE = {
    "stream_options": "2024-09-01",
    "max_completion_tokens": "2024-09-01",
    "reasoning_effort": "2024-12-01",
}
SCHEMAS_SINCE = "2024-08-01"


def _check(request: Request, issued: Issued) -> None:
    headers, body = request.headers, request.body
    bearer = headers.get("authorization", "").removeprefix("Bearer").strip()
    if not headers.get("api-key") and not bearer:
        refuse(
            "Access denied due to invalid subscription key or wrong API endpoint. Make sure to "
            "provide a valid key for an active subscription and use a correct regional API "
            "endpoint for your resource.",
            status=401,
            code="401",
        )
    parts = urlsplit(request.path)
    if deployment := re.match(r"/openai/deployments/([^/]+)/", parts.path):
        version = parse_qs(parts.query).get("api-version", [""])[0]
        if not re.match(r"\d{4}-\d\d-\d\d", version):
            refuse("Resource not found", status=404, code="404")
        for name, since in SINCE.items():
            if name in body and version < since:
                refuse(f"Unrecognized request argument supplied: {name}")
        kind = (body.get("response_format") or {}).get("type")
        if kind == "json_schema" and version < SCHEMAS_SINCE:
            refuse(
                "response_format value as json_schema is enabled only for api versions "
                "2024-08-01-preview and later",
                code="BadRequest",
            )
        body = {"model": deployment[1], **body}
    check_chat(body)


def _error(refusal: Refusal) -> object:
    if refusal.status == 400:
        error = {"message": refusal.message, "type": refusal.type, "param": refusal.param}
        return {"error": error | {"code": refusal.code}}
    return {"error": {"code": refusal.code, "message": refusal.message}}


VENDOR = Vendor(name="azure", base="/openai/v1", check=_check, error=_error)
