"""What every transport over HTTP does alike: its clients, its cassette, its secrets, its errors.

It knows no provider's requests and reads no response.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from lauren_ai._cassettes.current import open_wire
from lauren_ai._cassettes.file import WireRequest
from lauren_ai._cassettes.player import Cassette
from lauren_ai._cassettes.recorder import Secrets
from lauren_ai._config import LLMConfig
from lauren_ai._exceptions import CassetteMissError, TransportError
from lauren_ai._http.clients import LoopClients
from lauren_ai._http.errors import (
    build_broken_error,
    build_connection_error,
    build_unsendable_error,
)
from lauren_ai._http.response import ChunkDecoder, OpenedWire, aiter_chunks, fetch_body
from lauren_ai._json import read_count
from lauren_ai._secrets.find import find_header_secrets, find_url_secrets
from lauren_ai._secrets.redaction import redact_error
from lauren_ai._types import CompletionChunk

C = TypeVar("C")
Json = dict[str, Any]
_ADDRESSES = ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "OLLAMA_HOST")


class HTTPTransport(Generic[C]):
    """What a transport derives from. `clients` makes one client of type `C` a running event loop,
    when first used; `close` closes it."""

    def __init__(
        self, config: LLMConfig, clients: LoopClients[C], *, cassette: Cassette | None = None
    ) -> None:
        self.provider = config.provider
        self._config = config
        self._clients = clients
        self._cassette = cassette

    @property
    def config(self) -> LLMConfig:
        """What it was made of; a runner over it takes its model, defaults, limits and retries."""
        return self._config

    async def close(self) -> None:
        """Close the client of this event loop."""
        await self._clients.close()

    def _list_keys(self) -> list[str | None]:
        """The keys that it may send."""
        raise NotImplementedError

    def _list_secrets(self, options: Mapping[str, Any] | None = None) -> Secrets:
        """What a provider or a proxy could echo of what we send; `options` are the request's."""
        return list_secrets(self._config, self._list_keys(), options)

    def _stream(
        self,
        decoder: ChunkDecoder,
        describe: Callable[[], Json],
        opener: Callable[[], OpenedWire],
        *,
        path: str,
        options: Mapping[str, Any],
    ) -> AsyncGenerator[list[CompletionChunk], None]:
        """The chunks of a streamed answer. `describe` makes the body as a cassette keeps it,
        `opener` sends it."""
        opened = open_wire(
            self._cassette,
            lambda: WireRequest(self.provider, "POST", path, describe()),
            opener,
            lambda: self._list_secrets(options),
        )
        return aiter_chunks(opened, decoder, secrets=self._list_secrets(options))

    async def _fetch(self, path: str, body: Json | None, opener: Callable[[], OpenedWire]) -> bytes:
        """A whole answer to a POST, or to a GET without a body. Raises TransportError."""
        opened = open_wire(
            self._cassette,
            lambda: WireRequest(self.provider, "GET" if body is None else "POST", path, body),
            opener,
            self._list_secrets,
        )
        try:
            return await fetch_body(opened, self.provider)
        except CassetteMissError:
            raise
        except TransportError as exc:
            redact_error(exc, self._list_secrets())
            raise

    @contextmanager
    def _map_errors(
        self,
        address: str,
        failures: tuple[type[Exception], ...],
        has_started: Callable[[], bool] = lambda: False,
    ) -> Iterator[None]:
        """Every error of an HTTP client (`failures`) and of the one below it becomes one of
        ours; `has_started` tells whether the answer had begun."""
        from aiohttp import ClientError

        failures = (*failures, ClientError, OSError)
        try:
            yield
        except failures as exc:
            if has_started():
                raise build_broken_error(self.provider, exc) from exc
            cause = exc.__cause__ or exc
            if isinstance(cause, ValueError) and not isinstance(cause, ClientError):
                raise build_unsendable_error(self.provider, cause) from exc
            raise build_connection_error(self.provider, address, cause) from exc
        except (TypeError, ValueError, RecursionError) as exc:
            if has_started():
                raise
            raise build_unsendable_error(self.provider, exc) from exc


def list_secrets(
    config: LLMConfig, keys: Iterable[str | None], options: Mapping[str, Any] | None = None
) -> list[str | None]:
    """What must be neither kept nor shown of a request: its keys, and what its headers and its
    address hold. `options` are the request's own."""
    headers = (config.default_headers, (options or {}).get("headers"))
    addresses = (config.base_url, *map(os.environ.get, _ADDRESSES))
    return [
        *keys,
        *(s for h in headers if isinstance(h, Mapping) for s in find_header_secrets(h)),
        *(s for address in addresses for s in find_url_secrets(address)),
    ]


def read_token_count(answer: object, provider: str) -> int:
    """The count of input tokens in an answer's JSON. Raises TransportError."""
    count = read_count(answer.get("input_tokens")) if isinstance(answer, dict) else None
    if count is None:
        raise TransportError(
            f"{provider} answered a request to count tokens with something else. "
            "Check the base URL.",
            provider=provider,
        )
    return count
