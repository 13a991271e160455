"""Where a server that speaks OpenAI's APIs is, and what it hears of who asks. It sends nothing."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from lauren_ai._config import LLMConfig
from lauren_ai._profiles.names import read_server
from lauren_ai._servers import SERVERS, Server

#: What people paste with an address: the endpoint itself.
_PASTED = re.compile(
    r"/(?:chat/completions|completions|responses|embeddings|models|messages|api/chat"
    r"|api/generate|api/tags)/*\Z"
)
#: Ollama's own: https://github.com/ollama/ollama/blob/main/envconfig/config.go
_OLLAMA_PORT = 11434
_ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is, and its key; both may hold secrets, so neither is shown."""

    base_url: str = field(repr=False)
    api_key: str | None = field(default=None, repr=False)
    #: "api-key" on Azure, which takes a token as a bearer all the same.
    key_header: str = "authorization"

    def build_url(self, path: str) -> str:
        """The address of `path`, before the query. User and password are left out: HTTP clients
        log addresses."""
        try:
            parts = urlsplit(self.base_url)
        except ValueError:  # the client says what is wrong with it
            return self.base_url + path
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, host, parts.path.rstrip("/") + path, parts.query, ""))

    def build_headers(self) -> dict[str, str]:
        """The key, else the address's own user and password."""
        if self.api_key and self.key_header != "authorization":
            return {self.key_header: self.api_key}
        return {"authorization": self.authorization} if self.authorization else {}

    @property
    def authorization(self) -> str | None:
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


def get_base_url(config: LLMConfig) -> str | None:
    """The address of a configuration, a variable or the table; None where none of them has one."""
    server = SERVERS[config.provider]
    if server.speaks == "ollama":
        return get_ollama_url(config.base_url)
    given = config.base_url or _read_first(server.addresses) or server.base_url
    if given is None:
        return None
    base_url = complete_url(given, config.provider)
    version = (os.environ.get("OPENAI_API_VERSION") or "").strip()
    if config.provider == "azure" and version and base_url.endswith(server.path):
        model = quote(config.model, safe="")
        root = base_url.removesuffix("/v1")
        return f"{root}/deployments/{model}?api-version={quote(version, safe='')}"
    return base_url


def complete_url(url: str, provider: str) -> str:
    """An address as people write it: without the path that its server has, or with the endpoint."""
    url = url.strip().strip("\"'")
    try:
        parts = urlsplit(url)
    except ValueError:  # the client says what is wrong with it
        return url
    path = _PASTED.sub("", parts.path).rstrip("/")
    if not path:
        known = SERVERS.get(read_server(provider, url))
        path = (known or SERVERS["openai"]).path
    elif path == "/openai" and parts.netloc.endswith(".azure.com"):
        path = "/openai/v1"
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def get_environment_key(server: Server, base_url: str) -> str | None:
    """The key that a variable holds; none for an address that has a user of its own."""
    return _read_first(server.keys) if get_user(base_url) is None else None


def needs_key(config: LLMConfig, base_url: str) -> bool:
    """Whether nobody is answered there without a key: a vendor's own server, not one of another's
    that speaks as it does."""
    server = SERVERS[config.provider]
    if not server.needs_key:
        return False
    return server.base_url is None or get_host(base_url) == get_host(server.base_url)


def get_ollama_url(base_url: str | None = None) -> str:
    """The /v1 address of Ollama, from `base_url` or OLLAMA_HOST, in any form that Ollama takes."""
    given = base_url or os.environ.get("OLLAMA_HOST") or ""
    url = given.strip().strip("\"'").strip()
    scheme, found, rest = url.partition("://")
    port = ""  # the scheme's own
    if not found:
        scheme, rest, port = "http", url, f":{_OLLAMA_PORT}"
    place, slash, path = rest.partition("/")
    user, at, place = place.rpartition("@")
    host, own_port = _split_place(place)
    host = _ANY_HOST.get(host, host)
    host = f"[{host}]" if ":" in host else host
    path = _PASTED.sub("", slash + path).rstrip("/").removesuffix("/api").removesuffix("/v1")
    port = f":{own_port}" if own_port else port
    return f"{scheme}://{user}{at}{host}{port}{path}/v1"


def _split_place(place: str) -> tuple[str, str]:
    """Host and port, of a name, an IPv4 or an IPv6 address with or without brackets."""
    if place.startswith("["):
        host, _, rest = place[1:].partition("]")
        return host, rest.removeprefix(":")
    if place.count(":") > 1:
        return place, ""
    host, _, port = place.partition(":")
    return host, port


def _read_first(variables: tuple[str, ...]) -> str | None:
    values = (os.environ.get(name, "").strip() for name in variables)
    return next(filter(None, values), None)
