"""Which model a name means, and which one answers without a name."""

from __future__ import annotations

import pytest

from lauren_nb._errors import OptionError
from lauren_nb._session.models import ANY, choose_config, parse_model, resolve
from tests.servers import FakeOpenAI

VARIABLES = (
    "LAUREN_MODEL",
    "ANTHROPIC_API_KEY",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OLLAMA_HOST",
)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def choose(name: str | None = None, *, default: str | None = None) -> str:
    config = choose_config(name, default=default, aliases={"fast": "openai:gpt-5-mini"})
    return f"{config.provider}:{config.model}"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("anthropic:claude-x", "anthropic:claude-x"),
        ("openai:org/model:free", "openai:org/model:free"),
        ("ollama:llama3.2:1b", "ollama:llama3.2:1b"),
        ("local:smollm2", "local:smollm2"),
        ("local:C:/models/a.gguf", "local:C:/models/a.gguf"),
        ("anthropic", "anthropic:claude-sonnet-4-6"),
        ("openai", "openai:gpt-5-mini"),
        ("local", "local:smollm2"),
        ("claude-sonnet-4-5", "anthropic:claude-sonnet-4-5"),
        ("gpt-5-mini", "openai:gpt-5-mini"),
        ("fast", "openai:gpt-5-mini"),
    ],
)
def test_name_means_a_provider_and_a_model(name: str, meant: str) -> None:
    assert choose(name) == meant


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("antropic:x", "Unknown provider 'antropic'. Did you mean anthropic?"),
        ("claude-sonet-4-5", "Did you mean claude-sonnet-4-5?"),
        ("fasst", "Did you mean fast?"),
        ("anthropic:", "names no model"),
        ("", "Unknown model ''"),
    ],
)
def test_name_that_means_nothing_is_told_in_one_line(name: str, words: str) -> None:
    with pytest.raises(OptionError) as raised:
        parse_model(name, known=["fast"])
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("variables", "meant"),
    [
        ({}, "local:smollm2"),
        ({"OLLAMA_HOST": "127.0.0.1:1"}, f"ollama:{ANY}"),
        ({"OPENAI_API_KEY": "k"}, "openai:gpt-5-mini"),
        ({"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}, f"openai:{ANY}"),
        ({"ANTHROPIC_API_KEY": "k", "OPENAI_API_KEY": "k"}, "anthropic:claude-sonnet-4-6"),
        ({"ANTHROPIC_API_KEY": "k", "LAUREN_MODEL": "local:smollm2"}, "local:smollm2"),
    ],
)
def test_environment_chooses_without_a_name(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], meant: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert choose() == meant


def test_default_of_the_session_goes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LAUREN_MODEL", "local:smollm2")
    assert choose(default="fast") == "openai:gpt-5-mini"
    assert choose("anthropic:x", default="fast") == "anthropic:x"


async def test_server_is_asked_which_model_it_has(
    monkeypatch: pytest.MonkeyPatch, openai_server: FakeOpenAI
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.base_url)
    config = choose_config(None, default=None, aliases={})
    resolved = await resolve(config)
    assert resolved.model != ANY
    assert any(request.path.endswith("/models") for request in openai_server.requests)
