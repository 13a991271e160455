"""The servers that a person may name: their addresses, the variables that hold their keys, whose
API they speak. It is data; it opens no connection and knows no model but a default.

Sources: each vendor's quickstart, and the names that its own SDK reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Speaks = Literal["messages", "openai", "ollama", "local", "mock"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One server by name.

    Attributes:
        title: how its maker writes it.
        speaks: the transport that asks it.
        base_url: where it is; None where the person or a variable says so.
        path: what follows the host where an address names only that.
        addresses: variables that hold an address, the first that is set counts.
        keys: variables that hold a key, in this order.
        needs_key: whether it answers nobody without one.
        key_header: where the key goes; a token of Azure's goes as a bearer all the same.
        default_model: asked for where only the server is named.
    """

    title: str
    speaks: Speaks = "openai"
    base_url: str | None = None
    path: str = "/v1"
    addresses: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    needs_key: bool = True
    key_header: Literal["authorization", "api-key"] = "authorization"
    default_model: str | None = None

    def describe_keys(self) -> str:
        """The variables for a sentence: "A or B"."""
        return " or ".join(self.keys)


SERVERS: dict[str, Server] = {
    "anthropic": Server(
        title="Anthropic",
        speaks="messages",
        base_url="https://api.anthropic.com",
        addresses=("ANTHROPIC_BASE_URL",),
        keys=("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
        default_model="claude-sonnet-4-6",
    ),
    "openai": Server(
        title="OpenAI",
        base_url="https://api.openai.com/v1",
        addresses=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
        keys=("OPENAI_API_KEY",),
        default_model="gpt-6.1-terra",
    ),
    "gemini": Server(
        title="Google Gemini",
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        path="/v1beta/openai",
        keys=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        default_model="gemini-3.8-flash",
    ),
    # The name of a model is a deployment's. /openai/v1 needs no version; a version in
    # OPENAI_API_VERSION asks for the older addresses.
    # https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
    "azure": Server(
        title="Azure OpenAI",
        path="/openai/v1",
        addresses=("AZURE_OPENAI_ENDPOINT",),
        keys=("AZURE_OPENAI_API_KEY",),
        key_header="api-key",
    ),
    "bedrock": Server(
        title="Amazon Bedrock", speaks="messages", keys=("AWS_BEARER_TOKEN_BEDROCK",)
    ),
    "vertex": Server(title="Google Vertex AI", speaks="messages"),
    "groq": Server(
        title="Groq",
        base_url="https://api.groq.com/openai/v1",
        path="/openai/v1",
        keys=("GROQ_API_KEY",),
        default_model="openai/gpt-oss-120b",
    ),
    "mistral": Server(
        title="Mistral",
        base_url="https://api.mistral.ai/v1",
        keys=("MISTRAL_API_KEY",),
        default_model="mistral-medium-latest",
    ),
    "deepseek": Server(
        title="DeepSeek",
        base_url="https://api.deepseek.com/v1",
        keys=("DEEPSEEK_API_KEY",),
        default_model="deepseek-v4-flash",
    ),
    "moonshot": Server(
        title="Moonshot Kimi",
        base_url="https://api.moonshot.ai/v1",
        keys=("MOONSHOT_API_KEY", "KIMI_API_KEY"),
        default_model="kimi-k3",
    ),
    "xai": Server(
        title="xAI",
        base_url="https://api.x.ai/v1",
        keys=("XAI_API_KEY",),
        default_model="grok-4.7",
    ),
    "openrouter": Server(
        title="OpenRouter",
        base_url="https://openrouter.ai/api/v1",
        path="/api/v1",
        keys=("OPENROUTER_API_KEY",),
    ),
    "ollama": Server(title="Ollama", speaks="ollama", addresses=("OLLAMA_HOST",), needs_key=False),
    "local": Server(
        title="the embedded model", speaks="local", needs_key=False, default_model="smollm2"
    ),
    "mock": Server(title="a mock", speaks="mock", needs_key=False),
}

#: What a person may name; a mock is for tests.
NAMES = tuple(name for name in SERVERS if name != "mock")
