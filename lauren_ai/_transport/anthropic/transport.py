"""Moves requests to Anthropic's Messages API through a client of the `anthropic` SDK.

The SDK does keys, connections and the clients of clouds; it builds no event objects: the
response's bytes are decoded by `events.py`. Retries are the stream's, for every provider alike, so
that they see what was shown already.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lauren_ai._cassettes.player import Cassette
from lauren_ai._cassettes.recorder import Secrets
from lauren_ai._config import LLMConfig
from lauren_ai._exceptions import TransportError
from lauren_ai._http.clients import LoopClients
from lauren_ai._http.errors import (
    build_key_error,
    build_status_error,
    build_unsendable_error,
)
from lauren_ai._http.response import WireResponse
from lauren_ai._json import MalformedJSONError, decode_json
from lauren_ai._profiles import Profile, get_profile
from lauren_ai._secrets.find import find_header_secrets
from lauren_ai._secrets.redaction import redact
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport.anthropic.clients import (
    build_cloud_error,
    check_client,
    get_server,
    list_keys,
    make_client,
    post,
)
from lauren_ai._transport.anthropic.events import AnthropicDecoder
from lauren_ai._transport.anthropic.request import (
    COUNT_PATH,
    PATH,
    Json,
    MessagesRequest,
    build_count_body,
    build_request,
    describe_body,
    describe_count_body,
)
from lauren_ai._transport.base import HTTPTransport, read_token_count
from lauren_ai._types import CompletionChunk, Embedding

if TYPE_CHECKING:
    import httpx2
    from anthropic import AsyncAnthropic


class AnthropicTransport(HTTPTransport["AsyncAnthropic"]):
    """Made by `LLMService.from_config`, or with a `client` of the user's own making (any of the
    SDK's: Bedrock, Vertex, Foundry, …), which the user closes. One client a running event loop,
    made when first used.
    """

    sdk = "anthropic"

    def __init__(
        self,
        config: LLMConfig,
        *,
        client: AsyncAnthropic | None = None,
        cassette: Cassette | None = None,
    ) -> None:
        check_client(client)
        clients = LoopClients(lambda: make_client(config), lambda made: made.close())
        super().__init__(config, clients, cassette=cassette)
        self._given = client

    def stream(
        self, request: CompletionRequest, snapshot: Accumulator
    ) -> AsyncGenerator[list[CompletionChunk], None]:
        profile = self.get_profile(request.model)
        allow = bool(request.request_options.get("allow_truncated"))
        ask = _Asking(request, self._get_owner(profile))
        decoder = AnthropicDecoder(snapshot, allow_truncated=allow, owner=ask.owner)

        def build(profile: Profile) -> Json:
            built = ask.build(profile)
            decoder.prefix = built.prefix
            return built.body

        return self._stream(
            decoder,
            lambda: describe_body(request),
            lambda: self._open(ask, profile, build),
            path=PATH,
            options=request.request_options,
        )

    def get_profile(self, model: str) -> Profile:
        """What a model takes where it is asked."""
        config = self._config
        if config.profile is not None and model == config.model:
            return config.profile
        if self._given is None:
            base_url = config.base_url or os.environ.get("ANTHROPIC_BASE_URL")
            return get_profile(self.provider, model, base_url)
        server = get_server(self._given)
        base_url = str(self._given.base_url) if server == "anthropic" else None
        return get_profile(server, model, base_url)

    def _get_owner(self, profile: Profile) -> str:
        """Who made what a response holds, and may have it back: Claude, wherever it is asked, or
        another vendor's server."""
        if profile.vendor in ("anthropic", ""):
            return "anthropic"
        address = self._config.base_url or os.environ.get("ANTHROPIC_BASE_URL") or ""
        return profile.server if profile.server != "other" else urlsplit(address).netloc

    @asynccontextmanager
    async def _open(
        self, ask: _Asking, profile: Profile, build: Callable[[Profile], Json]
    ) -> AsyncIterator[WireResponse]:
        client = await self._get_client()
        options = ask.request.request_options
        timeout = self._build_timeout(None, options)

        def send(body: Json) -> AbstractAsyncContextManager[WireResponse]:
            for note in ask.notes:
                self._tell(note, ask.request.on_notice)
            headers = ask.build_headers(options.get("headers"))
            return self._post(client, PATH, body, headers=headers, timeout=timeout)

        async with self._negotiate(
            profile,
            str(client.base_url),
            build,
            send,
            on_notice=ask.request.on_notice,
            mend=ask.mend,
        ) as response:
            yield response

    @asynccontextmanager
    async def _post(
        self,
        client: AsyncAnthropic,
        path: str,
        body: Json,
        *,
        headers: Mapping[str, str],
        timeout: httpx2.Timeout,
    ) -> AsyncIterator[WireResponse]:
        started = False
        with self._map_sdk_errors(client, lambda: started):
            async with post(client, path, body, headers=headers, timeout=timeout) as response:
                started = True
                yield response

    @contextmanager
    def _map_sdk_errors(
        self, client: AsyncAnthropic, has_started: Callable[[], bool]
    ) -> Iterator[None]:
        import anthropic
        import httpx2

        failures = (anthropic.APIError, httpx2.HTTPError)
        with self._map_errors(str(client.base_url), failures, has_started):
            try:
                yield
            except anthropic.APIStatusError as exc:
                response = exc.response
                body = response.content if response.is_stream_consumed else str(exc)
                raise build_status_error(
                    self.provider, response.status_code, response.headers, body
                ) from exc
            except anthropic.APIConnectionError as exc:
                cause = exc.__cause__
                if isinstance(cause, Exception) and (
                    error := build_cloud_error(self.provider, cause)
                ):
                    raise error from exc
                raise
            except anthropic.APIError:
                raise
            except anthropic.AnthropicError as exc:  # it asked nobody: "… not supported in …"
                reason = redact(str(exc)).rstrip(".")
                raise TransportError(
                    f"The anthropic SDK did not send the request: {reason}.",
                    provider=self.provider,
                ) from exc
            except (TransportError, httpx2.HTTPError, OSError):
                raise
            except Exception as exc:
                if has_started():
                    raise
                if "authentication" in str(exc):
                    raise build_key_error(self.provider) from exc
                if error := build_cloud_error(self.provider, exc):
                    raise error from exc
                if isinstance(exc, (TypeError, AttributeError)):
                    raise build_unsendable_error(self.provider, exc) from exc
                raise

    async def _get_client(self) -> AsyncAnthropic:
        if self._given is not None:
            return self._given
        await self.load()  # also for what no stream asks: a count of tokens
        return await self._clients.get()

    def _build_timeout(
        self, seconds: float | None, options: Mapping[str, Any] | None = None
    ) -> httpx2.Timeout:
        import httpx2

        return httpx2.Timeout(seconds, connect=self._config.get_timeouts(options).connect)

    def _list_secrets(self, options: Mapping[str, Any] | None = None) -> Secrets:
        """What a provider or a proxy could echo of what we send; `options` are the request's."""
        found = [*super()._list_secrets(options)]
        if self._given is not None:  # it may send keys of its own
            headers = self._given.default_headers.items()
            own = {k: v for k, v in headers if not k.lower().startswith("x-stainless-")}
            found += [*find_header_secrets(own), *map(str, self._given.default_query.values())]
        return found

    def _list_keys(self) -> list[str | None]:
        return [
            self._config.api_key or os.environ.get("ANTHROPIC_API_KEY"),
            os.environ.get("ANTHROPIC_AUTH_TOKEN"),
            *(list_keys(self._given) if self._given is not None else ()),
        ]

    async def embed(self, texts: Sequence[str], *, model: str) -> list[Embedding]:
        """Raises TransportError: Anthropic has no embeddings endpoint."""
        raise TransportError(
            "Anthropic has no embeddings endpoint. Use LLMConfig.for_openai(…) or for_ollama(…) "
            "with an embedding model.",
            provider=self.provider,
        )

    async def count_tokens(self, request: CompletionRequest) -> int:
        """The input tokens of `request`, its tools counted too, as the provider counts them."""
        profile = self.get_profile(request.model)
        body = build_count_body(request, profile, owner=self._get_owner(profile))
        answer = await self._fetch(
            COUNT_PATH, describe_count_body(request), lambda: self._open_count(body)
        )
        try:
            return read_token_count(decode_json(answer), self.provider)
        except MalformedJSONError:
            return read_token_count(None, self.provider)

    @asynccontextmanager
    async def _open_count(self, body: Json) -> AsyncIterator[WireResponse]:
        client = await self._get_client()
        timeout = self._build_timeout(self._config.timeout)
        async with self._post(client, COUNT_PATH, body, headers={}, timeout=timeout) as response:
            yield response


class _Asking:
    """One request's attempts at one server: what was built last, and whether the thoughts of its
    history go with it."""

    def __init__(self, request: CompletionRequest, owner: str) -> None:
        self.request = request
        self.owner = owner
        self._with_thinking = True
        self._built: MessagesRequest | None = None

    def build(self, profile: Profile) -> MessagesRequest:
        self._built = build_request(
            self.request, profile, owner=self.owner, with_thinking=self._with_thinking
        )
        return self._built

    @property
    def notes(self) -> Sequence[str]:
        return self._built.notes if self._built is not None else ()

    def build_headers(self, own: object) -> dict[str, str]:
        headers: dict[str, str] = {}
        if self._built is not None and self._built.version is not None:
            headers["anthropic-version"] = self._built.version
        return headers | dict(own) if isinstance(own, Mapping) else headers

    def mend(self, text: str) -> str | None:
        """Thoughts that are refused (another account's, another conversation's) stay behind."""
        if not self._with_thinking or "thinking" not in text or "nvalid" not in text:
            return None
        if not any(word in text for word in ("signature`", "`data`", "is bound to")):
            return None
        self._with_thinking = False
        return (
            f"{self.request.model} takes its earlier thoughts of this conversation no more: sent "
            "without them."
        )
