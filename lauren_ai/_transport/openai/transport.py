"""Moves requests to any server that speaks OpenAI's chat completions or Responses, over httpx.

OpenAI, vLLM, llama.cpp, LM Studio, OpenRouter and Ollama's /v1 differ in their base URL and key.
The model's profile says which of the two is spoken: Responses with OpenAI's own.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
)
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from lauren_ai._cassettes.player import Cassette
from lauren_ai._config import LLMConfig, Timeouts
from lauren_ai._exceptions import TransportError
from lauren_ai._http.clients import LoopClients
from lauren_ai._http.connection import make_httpx_client
from lauren_ai._http.errors import build_key_error
from lauren_ai._http.response import ChunkDecoder, WireResponse
from lauren_ai._json import MalformedJSONError, decode_json
from lauren_ai._profiles import Profile, get_profile
from lauren_ai._servers import SERVERS
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.base import HTTPTransport, read_token_count
from lauren_ai._transport.openai import request as chat
from lauren_ai._transport.openai.endpoint import (
    Endpoint,
    get_base_url,
    get_environment_key,
    get_host,
    needs_key,
)
from lauren_ai._transport.openai.events import OpenAIDecoder
from lauren_ai._transport.openai.left_out import iter_left_out
from lauren_ai._transport.openai.messages import Json
from lauren_ai._transport.openai.responses import request as responses
from lauren_ai._transport.openai.responses.events import ResponsesDecoder
from lauren_ai._transport.openai.tokens import call_for_token, find_azure_tokens
from lauren_ai._types import CompletionChunk, Embedding

if TYPE_CHECKING:
    import httpx


class OpenAITransport(HTTPTransport["httpx.AsyncClient"]):
    """Made by `LLMService.from_config`, or with a `client` of httpx that the user made and closes.
    One client a running event loop, made when first used; `close` closes it."""

    sdk = "httpx_aiohttp"

    def __init__(
        self,
        config: LLMConfig,
        *,
        client: httpx.AsyncClient | None = None,
        cassette: Cassette | None = None,
    ) -> None:
        clients = LoopClients(self._make_client, lambda made: made.aclose())
        super().__init__(config, clients, cassette=cassette)
        self._given = client
        self._tokens: list[str] = []  # given out by a callable key, and not to be shown

    async def get_endpoint(self) -> Endpoint:
        """Where to send, with a key that is good now. Raises AuthTransportError where a vendor's
        own server would get none, TransportError where nothing says which server to ask."""
        config = self._config
        base_url = self._get_base_url()
        server = SERVERS[config.provider]
        key = await self._get_key(base_url)
        endpoint = Endpoint(base_url, key, "authorization" if self._tokens else server.key_header)
        if not endpoint.build_headers() and needs_key(config, base_url):
            own = {name.lower() for name in config.default_headers}
            if not own & {"authorization", "api-key"}:
                raise build_key_error(self.provider)
        return endpoint

    def _get_base_url(self) -> str:
        base_url = get_base_url(self._config)
        if base_url is None:
            server = SERVERS[self.provider]
            raise TransportError(
                f"Nothing says where {server.title} is. Set {' or '.join(server.addresses)} to its "
                "address, or pass base_url to LLMConfig.",
                provider=self.provider,
            )
        return base_url

    async def _get_key(self, base_url: str) -> str | None:
        """The configuration's key, or what it calls for one; else a variable's."""
        key = self._config.api_key
        server = SERVERS[self.provider]
        if key is None:
            key = get_environment_key(server, base_url)
        if key is None and self.provider == "azure":
            key = await asyncio.to_thread(find_azure_tokens)
        if key is None or isinstance(key, str):
            return key
        token = await call_for_token(key, self.provider)
        self._tokens = [token]
        return token

    def stream(
        self, request: CompletionRequest, snapshot: Accumulator
    ) -> AsyncGenerator[list[CompletionChunk], None]:
        options = request.request_options
        allow = bool(options.get("allow_truncated"))
        profile = self._choose_endpoint(self.get_profile(request.model))
        owner = self._get_owner(profile)
        path: str = chat.PATH
        build: Callable[..., Json] = chat.build_body
        decoder: ChunkDecoder
        if profile.endpoint == "responses":
            path, build = responses.PATH, responses.build_body
            decoder = ResponsesDecoder(snapshot, owner=owner, allow_truncated=allow)
        else:
            decoder = OpenAIDecoder(snapshot, profile, owner=owner, allow_truncated=allow)

        def write(known: Profile) -> Json:
            return build(request, known, owner=owner)

        return self._stream(
            decoder,
            lambda: write(profile),
            lambda: self._open_stream(path, write, request, profile),
            path=path,
            options=options,
        )

    def get_profile(self, model: str) -> Profile:
        """What a model takes where it is asked: the configuration's own, or one of a request."""
        config = self._config
        if config.profile is not None and model == config.model:
            return config.profile
        return get_profile(self.provider, model, get_base_url(config))

    def _choose_endpoint(self, profile: Profile) -> Profile:
        """The profile's own, or where a recording of another server's was asked: a cassette made
        over a gateway is replayed where nobody knows of that gateway any more."""
        paths = self._get_recorded_paths()
        if profile.endpoint == "responses" and chat.PATH in paths and responses.PATH not in paths:
            return profile.for_endpoint("chat")
        return profile

    def _get_owner(self, profile: Profile) -> str:
        """Who made what a response of this server's holds, and may have it back."""
        if profile.server != "other":
            return profile.server
        return get_host(get_base_url(self._config) or "")

    @asynccontextmanager
    async def _open_stream(
        self,
        path: str,
        build: Callable[[Profile], Json],
        request: CompletionRequest,
        profile: Profile,
    ) -> AsyncIterator[WireResponse]:
        endpoint = await self.get_endpoint()
        options = request.request_options
        headers = options.get("headers")
        timeout = build_timeout(None, self._config.get_timeouts(options))

        def send(body: Json) -> AbstractAsyncContextManager[WireResponse]:
            for note in iter_left_out(request, profile, body):
                self._tell(note, request.on_notice)
            return self._open(endpoint, path, body, headers=headers, timeout=timeout)

        async with self._negotiate(
            profile, endpoint.base_url, build, send, on_notice=request.on_notice
        ) as response:
            yield response

    @asynccontextmanager
    async def _open(
        self,
        endpoint: Endpoint,
        path: str,
        body: Json | None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: httpx.Timeout,
    ) -> AsyncIterator[WireResponse]:
        started = False
        with self._map_client_errors(endpoint, lambda: started):
            client = self._given or await self._clients.get()
            async with client.stream(
                "GET" if body is None else "POST",
                endpoint.build_url(path),
                content=None if body is None else msgspec.json.encode(body),
                headers=self._build_headers(endpoint, headers),
                timeout=timeout,
            ) as response:
                started = True
                yield WireResponse(response.status_code, response.headers, response.aiter_bytes())

    def _map_client_errors(
        self, endpoint: Endpoint, has_started: Callable[[], bool] = lambda: False
    ) -> AbstractContextManager[None]:
        import httpx

        failures = (httpx.HTTPError, httpx.InvalidURL)
        return self._map_errors(endpoint.base_url, failures, has_started)

    def _build_headers(
        self, endpoint: Endpoint, extra: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        headers = {"content-type": "application/json", "accept": "text/event-stream"}
        headers.update(endpoint.build_headers())
        headers.update(self._config.default_headers)
        headers.update(extra or {})
        return headers

    def _list_keys(self) -> list[str | None]:
        key = self._config.api_key
        return [
            *(key if isinstance(key, str) else None,),
            *(os.environ.get(name) for name in SERVERS[self.provider].keys),
            *self._tokens,
        ]

    def _make_client(self) -> httpx.AsyncClient:
        return make_httpx_client(self._get_address(), self._config.verify)

    def _get_address(self) -> str:
        """What a proxy is looked for."""
        return self._get_base_url()

    async def embed(self, texts: Sequence[str], *, model: str) -> list[Embedding]:
        """One vector a text, in order. Raises TransportError."""
        try:
            answer = await self.ask("/embeddings", {"model": model, "input": list(texts)})
            found = {int(e["index"]): [float(x) for x in e["embedding"]] for e in answer["data"]}
            return [Embedding(i, found[i], model) for i in range(len(texts))]
        except (KeyError, TypeError, ValueError, OverflowError) as exc:
            raise TransportError(
                f"{self.provider} answered an embeddings request with something else. "
                "Check that the model makes embeddings.",
                provider=self.provider,
            ) from exc

    async def ask(self, path: str, body: Json | None = None) -> Any:
        """The JSON of a whole answer to a POST, or to a GET without a body. Raises
        TransportError."""
        try:
            return decode_json(await self._fetch(path, body, lambda: self._open_whole(path, body)))
        except MalformedJSONError as exc:
            raise TransportError(
                f"{self.provider} answered with something that is not JSON. Check the base URL.",
                provider=self.provider,
            ) from exc

    @asynccontextmanager
    async def _open_whole(self, path: str, body: Json | None) -> AsyncIterator[WireResponse]:
        endpoint = await self.get_endpoint()
        timeout = build_timeout(self._config.timeout, self._config.get_timeouts())
        async with AsyncExitStack() as stack:
            send = partial(self._open, endpoint, path, body, timeout=timeout)
            yield await self._enter(stack, send)

    async def count_tokens(self, request: CompletionRequest) -> int:
        """The input tokens of `request`, counted by the provider. Raises TransportError, also
        where it has no way to count: chat completions have none."""
        profile = self.get_profile(request.model)
        if profile.endpoint != "responses":
            raise TransportError(
                f"{self.provider} has no endpoint that counts tokens. The usage of a response "
                "tells what it took.",
                provider=self.provider,
            )
        body = responses.build_count_body(request, profile, owner=self._get_owner(profile))
        answer = await self.ask(responses.COUNT_PATH, body)
        return read_token_count(answer, self.provider)


def build_timeout(seconds: float | None, timeouts: Timeouts) -> httpx.Timeout:
    """httpx's limits: connecting has one, reads have ours."""
    import httpx

    return httpx.Timeout(seconds, connect=timeouts.connect)


async def list_models(transport: OpenAITransport) -> list[str]:
    """The names in the server's order, from `GET /models`. Raises TransportError."""
    answer = await transport.ask("/models")
    try:
        return [str(item["id"]).removeprefix("models/") for item in answer["data"]]  # Gemini's
    except (KeyError, TypeError) as exc:
        raise TransportError(
            f"{transport.provider} lists its models in a way that cannot be read. "
            "Name a model with -m.",
            provider=transport.provider,
        ) from exc
