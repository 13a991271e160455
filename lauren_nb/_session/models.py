"""Chooses the model: names, aliases, keys of the environment, and the embedded one when all fail.

It opens no connection, except where a server must say which models it has.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from lauren_ai import LLMConfig
from lauren_nb._errors import OptionError
from lauren_nb._session.cassettes import load_player

PROVIDERS = ("anthropic", "openai", "ollama", "local", "replay")
DEFAULT_MODELS = {"anthropic": "claude-sonnet-4-6", "openai": "gpt-5-mini", "local": "smollm2"}
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
    match provider:
        case "anthropic":
            return LLMConfig.for_anthropic(model)
        case "openai":
            return LLMConfig.for_openai(model)
        case "ollama":
            return LLMConfig.for_ollama(model)
        case "local":
            # The first answer of an embedded model waits for its weights and for a busy core.
            return LLMConfig.for_local(model, timeout=600, max_tokens=1024)
    return _build_replay(model)


def _build_replay(file: str) -> LLMConfig:
    """The model that the cassette was recorded with, answering from there."""
    player = load_player(file)
    name = player.contents.get_default_model()
    if not name:
        raise OptionError(f"-m replay:{file}: the cassette is empty. Record it again.")
    return replace(parse_model(name), request_options={"cassette": player})


def _guess_from_environment() -> str:
    environ = os.environ
    if environ.get("ANTHROPIC_API_KEY"):
        return "anthropic"
    if environ.get("OPENAI_BASE_URL"):
        return f"openai:{ANY}"
    if environ.get("OPENAI_API_KEY"):
        return "openai"
    if environ.get("OLLAMA_HOST"):
        return "ollama"
    return "local"


@cache
def get_known_models() -> dict[str, str]:
    """Model names of the offline price table and the provider here that answers for them."""
    from genai_prices.data import providers

    return {
        model.id: provider.id
        for provider in providers
        if provider.id in ("anthropic", "openai")
        for model in provider.models
    }


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
    from lauren_ai._module import build_transport
    from lauren_ai._transport.openai import OpenAITransport, list_models

    transport = build_transport(config)
    assert isinstance(transport, OpenAITransport)
    names = await list_models(transport)
    if not names:
        raise OptionError(f"{config.provider} has no model. Load one there, or name one with -m.")
    return replace(config, model=names[0])
