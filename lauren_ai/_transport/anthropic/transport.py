"""Moves requests to Anthropic's Messages API through the `anthropic` SDK's client.

The SDK does keys, connections and the clients for Bedrock and Vertex; it builds no event objects:
the response's bytes are decoded by `events.py`. Retries are the stream's, for every
provider alike, so that they see what was shown already. Works with anthropic 2.x.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from typing import TYPE_CHECKING, Any

from lauren_ai._cassettes.player import Cassette
from lauren_ai._cassettes.recorder import Secrets
from lauren_ai._config import LLMConfig
from lauren_ai._exceptions import TransportError
from lauren_ai._http.clients import LoopClients
from lauren_ai._http.errors import (
    build_connection_error,
    build_key_error,
    build_status_error,
    build_unsendable_error,
)
from lauren_ai._http.response import WireResponse, read_refusal
from lauren_ai._json import MalformedJSONError, decode_json
from lauren_ai._secrets.find import find_header_secrets
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.anthropic.events import AnthropicDecoder
from lauren_ai._transport.anthropic.request import Json, build_body
from lauren_ai._transport.base import HTTPTransport, read_token_count
from lauren_ai._types import CompletionChunk, Embedding

if TYPE_CHECKING:
    import httpx2
    from anthropic import AsyncAnthropic
    from anthropic._response import AsyncAPIResponse


class AnthropicTransport(HTTPTransport["AsyncAnthropic"]):
    """Made by `LLMService.from_config`, or with a `client` of the user's own making (Bedrock,
    Vertex, a proxy), which the user closes. One client a running event loop, made when first used.
    """

    def __init__(
        self,
        config: LLMConfig,
        *,
        client: AsyncAnthropic | None = None,
        cassette: Cassette | None = None,
    ) -> None:
        clients = LoopClients(self._make_client, lambda made: made.close())
        super().__init__(config, clients, cassette=cassette)
        self._given = client

    def stream(
        self, request: CompletionRequest, snapshot: Accumulator
    ) -> AsyncGenerator[list[CompletionChunk], None]:
        allow = bool(request.request_options.get("allow_truncated"))
        decoder = AnthropicDecoder(snapshot, allow_truncated=allow)
        return self._stream(
            decoder,
            # Thinking as it was asked for: how the SDK writes it differs from version to version.
            lambda: build_body(request),
            lambda: self._open(request),
            path="/v1/messages",
            options=request.request_options,
        )

    @asynccontextmanager
    async def _open(self, request: CompletionRequest) -> AsyncIterator[WireResponse]:
        client = await self._get_client()
        headers = request.request_options.get("headers")
        body = build_body(request, adaptive_thinking=_wants_adaptive_thinking(request.model))
        import httpx2

        timeouts = self._config.get_timeouts(request.request_options)
        started = False
        with self._map_sdk_errors(client, lambda: started):
            if headers:  # as `extra_headers` the SDK would log them
                client = client.with_options(default_headers=headers)
            # `extra_body` is the whole body: it replaces the typed arguments unseen, so a long
            # history is not walked by the SDK's transforms.
            opened = client.messages.with_streaming_response.create(
                model=request.model,
                max_tokens=request.max_tokens,
                messages=[],
                stream=True,
                extra_body=body,
                timeout=httpx2.Timeout(None, connect=timeouts.connect),
            )
            async with AsyncExitStack() as stack:
                http = await _enter(stack, opened)
                started = True
                yield http

    @contextmanager
    def _map_sdk_errors(
        self, client: AsyncAnthropic, has_started: Callable[[], bool] = lambda: False
    ) -> Iterator[None]:
        import anthropic
        import httpx2

        failures = (anthropic.AnthropicError, httpx2.HTTPError)
        with self._map_errors(str(client.base_url), failures, has_started):
            try:
                yield
            except anthropic.APIStatusError as exc:
                response = exc.response
                body = response.content if response.is_stream_consumed else str(exc)
                raise build_status_error(
                    self.provider, response.status_code, response.headers, body
                ) from exc
            except (TypeError, AttributeError) as exc:
                if has_started():
                    raise
                if "authentication" in str(exc):
                    raise build_key_error(self.provider) from exc
                raise build_unsendable_error(self.provider, exc) from exc

    async def _get_client(self) -> AsyncAnthropic:
        if self._given is not None:
            return self._given
        await asyncio.to_thread(__import__, "anthropic")  # half a second, once a process
        return await self._clients.get()

    def _make_client(self) -> AsyncAnthropic:
        import anthropic
        import httpx2

        key = self._config.api_key or os.environ.get("ANTHROPIC_API_KEY")
        try:
            return anthropic.AsyncAnthropic(
                api_key=key and key.strip(),
                base_url=self._config.base_url,
                default_headers=dict(self._config.default_headers) or None,
                max_retries=0,
                # aiohttp reads bytes at a quarter of the cost of httpx's own loop:
                # docs/design/speed.md#network
                http_client=anthropic.DefaultAioHttpClient(event_hooks={"response": [_refuse]}),
            )
        except httpx2.InvalidURL as exc:
            raise build_connection_error(self.provider, str(self._config.base_url), exc) from exc

    def _list_secrets(self, options: Mapping[str, Any] | None = None) -> Secrets:
        """What a provider or a proxy could echo of what we send; `options` are the request's."""
        found = [*super()._list_secrets(options)]
        if self._given is not None:  # it may send keys of its own
            headers = self._given.default_headers.items()
            own = {k: v for k, v in headers if not k.lower().startswith("x-stainless-")}
            found += [*find_header_secrets(own), *map(str, self._given.default_query.values())]
        return found

    def _list_keys(self) -> list[str | None]:
        client = self._given
        return [
            self._config.api_key or os.environ.get("ANTHROPIC_API_KEY"),
            os.environ.get("ANTHROPIC_AUTH_TOKEN"),
            *((client.api_key, client.auth_token) if client is not None else ()),
        ]

    async def embed(self, texts: Sequence[str], *, model: str) -> list[Embedding]:
        """Raises TransportError: Anthropic has no embeddings endpoint."""
        raise TransportError(
            "Anthropic has no embeddings endpoint. Use LLMConfig.for_openai(…) or for_ollama(…) "
            "with an embedding model.",
            provider=self.provider,
        )

    async def count_tokens(self, request: CompletionRequest) -> int:
        """The input tokens of `request`, counted by the provider."""
        body = build_body(request)
        for key in ("max_tokens", "stream", "temperature", "top_p", "stop_sequences"):
            body.pop(key, None)
        answer = await self._fetch(
            "/v1/messages/count_tokens", body, lambda: self._open_count(request.model, body)
        )
        try:
            return read_token_count(decode_json(answer), self.provider)
        except MalformedJSONError:
            return read_token_count(None, self.provider)

    @asynccontextmanager
    async def _open_count(self, model: str, body: Json) -> AsyncIterator[WireResponse]:
        client = await self._get_client()
        import httpx2

        timeout = httpx2.Timeout(self._config.timeout, connect=self._config.get_timeouts().connect)
        with self._map_sdk_errors(client):
            opened = client.messages.with_streaming_response.count_tokens(
                model=model, messages=[], extra_body=body, timeout=timeout
            )
            async with AsyncExitStack() as stack:
                yield await _enter(stack, opened)


