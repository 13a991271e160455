"""Which model a name means, and which one answers without a name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from lauren_ai._servers import SERVERS
from lauren_nb._errors import OptionError
from lauren_nb._session.listing import forget_lists, list_models
from lauren_nb._session.models import ANY, choose_config, parse_model, resolve
from tests.servers import FakeOpenAI

VARIABLES = (
    "LAUREN_MODEL",
    *(name for server in SERVERS.values() for name in (*server.keys, *server.addresses)),
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
        ("openai", "openai:gpt-6.1-terra"),
        ("gemini", "gemini:gemini-3.8-flash"),
        ("openrouter:anthropic/claude-opus-5", "openrouter:anthropic/claude-opus-5"),
        ("bedrock:us.anthropic.claude-opus-5-v1:0", "bedrock:us.anthropic.claude-opus-5-v1:0"),
        ("local:hf:owner/repo/file.gguf", "local:hf:owner/repo/file.gguf"),
        ("deepseek-v4-pro", "deepseek:deepseek-v4-pro"),
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
        ("azure", "Unknown model 'azure'"),
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
        ({"OPENAI_API_KEY": "k"}, "openai:gpt-6.1-terra"),
        ({"GOOGLE_API_KEY": "k"}, "gemini:gemini-3.8-flash"),
        ({"GROQ_API_KEY": " "}, "local:smollm2"),
        ({"XAI_API_KEY": "k", "MISTRAL_API_KEY": "k"}, "mistral:mistral-medium-latest"),
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


@pytest.fixture
def lists() -> Iterator[None]:
    forget_lists()
    yield
    forget_lists()


@pytest.mark.usefixtures("lists")
async def test_tab_offers_what_the_server_has_and_asks_it_once(
    monkeypatch: pytest.MonkeyPatch, openai_server: FakeOpenAI
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", openai_server.base_url)
    found = await asyncio.to_thread(list_models, "-m=openai:g")
    assert found and all(name.startswith("openai:") for name in found)
    assert await asyncio.to_thread(list_models, "openai:") == found
    assert [request.path for request in openai_server.requests] == ["/v1/models"]


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize(
    ("word", "offered"), [("deepseek:", True), ("deepseek", False), ("x:", False)]
)
def test_tab_offers_known_models_without_a_key(word: str, offered: bool) -> None:
    assert ("deepseek:deepseek-v4-pro" in list_models(word)) is offered
