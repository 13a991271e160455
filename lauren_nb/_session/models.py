"""Chooses the model: names, aliases, keys of the environment, and the embedded one when all fail.

It opens no connection, except where a server must say which models it has.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from lauren_ai import LLMConfig
from lauren_ai._profiles import KNOWN_MODELS
from lauren_ai._servers import NAMES, SERVERS
from lauren_nb._errors import OptionError
from lauren_nb._session.cassettes import load_player

PROVIDERS = (*NAMES, "replay")
DEFAULT_MODELS = {
    name: model for name in NAMES if (model := SERVERS[name].default_model) is not None
}
#: Stands for the first model that a server lists; asked when the run begins.
ANY = "*"


def choose_config(
    name: str | None, *, default: str | None, aliases: Mapping[str, str]
) -> LLMConfig:
    """The configuration that `-m name` means, or what to use without it.

    Without a name: the session's default, LAUREN_MODEL, the keys that the environment has, the
    embedded model. Raises OptionError in one line for a name that means nothing.
    """
    chosen = name or default or os.environ.get("LAUREN_MODEL") or _guess_from_environment()
    return parse_model(aliases.get(chosen, chosen), known=[*aliases])


def parse_model(name: str, *, known: list[str] | None = None) -> LLMConfig:
    """`provider:model`, or a model's name alone where the price table knows whose it is."""
    provider, colon, model = name.partition(":")
    if not colon and provider in DEFAULT_MODELS:
        model = DEFAULT_MODELS[provider]
    elif not colon and provider == "ollama":
        model = ANY
    elif not colon or provider not in PROVIDERS:
        found = get_known_models().get(name)
        if found is None:
            raise OptionError(_explain_unknown(name, known or []))
        provider, model = found, name
    if not model:
        raise OptionError(f"Model {name!r} names no model. Write {provider}:NAME.")
    return _build(provider, model)


def _build(provider: str, model: str) -> LLMConfig:
    if provider == "replay":
        return _build_replay(model)
    # The first answer of an embedded model waits for its weights and for a busy core.
    limits: dict[str, Any] = {"timeout": 600, "max_tokens": 1024} if provider == "local" else {}
    return LLMConfig(provider, model, **limits)


def _build_replay(file: str) -> LLMConfig:
    """The model that the cassette was recorded with, answering from there."""
    player = load_player(file)
    name = player.contents.get_default_model()
    if not name:
        raise OptionError(f"-m replay:{file}: the cassette is empty. Record it again.")
    return replace(parse_model(name), request_options={"cassette": player})


def _guess_from_environment() -> str:
    environ = os.environ
    if environ.get("OPENAI_BASE_URL") and not environ.get("ANTHROPIC_API_KEY"):
        return f"openai:{ANY}"
    for name in DEFAULT_MODELS:
        if any(environ.get(variable, "").strip() for variable in SERVERS[name].keys):
            return name
    return "ollama" if environ.get("OLLAMA_HOST") else "local"


@cache
def get_known_models() -> dict[str, str]:
    """Model names that tell by themselves who answers for them: those of the offline tables of
    prices and of models, newest first."""
    from genai_prices.data import providers

    known = {name: provider for provider, names in KNOWN_MODELS.items() for name in names}
    for provider in providers:
        if provider.id in ("anthropic", "openai"):
            for model in provider.models:
                known.setdefault(model.id, provider.id)
    return known


def _explain_unknown(name: str, known: list[str]) -> str:
    head, colon, _ = name.partition(":")
    pool = [*PROVIDERS] if colon else [*known, *PROVIDERS, *get_known_models()]
    close = difflib.get_close_matches(head if colon else name, pool, n=1)
    hint = f"Did you mean {close[0]}? " if close else ""
    what = f"provider {head!r}" if colon else f"model {name!r}"
    return f"Unknown {what}. {hint}Write provider:model, with one of: {', '.join(PROVIDERS)}."


def describe_model(config: LLMConfig) -> str:
    """`provider:model`, or in words what stands for the first model of a server."""
    if config.model == ANY:
        return f"{config.provider}, the first model that its server lists"
    return f"{config.provider}:{config.model}"


async def resolve(config: LLMConfig) -> LLMConfig:
    """`config` with a real model in place of ANY: the first that its server lists.

    Raises TransportError where the server does not answer, OptionError where it has none.
    """
    if config.model != ANY:
        return config
    names = await fetch_models(config)
    if not names:
        raise OptionError(f"{config.provider} has no model. Load one there, or name one with -m.")
    return replace(config, model=names[0])


async def fetch_models(config: LLMConfig) -> list[str]:
    """The names that a server lists, in its order; those of the table where it lists none of its
    own accord. Raises TransportError."""
    from lauren_ai._module import build_transport
    from lauren_ai._transport.openai import OpenAITransport, list_models

    if SERVERS[config.provider].speaks not in ("openai", "ollama"):
        return [*KNOWN_MODELS.get(config.provider, ())]
    transport = build_transport(config)
    assert isinstance(transport, OpenAITransport)
    try:
        return await list_models(transport)
    finally:
        await transport.close()
