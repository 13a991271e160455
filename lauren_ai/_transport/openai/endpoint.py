"""Where an OpenAI-compatible server is, and what it is told of who asks. It sends nothing."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

from lauren_ai._config import LLMConfig

OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is, and its key; both may hold secrets, so neither is shown."""

    base_url: str = field(repr=False)
    api_key: str | None = field(default=None, repr=False)

    def build_url(self, path: str) -> str:
        """The address of `path`, before the query. User and password are left out: HTTP clients
        log addresses."""
        try:
            parts = urlsplit(self.base_url)
        except ValueError:  # the client says what is wrong with it
            return self.base_url + path
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path.rstrip("/") + path, parts.query, ""))

    @property
    def authorization(self) -> str | None:
        """The header: the key, else the address's own user and password."""
        if self.api_key:
            return f"Bearer {self.api_key}"
        user = get_user(self.base_url)
        return user and f"Basic {b64encode(unquote(user).encode()).decode()}"


def get_user(url: str) -> str | None:
    """What stands before the host in an address: `user:password`, as it is written there."""
    try:
        return urlsplit(url).netloc.rpartition("@")[0] or None
    except ValueError:
        return None


def get_host(url: str) -> str:
    """The host and port of an address, without its user; the address where it has none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or url
    except ValueError:
        return url


def get_openai_endpoint(config: LLMConfig) -> Endpoint:
    """The server of a configuration or the environment. OPENAI_API_KEY is not for a server whose
    address has a user of its own."""
    base_url = config.base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI_URL
    key = config.api_key
    if not key and get_user(base_url) is None:
        key = os.environ.get("OPENAI_API_KEY", "").strip() or None
    return Endpoint(base_url.rstrip("/"), key)


def get_ollama_url(base_url: str | None = None) -> str:
    """The /v1 address of Ollama, from `base_url` or OLLAMA_HOST, which may lack scheme or port.

    Source: https://github.com/ollama/ollama/blob/main/docs/faq.md
    """
    url = (base_url or os.environ.get("OLLAMA_HOST") or "127.0.0.1:11434").strip().rstrip("/")
    if "://" not in url:
        user, at, place = url.rpartition("@")
        host, _, port = place.rpartition(":") if place.count(":") == 1 else (place, "", "11434")
        host = "127.0.0.1" if host == "0.0.0.0" else host
        url = f"http://{user}{at}{host}:{port or '11434'}"
    return url if url.endswith("/v1") else f"{url}/v1"
