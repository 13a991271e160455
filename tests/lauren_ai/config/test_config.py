"""Configurations: checked when made, frozen, shared."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from lauren_ai import (
    AgentConfig,
    LLMConfig,
    LLMService,
    Timeouts,
)
from lauren_ai.errors import AgentConfigError


@pytest.mark.parametrize(
    ("config", "provider"),
    [
        (LLMConfig.for_anthropic("m"), "anthropic"),
        (LLMConfig.for_openai("m"), "openai"),
        (LLMConfig.for_ollama("m"), "ollama"),
        (LLMConfig.for_local(), "local"),
        (LLMConfig.for_testing()[0], "mock"),
    ],
)
def test_each_factory_names_its_provider(config: LLMConfig, provider: str) -> None:
    assert config.provider == provider
    assert config.model
    assert hash(LLMConfig) is not None


@pytest.mark.parametrize(
    "wrong",
    [
        {"provider": "nobody"},
        {"model": ""},
        {"max_tokens": 0},
        {"max_retries": -1},
        {"timeout": 0},
        {"timeout": float("nan")},
        {"api_key": "with space"},
    ],
    ids=str,
)
def test_a_value_that_cannot_work_is_refused_when_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(AgentConfigError):
        LLMConfig(**{"provider": "openai", "model": "m", **wrong})


def test_configurations_are_frozen() -> None:
    for config in (LLMConfig.for_anthropic("m"), AgentConfig(), Timeouts()):
        field = dataclasses.fields(config)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(config, field, "other")


def test_the_repr_shows_where_not_who() -> None:
    config = LLMConfig.for_openai(
        "m",
        base_url="https://me:password1@host:1/v1?token=abc",
        api_key="sk-0123456789",
        default_headers={"x-key": "secret-header"},
        request_options={"headers": {"x-key": "secret-option"}},
    )
    assert repr(config) == ("LLMConfig(provider='openai', model='m', base_url='https://host:1/v1')")


def test_one_timeout_bounds_the_first_content_and_each_next() -> None:
    config = LLMConfig.for_anthropic("m", timeout=5)
    assert config.get_timeouts() == Timeouts(connect=5, first_token=5, idle=5, total=None)
    fine = Timeouts(first_token=1)
    assert config.get_timeouts({"timeouts": fine}) is fine
    assert dataclasses.replace(config, request_options={"timeouts": fine}).get_timeouts() is fine


def test_a_mock_has_no_transport_to_build() -> None:
    with pytest.raises(AgentConfigError, match="Pass one"):
        LLMService.from_config(LLMConfig("mock", "m"))
