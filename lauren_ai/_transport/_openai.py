"""Moves requests to any server that speaks OpenAI's chat completions, over httpx.

OpenAI, vLLM, llama.cpp, LM Studio, OpenRouter and Ollama's /v1 differ in their base URL and key.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from lauren_ai._accumulate import Accumulator
from lauren_ai._config import LLMConfig, Timeouts
from lauren_ai._exceptions import TransportError
from lauren_ai._json import MalformedJSONError, decode_json
from lauren_ai._redact import redact_error
from lauren_ai._transport._base import CompletionRequest
from lauren_ai._transport._clients import LoopClients
from lauren_ai._transport._errors import (
    build_broken_error,
    build_connection_error,
    build_encoding_error,
    build_key_error,
    build_status_error,
)
from lauren_ai._transport._http import WireResponse, aiter_chunks, get_header_values
from lauren_ai._transport._openai_events import OpenAIDecoder
from lauren_ai._transport._openai_request import build_body
from lauren_ai._transport._types import CompletionChunk, Embedding

if TYPE_CHECKING:
    import httpx

OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is, and its key; both may hold secrets, so neither is shown."""

    base_url: str = field(repr=False)
    api_key: str | None = field(default=None, repr=False)


class OpenAITransport:
    """Made by `LLMService.from_config`. One httpx client a running event loop, made when first
    used; `close` closes it."""

    def __init__(self, config: LLMConfig) -> None:
        self.provider = config.provider
        self._config = config
        self._clients = LoopClients(_make_client, lambda made: made.aclose())

    async def get_endpoint(self) -> Endpoint:
        """Where to send. Raises AuthTransportError without a key for OpenAI itself."""
        config = self._config
        base_url = config.base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI_URL
        api_key = config.api_key or os.environ.get("OPENAI_API_KEY", "").strip() or None
        if api_key is None and base_url.startswith(OPENAI_URL):
            raise build_key_error(self.provider)
        return Endpoint(base_url.rstrip("/"), api_key)

    def stream(
        self, request: CompletionRequest, snapshot: Accumulator
    ) -> AsyncGenerator[list[CompletionChunk], None]:
        allow = bool(request.request_options.get("allow_truncated"))
        decoder = OpenAIDecoder(snapshot, allow_truncated=allow)
        return aiter_chunks(self._open(request), decoder, secrets=self._get_secrets(request))

    @asynccontextmanager
    async def _open(self, request: CompletionRequest) -> AsyncIterator[WireResponse]:
        endpoint = await self.get_endpoint()
        official = endpoint.base_url.startswith(OPENAI_URL)
        name = "max_completion_tokens" if official else "max_tokens"
        options = request.request_options
        started = False
        with self._map_errors(endpoint, lambda: started):
            client = await self._clients.get()
            async with client.stream(
                "POST",
                f"{endpoint.base_url}/chat/completions",
                content=msgspec.json.encode(build_body(request, max_tokens_name=name)),
                headers=self._build_headers(endpoint, options.get("headers")),
                timeout=_build_timeout(None, self._config.get_timeouts(options)),
            ) as response:
                started = True
                yield WireResponse(response.status_code, response.headers, response.aiter_bytes())

    @contextmanager
    def _map_errors(
        self, endpoint: Endpoint, has_started: Callable[[], bool] = lambda: False
    ) -> Iterator[None]:
        """Every error of httpx and of the client below it becomes one of ours."""
        import httpx
        from aiohttp import ClientError

        try:
            yield
        except UnicodeEncodeError as exc:
            raise build_encoding_error(self.provider) from exc
        except (httpx.HTTPError, httpx.InvalidURL, ClientError, OSError, ValueError) as exc:
            # ValueError: aiohttp's word for headers and addresses that it cannot send.
            if has_started():
                raise build_broken_error(self.provider, exc) from exc
            raise build_connection_error(self.provider, endpoint.base_url, exc) from exc

    def _build_headers(
        self, endpoint: Endpoint, extra: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        headers = {"content-type": "application/json", "accept": "text/event-stream"}
        if endpoint.api_key:
            headers["authorization"] = f"Bearer {endpoint.api_key}"
        headers.update(self._config.default_headers)
        headers.update(extra or {})
        return headers

    def _get_secrets(self, request: CompletionRequest | None = None) -> list[str | None]:
        """What a provider or a proxy could echo of what we send."""
        return [
            self._config.api_key or os.environ.get("OPENAI_API_KEY"),
            *get_header_values(self._config.default_headers),
            *(get_header_values(request.request_options.get("headers")) if request else ()),
        ]

    async def embed(self, texts: Sequence[str], *, model: str) -> list[Embedding]:
        """One vector a text, in order. Raises TransportError."""
        try:
            answer = await self._post("/embeddings", {"model": model, "input": list(texts)})
            found = {int(e["index"]): [float(x) for x in e["embedding"]] for e in answer["data"]}
            return [Embedding(i, found[i], model) for i in range(len(texts))]
        except (KeyError, TypeError, ValueError, OverflowError) as exc:
            raise TransportError(
                f"{self.provider} answered an embeddings request with something else. "
                "Check that the model makes embeddings.",
                provider=self.provider,
            ) from exc
        except TransportError as exc:
            redact_error(exc, self._get_secrets())
            raise

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        endpoint = await self.get_endpoint()
        with self._map_errors(endpoint):
            client = await self._clients.get()
            response = await client.post(
                endpoint.base_url + path,
                content=msgspec.json.encode(body),
                headers=self._build_headers(endpoint),
                timeout=_build_timeout(self._config.timeout, self._config.get_timeouts()),
            )
        if response.status_code >= 400:
            raise build_status_error(
                self.provider, response.status_code, response.headers, response.content
            )
        try:
            return decode_json(response.content)
        except MalformedJSONError as exc:
            raise TransportError(
                f"{self.provider} answered with something that is not JSON. Check the base URL.",
                provider=self.provider,
            ) from exc

    async def count_tokens(self, request: CompletionRequest) -> int:
        """Raises TransportError: the protocol has no way to count."""
        raise TransportError(
            f"{self.provider} has no endpoint that counts tokens. The usage of a response "
            "tells what it took.",
            provider=self.provider,
        )

    async def close(self) -> None:
        """Close the client of this event loop."""
        await self._clients.close()


def _make_client() -> httpx.AsyncClient:
    from httpx_aiohttp import HttpxAiohttpClient

    # aiohttp reads bytes at a quarter of the cost of httpx's own loop (SPEED.md).
    return HttpxAiohttpClient()


def _build_timeout(seconds: float | None, timeouts: Timeouts) -> httpx.Timeout:
    import httpx

    return httpx.Timeout(seconds, connect=timeouts.connect)


class OllamaTransport(OpenAITransport):
    """A running Ollama, through its OpenAI-compatible endpoint."""

    async def get_endpoint(self) -> Endpoint:
        return Endpoint(get_ollama_url(self._config.base_url), self._config.api_key)


def get_ollama_url(base_url: str | None = None) -> str:
    """The /v1 address of Ollama, from `base_url` or OLLAMA_HOST, which may lack scheme or port.

    Source: https://github.com/ollama/ollama/blob/main/docs/faq.md
    """
    url = (base_url or os.environ.get("OLLAMA_HOST") or "127.0.0.1:11434").strip().rstrip("/")
    if "://" not in url:
        host, _, port = url.rpartition(":") if url.count(":") == 1 else (url, "", "11434")
        host = "127.0.0.1" if host == "0.0.0.0" else host
        url = f"http://{host}:{port or '11434'}"
    return url if url.endswith("/v1") else f"{url}/v1"