async def _enter(
    stack: AsyncExitStack, opened: AbstractAsyncContextManager[AsyncAPIResponse[Any]]
) -> WireResponse:
    """The response that the SDK opens, also one that it makes an error of."""
    from anthropic import APIConnectionError, APIStatusError

    try:
        http = (await stack.enter_async_context(opened)).http_response
    except APIConnectionError as exc:
        if isinstance(exc.__cause__, _Refused):
            return exc.__cause__.response
        raise
    except APIStatusError as exc:
        http = exc.response
        if http.is_stream_consumed:  # the SDK has read and closed it
            return WireResponse(http.status_code, http.headers, _aiter_once(http.content))
        raise
    return WireResponse(http.status_code, http.headers, http.aiter_bytes())


class _Refused(Exception):
    """Carries an error's response past the SDK."""

    def __init__(self, response: WireResponse) -> None:
        super().__init__(f"status {response.status}")
        self.response = response


async def _refuse(response: httpx2.Response) -> None:
    """Read of an error what comes soon: the SDK would wait for all of it, and of one that breaks
    it would forget the status."""
    import httpx2
    from aiohttp import ClientError

    if not response.is_error:
        return
    head = bytearray()
    # What came before tells enough.
    with suppress(httpx2.HTTPError, ClientError, OSError):
        await read_refusal(response.aiter_bytes(), head)
    raise _Refused(WireResponse(response.status_code, response.headers, _aiter_once(bytes(head))))


async def _aiter_once(data: bytes) -> AsyncGenerator[bytes, None]:
    yield data


def _wants_adaptive_thinking(model: str) -> bool:
    """Newer models take no thinking budget; the SDK keeps the list of them."""
    from anthropic.resources.messages import messages

    models = getattr(messages, "MODELS_TO_WARN_WITH_THINKING_ENABLED", ())
    return model in models
