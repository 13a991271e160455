"""Chat completions as each vendor judges them: one file a vendor.

It owns whose rules hold for a request: the vendor that a test named, else the one whose path or
model it is.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

from tests.servers._http import Request
from tests.servers._script import Script
from tests.servers.rules._refusal import UNREADABLE, Refused, Rules
from tests.servers.rules.openai.chat import check_chat, check_key
from tests.servers.rules.vendors import (
    azure,
    deepseek,
    gemini,
    groq,
    kimi,
    local,
    mistral,
    openrouter,
    xai,
)
from tests.servers.rules.vendors._vendor import Body, Issued, Vendor


def _check_openai(request: Request, issued: Issued) -> None:
    check_chat(request.body)


OPENAI = Vendor(name="openai", models=r"(gpt-(?!oss)|chatgpt-|o\d(-|$))", check=_check_openai)
_BY_MODEL = (OPENAI, *(part.VENDOR for part in (deepseek, gemini, kimi, mistral, xai)))
VENDORS: dict[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        *_BY_MODEL,
        *(part.VENDOR for part in (azure, groq, openrouter)),
        *(local.OLLAMA, local.VLLM, local.LLAMA, local.COMPATIBLE),
    )
}
BASES = sorted({vendor.base for vendor in VENDORS.values()})
_DEPLOYMENT = re.compile(r"/openai/deployments/[^/]+/chat/completions")


def is_chat_path(path: str) -> bool:
    """Whether it is where some vendor has its chat completions."""
    return bool(_DEPLOYMENT.fullmatch(path)) or path in [f"{b}/chat/completions" for b in BASES]


def vendor_of(path: str, model: str) -> Vendor:
    """Return the vendor that a path, or else a model's name, tells."""
    own = model.rsplit("/", 1)[-1]
    by_name = next(
        (v for v in _BY_MODEL if re.match(v.models, own) and ":" not in own), local.COMPATIBLE
    )
    if path.startswith("/openai/"):
        asked = re.match(groq.VENDOR.models, model)
        return groq.VENDOR if asked and "deployments" not in path else azure.VENDOR
    if path.startswith("/api/v1/"):
        return openrouter.VENDOR
    return gemini.VENDOR if path.startswith("/v1beta/") else by_name


class ChatRules(Rules):
    """The state of one server: what its answers held that must come back.

    A GPT's name alone asks for no key: a server at home may have a model of that name.
    """

    def __init__(self, vendor: str = "") -> None:
        self.vendor = VENDORS[vendor] if vendor else None
        self.issued = Issued()

    def vendor_for(self, request: Request) -> Vendor:
        """Return whose rules hold for this request."""
        model = (request.body or {}).get("model", "")
        return self.vendor or vendor_of(request.path.split("?")[0], model)

    def check(self, request: Request) -> None:
        """Refuse what the vendor refuses, with an error that looks like its own."""
        vendor = self.vendor_for(request)
        if self.vendor is OPENAI:
            check_key(request.headers)
        try:
            vendor.check(request, self.issued)
        except Refused as refused:
            if vendor.error is None or refused.refusal.body is not None:
                raise
            body = vendor.error(refused.refusal)
            raise Refused(replace(refused.refusal, body=body)) from None

    def answer(self, request: Request, script: Script) -> Script:
        """Note calls and reasoning; count as the vendor counts."""
        body: Body = request.body
        vendor = self.vendor_for(request)
        if script.status == 200:
            whole = script.whole is not None and not body.get("stream")
            with suppress(*UNREADABLE):  # a hostile script gave out nothing that makes sense
                self.issued.note((script.whole or b"") if whole else script.data)
        return vendor.answer(body, script) if vendor.answer else script


__all__ = ["BASES", "VENDORS", "ChatRules", "Vendor", "is_chat_path", "vendor_of"]
