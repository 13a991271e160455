"""What a server gives with a turn that only it may have back: thoughts, sealed or not, signatures.

It owns the form in which blocks keep this (`ContentBlock.raw` without a type, beside the server's
name in `provider`), and what stands in for it in turns that another model made. It sends nothing.
Sources: https://ai.google.dev/gemini-api/docs/thought-signatures,
https://api-docs.deepseek.com/guides/thinking_mode, https://platform.kimi.ai/docs/guide/kimi-k2,
https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lauren_ai._json import encode_json
from lauren_ai._profiles import Profile
from lauren_ai._types import ContentBlock

Json = dict[str, Any]

#: The fields of a delta that hold thoughts as text, and where a thinking block keeps which it was.
TEXT_FIELDS = ("reasoning_content", "reasoning")
FIELD = "field"
DETAILS = "reasoning_details"
EXTRA = "extra_content"
#: In place of a signature, in calls that another model made (the page on signatures, its FAQ).
_NO_SIGNATURE = {"google": {"thought_signature": "skip_thought_signature_validator"}}
_MAX_SHOWN = 200


def build_private(blocks: Sequence[ContentBlock], profile: Profile, owner: str) -> Json:
    """The fields of an assistant's message that `owner` gave with it and takes back."""
    fields: Json = {}
    for block in blocks:
        raw = get_own(block, owner)
        if raw is None or block.type == "tool_use":
            continue
        name = raw.get(FIELD)
        if name in TEXT_FIELDS and name in profile.gives_back:
            fields[name] = fields.get(name, "") + (block.text or "")
        details = raw.get(DETAILS)
        if isinstance(details, list) and _takes(profile, DETAILS):
            fields.setdefault(DETAILS, []).extend(details)
        if EXTRA in raw and _takes(profile, "thought_signature"):
            fields[EXTRA] = raw[EXTRA]
    return fields


def build_call_private(block: ContentBlock, profile: Profile, owner: str) -> Json:
    """The same for one call."""
    raw = get_own(block, owner)
    if raw is None or EXTRA not in raw or not _takes(profile, "thought_signature"):
        return {}
    return {EXTRA: raw[EXTRA]}


def add_stand_in(message: Json, profile: Profile) -> None:
    """Into a turn with calls that lacks what the model insists on, since another model made it, or
    an older one: what says so."""
    calls = message.get("tool_calls")
    if not calls or profile.stand_in not in profile.gives_back:
        return
    if profile.stand_in == "thought_signature":
        if EXTRA not in calls[0]:  # the first call of a step has it, the others need none
            calls[0][EXTRA] = _NO_SIGNATURE
    elif profile.stand_in == "reasoning_content" and "reasoning_content" not in message:
        # Each its own: the same words in every turn make the model repeat them.
        # https://github.com/Lingtai-AI/lingtai-kernel/issues/9
        message["reasoning_content"] = f"Another model called {_describe(calls)}."


def get_own(block: ContentBlock, owner: str) -> Json | None:
    """What a block keeps for its server; None where another made it. A block of Responses says
    its type, and means nothing here."""
    if block.raw is None or block.provider != owner or "type" in block.raw:
        return None
    return block.raw


def _takes(profile: Profile, what: str) -> bool:
    """Whether it goes back. A server that nobody knows gave it, and knows what it is."""
    return what in profile.gives_back or profile.server == "other"


def _describe(calls: list[Json]) -> str:
    said = encode_json([[c["function"]["name"], c["function"]["arguments"]] for c in calls])
    return said[1:-1][:_MAX_SHOWN]
