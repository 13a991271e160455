"""Moves requests to Anthropic's Messages API through the `anthropic` SDK's client.

The SDK does keys, connections and the clients for Bedrock and Vertex; it builds no event objects:
the response's bytes are decoded by `_anthropic_events`. Retries are the stream's, for every
provider alike, so that they see what was shown already. Works with anthropic 2.x.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from lauren_ai._accumulate import Accumulator
from lauren_ai._config import LLMConfig
from lauren_ai._exceptions import (
    AuthTransportError,
    StreamTruncatedError,
    TransportError,
)
from lauren_ai._transport._anthropic_events import AnthropicDecoder
from lauren_ai._transport._anthropic_request import build_body
from lauren_ai._transport._base import CompletionRequest
from lauren_ai._transport._errors import build_connection_error, build_status_error
from lauren_ai._transport._http import WireResponse, aiter_chunks
from lauren_ai._transport._types import CompletionChunk, Embedding

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

ClientFactory = Callable[[], "AsyncAnthropic"]


class AnthropicTransport:
    """Made by `LLMService.from_config`, or with a `client` of the user's own making (Bedrock,
    Vertex, a proxy), which the user closes. One client a running event loop, made when first used.
    """

    provider = "anthropic"

    def __init__(self, config: LLMConfig, *, client: AsyncAnthropic | None = None) -> None:
        self._config = config
        self._given = client
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncAnthropic]
        self._clients = WeakKeyDictionary()

    def stream(
        self, request: CompletionRequest, snapshot: Accumulator
    ) -> AsyncGenerator[list[CompletionChunk], None]:
        allow = bool(request.request_options.get("allow_truncated"))
        decoder = AnthropicDecoder(snapshot, allow_truncated=allow)
        return aiter_chunks(self._open(request), decoder)

    @asynccontextmanager
    async def _open(self, request: CompletionRequest) -> AsyncIterator[WireResponse]:
        import anthropic
        import httpx2

        client = await self._get_client()
        body = build_body(request, adaptive_thinking=_wants_adaptive_thinking(request.model))
        headers = request.request_options.get("headers")
        started = False
        try:
            # `extra_body` is the whole body: it replaces the typed arguments unseen, so a long
            # history is not walked by the SDK's transforms.
            async with client.messages.with_streaming_response.create(
                model=request.model,
                max_tokens=request.max_tokens,
                messages=[],
                stream=True,
                extra_body=body,
                extra_headers=headers,
                timeout=httpx2.Timeout(None, connect=self._config.get_timeouts().connect),
            ) as response:
                started = True
                http = response.http_response
                yield WireResponse(http.status_code, http.headers, http.aiter_bytes())
        except anthropic.APIStatusError as exc:
            raise self._map_status_error(exc) from exc
        except anthropic.APIConnectionError as exc:
            raise build_connection_error(
                self.provider, str(client.base_url), exc.__cause__ or exc
            ) from exc
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as exc:
            raise self._map_broken_read(exc, str(client.base_url), started=started) from exc
        except TypeError as exc:
            if "authentication" not in str(exc):
                raise
            raise _no_key() from exc

    async def _get_client(self) -> AsyncAnthropic:
        if self._given is not None:
            return self._given
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            await asyncio.to_thread(__import__, "anthropic")  # half a second, once a process
            client = self._clients[loop] = self._make_client()
        return client

    def _make_client(self) -> AsyncAnthropic:
        import anthropic

        return anthropic.AsyncAnthropic(
            api_key=self._config.api_key,
            base_url=self._config.base_url,
            default_headers=dict(self._config.default_headers) or None,
            max_retries=0,
            # aiohttp reads bytes at a quarter of the cost of httpx's own loop (SPEED.md).
            http_client=anthropic.DefaultAioHttpClient(),
        )

    def _map_status_error(self, exc: Any) -> TransportError:
        response = exc.response
        body = response.content if response.is_stream_consumed else str(exc)
        return build_status_error(self.provider, response.status_code, response.headers, body)

    def _map_broken_read(self, exc: Exception, address: str, *, started: bool) -> TransportError:
        if not started:
            return build_connection_error(self.provider, address, exc)
        return StreamTruncatedError(
            f"The connection to {self.provider} broke before the answer was complete "
            f"({type(exc).__name__}). The text so far is kept; ask again.",
            provider=self.provider,
        )

    async def embed(self, texts: Sequence[str], *, model: str) -> list[Embedding]:
        """Raises TransportError: Anthropic has no embeddings endpoint."""
        raise TransportError(
            "Anthropic has no embeddings endpoint. Use LLMConfig.for_openai(…) or for_ollama(…) "
            "with an embedding model.",
            provider=self.provider,
        )

    async def count_tokens(self, request: CompletionRequest) -> int:
        """The input tokens of `request`, counted by the provider."""
        import anthropic

        client = await self._get_client()
        body = build_body(request)
        for key in ("max_tokens", "stream", "temperature", "top_p", "stop_sequences"):
            body.pop(key, None)
        try:
            result = await client.messages.count_tokens(
                model=request.model, messages=[], extra_body=body
            )
        except anthropic.APIStatusError as exc:
            raise self._map_status_error(exc) from exc
        except anthropic.APIConnectionError as exc:
            raise build_connection_error(self.provider, str(client.base_url), exc) from exc
        return result.input_tokens

    async def close(self) -> None:
        """Close the client of this event loop, unless the user gave it."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.close()


def _wants_adaptive_thinking(model: str) -> bool:
    """Newer models take no thinking budget; the SDK keeps the list of them."""
    from anthropic.resources.messages import messages

    models = getattr(messages, "MODELS_TO_WARN_WITH_THINKING_ENABLED", ())
    return model in models


def _no_key() -> AuthTransportError:
    return AuthTransportError(
        "No key for Anthropic. Set ANTHROPIC_API_KEY, or pass api_key to LLMConfig.",
        provider="anthropic",
    )
