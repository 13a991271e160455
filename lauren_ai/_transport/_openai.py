"""Moves requests to any server that speaks OpenAI's chat completions, over httpx.

OpenAI, vLLM, llama.cpp, LM Studio, OpenRouter and Ollama's /v1 differ in their base URL and key.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec

from lauren_ai._accumulate import Accumulator
from lauren_ai._config import LLMConfig
from lauren_ai._exceptions import AuthTransportError, StreamTruncatedError, TransportError
from lauren_ai._transport._base import CompletionRequest
from lauren_ai._transport._errors import build_connection_error, build_status_error
from lauren_ai._transport._http import WireResponse, aiter_chunks
from lauren_ai._transport._openai_events import OpenAIDecoder
from lauren_ai._transport._openai_request import build_body
from lauren_ai._transport._types import CompletionChunk, Embedding

if TYPE_CHECKING:
    import httpx

OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server is, and its key."""

    base_url: str
    api_key: str | None = None


class OpenAITransport:
    """Made by `LLMService.from_config`. One httpx client a running event loop, made when first
    used; `close` closes it."""

    def __init__(self, config: LLMConfig) -> None:
        self.provider = config.provider
        self._config = config
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient]
        self._clients = WeakKeyDictionary()

    async def get_endpoint(self) -> Endpoint:
        """Where to send. Raises AuthTransportError without a key for OpenAI itself."""
        config = self._config
        base_url = config.base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI_URL
        api_key = config.api_key or os.environ.get("OPENAI_API_KEY")
        if api_key is None and base_url.startswith(OPENAI_URL):
            raise AuthTransportError(
                "No key for OpenAI. Set OPENAI_API_KEY, or pass api_key to LLMConfig; for another "
                "server pass its base_url.",
                provider=self.provider,
            )
        return Endpoint(base_url.rstrip("/"), api_key)

    def stream(
        self, request: CompletionRequest, snapshot: Accumulator
    ) -> AsyncGenerator[list[CompletionChunk], None]:
        allow = bool(request.request_options.get("allow_truncated"))
        decoder = OpenAIDecoder(snapshot, allow_truncated=allow)
        return aiter_chunks(self._open(request), decoder)

    @asynccontextmanager
    async def _open(self, request: CompletionRequest) -> AsyncIterator[WireResponse]:
        import httpx

        endpoint = await self.get_endpoint()
        client = self._get_client()
        official = endpoint.base_url.startswith(OPENAI_URL)
        name = "max_completion_tokens" if official else "max_tokens"
        content = msgspec.json.encode(build_body(request, max_tokens_name=name))
        headers = self._build_headers(endpoint, request.request_options.get("headers"))
        url = f"{endpoint.base_url}/chat/completions"
        started = False
        try:
            async with client.stream("POST", url, content=content, headers=headers) as response:
                started = True
                yield WireResponse(response.status_code, response.headers, response.aiter_bytes())
        except (httpx.HTTPError, httpx.StreamError, OSError) as exc:
            if not started:
                raise build_connection_error(self.provider, endpoint.base_url, exc) from exc
            raise StreamTruncatedError(
                f"The connection to {self.provider} broke before the answer was complete "
                f"({type(exc).__name__}). The text so far is kept; ask again.",
                provider=self.provider,
            ) from exc

    def _build_headers(
        self, endpoint: Endpoint, extra: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        headers = {"content-type": "application/json", "accept": "text/event-stream"}
        if endpoint.api_key:
            headers["authorization"] = f"Bearer {endpoint.api_key}"
        headers.update(self._config.default_headers)
        headers.update(extra or {})
        return headers

    def _get_client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            import httpx
            from httpx_aiohttp import HttpxAiohttpClient

            timeout = httpx.Timeout(None, connect=self._config.get_timeouts().connect)
            # aiohttp reads bytes at a quarter of the cost of httpx's own loop (SPEED.md).
            client = self._clients[loop] = HttpxAiohttpClient(timeout=timeout)
        return client

    async def embed(self, texts: Sequence[str], *, model: str) -> list[Embedding]:
        """One vector a text, in order. Raises TransportError."""
        body = {"model": model, "input": list(texts)}
        answer = await self._post("/embeddings", body)
        try:
            return [
                Embedding(int(item["index"]), list(item["embedding"]), model)
                for item in answer["data"]
            ]
        except (KeyError, TypeError, ValueError) as exc:
            raise TransportError(
                f"{self.provider} answered an embeddings request with something else. "
                "Check that the model makes embeddings.",
                provider=self.provider,
            ) from exc

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        import httpx

        endpoint = await self.get_endpoint()
        try:
            response = await self._get_client().post(
                endpoint.base_url + path,
                content=msgspec.json.encode(body),
                headers=self._build_headers(endpoint),
                timeout=self._config.timeout,
            )
        except (httpx.HTTPError, OSError) as exc:
            raise build_connection_error(self.provider, endpoint.base_url, exc) from exc
        if response.status_code >= 400:
            raise build_status_error(
                self.provider, response.status_code, response.headers, response.content
            )
        try:
            return msgspec.json.decode(response.content, type=dict[str, Any])
        except msgspec.DecodeError as exc:
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
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()


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
