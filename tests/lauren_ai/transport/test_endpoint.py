"""Where a server is: addresses as people write them, keys of the environment, tokens that end."""

from __future__ import annotations

import pytest

from lauren_ai import LLMConfig, LLMService
from lauren_ai._profiles import get_profile
from lauren_ai._servers import SERVERS
from lauren_ai._transport.openai.endpoint import complete_url, get_base_url, get_ollama_url
from lauren_ai.errors import AgentConfigError, AuthTransportError, TransportError
from tests.servers import FakeOpenAI
from tests.support.wired import GO


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for server in SERVERS.values():
        for name in (*server.keys, *server.addresses, "OPENAI_API_VERSION"):
            monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        (":8080", "http://127.0.0.1:8080/v1"),
        ("::1", "http://[::1]:11434/v1"),
        ("[::]:99", "http://[::1]:99/v1"),
        ('"box:1"', "http://box:1/v1"),
        ("box/ollama", "http://box:11434/ollama/v1"),
        ("https://box/ollama", "https://box/ollama/v1"),
        ("http://box:1/api", "http://box:1/v1"),
        ("http://box:1/v1/chat/completions", "http://box:1/v1"),
        ("http://box:1/api/chat", "http://box:1/v1"),
    ],
)
def test_ollamas_address_in_every_form_that_ollama_takes(written: str, means: str) -> None:
    assert get_ollama_url(written) == means


@pytest.mark.parametrize(
    ("provider", "written", "means"),
    [
        ("openai", "http://box", "http://box/v1"),
        ("openai", "http://box/v1/chat/completions/", "http://box/v1"),
        ("openai", " 'http://box/v1/responses' ", "http://box/v1"),
        ("openai", "http://box/a/v1?key=x", "http://box/a/v1?key=x"),
        ("openai", "https://openrouter.ai", "https://openrouter.ai/api/v1"),
        ("azure", "https://x.openai.azure.com/", "https://x.openai.azure.com/openai/v1"),
        ("azure", "https://x.openai.azure.com/openai", "https://x.openai.azure.com/openai/v1"),
        ("openai", "http://[bad", "http://[bad"),
    ],
)
def test_an_address_is_completed_or_its_endpoint_taken_off(
    provider: str, written: str, means: str
) -> None:
    assert complete_url(written, provider) == means


def test_a_version_of_azure_asks_for_the_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://x.openai.azure.com/")
    config = LLMConfig("azure", "my dep")
    assert get_base_url(config) == "https://x.openai.azure.com/openai/v1"
    monkeypatch.setenv("OPENAI_API_VERSION", "2025-04-01-preview")
    url = "https://x.openai.azure.com/openai/deployments/my%20dep?api-version=2025-04-01-preview"
    assert get_base_url(config) == url
    assert get_profile("azure", "gpt-6.1-sol", url).endpoint == "chat"
    assert get_profile("azure", "gpt-6.1-sol", url.partition("/dep")[0]).endpoint == "responses"


async def ask(config: LLMConfig) -> None:
    service = LLMService.from_config(config)
    try:
        await service.complete(GO)
    finally:
        await service.close()


@pytest.mark.parametrize("name", [n for n, s in SERVERS.items() if s.needs_key and n != "azure"])
async def test_a_missing_key_names_its_variable(name: str) -> None:
    server = SERVERS[name]
    if server.speaks != "openai":
        return
    with pytest.raises(AuthTransportError, match=f"Set {server.describe_keys()}, or pass api_key"):
        await ask(LLMConfig(name, "m"))


async def test_azure_without_an_address_says_where_it_goes() -> None:
    with pytest.raises(TransportError, match="Set AZURE_OPENAI_ENDPOINT to its address"):
        await ask(LLMConfig("azure", "m", api_key="k"))


async def test_azures_key_and_token_go_where_azure_wants_them(openai_server: FakeOpenAI) -> None:
    openai_server.default = openai_server.script()
    openai_server.strict = False
    tokens = iter(["first", "second"])
    url = openai_server.base_url
    for key in ("plain", lambda: next(tokens)):
        config = LLMConfig("azure", "gpt-4.1", api_key=key, base_url=url, max_retries=0)
        service = LLMService.from_config(config)
        for _ in range(2):
            await service.transport.ask("/models")  # type: ignore[attr-defined]
        await service.close()
    headers = [request.headers for request in openai_server.requests]
    assert [h.get("api-key") for h in headers] == ["plain", "plain", None, None]
    assert [h.get("authorization") for h in headers[2:]] == ["Bearer first", "Bearer second"]


async def test_a_token_that_cannot_be_made_is_no_bare_error(openai_server: FakeOpenAI) -> None:
    async def fail() -> str:
        raise RuntimeError("token sk-0123456789abcdef is stale")

    config = LLMConfig("openai", "m", api_key=fail, base_url=openai_server.base_url)
    with pytest.raises(AuthTransportError, match="raised RuntimeError") as caught:
        await ask(config)
    assert "sk-0123" not in str(caught.value)


def test_a_key_that_is_no_text_and_no_function_is_refused() -> None:
    with pytest.raises(AgentConfigError, match="is a int"):
        LLMConfig("openai", "m", api_key=3)  # type: ignore[arg-type]
    with pytest.raises(AgentConfigError, match="not for Anthropic"):
        LLMConfig("anthropic", "m", api_key=lambda: "k")
