"""From a provider and a model's name to its profile: one table, read once a name."""

from __future__ import annotations

import re
from functools import lru_cache

from lauren_ai._profiles import anthropic, openai, others
from lauren_ai._profiles.lifecycle import get_end
from lauren_ai._profiles.names import MAX_NAME, read_name, read_server, read_vendor, strip_name
from lauren_ai._profiles.profile import Profile, Row
from lauren_ai._profiles.servers import fit_to_server

TABLE: dict[str, tuple[Row, ...]] = {
    "anthropic": anthropic.ROWS,
    "openai": openai.ROWS,
    "google": others.GOOGLE,
    "deepseek": others.DEEPSEEK,
    "moonshot": others.MOONSHOT,
    "xai": others.XAI,
    "mistral": others.MISTRAL,
    "alibaba": others.ALIBABA,
    "meta": others.META,
    "zai": others.ZAI,
    "minimax": others.MINIMAX,
}
#: Whose model a name is that says nothing of itself, at a server with one vendor's models.
_HOUSE = {
    "anthropic": "anthropic",
    "openai": "openai",
    "gemini": "google",
    "deepseek": "deepseek",
    "moonshot": "moonshot",
    "xai": "xai",
    "mistral": "mistral",
}
#: Their row is for any of their models: the server says what is taken.
_OPEN = ("alibaba", "meta", "zai", "minimax")
_CLOUDS = ("anthropic", "bedrock", "vertex")


def get_profile(provider: str, model: str, base_url: str | None = None) -> Profile:
    """The profile of `model` at a provider, or at the server behind `base_url`.

    A name that the table does not know counts as the newest of its family, since it is younger
    than this table. Where nothing at all is known, all is None."""
    return _get_profile(provider, model[:MAX_NAME], base_url)


@lru_cache(maxsize=512)
def _get_profile(provider: str, model: str, base_url: str | None) -> Profile:
    server = read_server(provider, base_url)
    stripped = strip_name(model)
    vendor = read_vendor(stripped) or _HOUSE.get(server)
    if server == "mock":
        return Profile(name=model, server=server, family="mock", structured="tool", stop=True)
    if vendor is None:
        profile = Profile(name=model, server=server, known=False)
        if server == "azure":
            # A deployment's name is free text. Every chat model there takes this field.
            profile = profile.with_(vendor="openai", token_field="max_completion_tokens")
    else:
        name = read_name(stripped, vendor)
        row = find_row(vendor, name)
        end = get_end(stripped, name) if server in _HOUSE else None
        profile = Profile(
            name=model,
            family=row.family,
            vendor=vendor,
            server=server,
            known=not row.newest or vendor in _OPEN,
            ends=end.day if end else None,
            successor=end.successor if end else None,
            **row.changes,
        )
    speaks_messages = provider.lower() in _CLOUDS and (
        provider.lower() == "anthropic" or vendor == "anthropic"
    )
    is_deployment = "/deployments/" in (base_url or "")
    return fit_to_server(profile, speaks_messages=speaks_messages, is_deployment=is_deployment)


def find_row(vendor: str, name: str) -> Row:
    """The first row of a vendor that stands for a name in the table's spelling."""
    return next(row for row in TABLE[vendor] if re.match(row.pattern, name))
