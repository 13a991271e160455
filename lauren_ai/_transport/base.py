"""What every transport over HTTP does alike: its clients, its cassette, its secrets, its errors.

It knows no provider's requests and reads no response.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import date
from typing import Any, Generic, TypeVar

from lauren_ai._cassettes.current import get_cassette, open_wire
from lauren_ai._cassettes.file import WireRequest
from lauren_ai._cassettes.player import Cassette, CassettePlayer
from lauren_ai._cassettes.recorder import Secrets
from lauren_ai._config import LLMConfig
from lauren_ai._exceptions import CassetteMissError, TransportError
from lauren_ai._http.clients import LoopClients
from lauren_ai._http.connection import watch_connection
from lauren_ai._http.errors import (
    build_broken_error,
    build_connection_error,
    build_unsendable_error,
)
from lauren_ai._http.response import (
    ChunkDecoder,
    OpenedWire,
    WireResponse,
    aiter_chunks,
    fetch_body,
    read_refusal,
)
from lauren_ai._json import read_count
from lauren_ai._profiles import Learned, Negotiation, Profile, describe_end
from lauren_ai._secrets.find import find_header_secrets, find_url_secrets
from lauren_ai._secrets.redaction import redact_error
from lauren_ai._streaming.request import OnNotice
from lauren_ai._types import CompletionChunk

C = TypeVar("C")
Json = dict[str, Any]
#: What was learned from refusals, of all servers, as long as the process lives.
LEARNED = Learned()
#: A refusal that names a field; others are errors.
REFUSALS = (400, 422)
_MAX_TOLD = 1_000
#: Kept connections that one request tries; after them it is given a failure.
MAX_STALE = 3
_ADDRESSES = ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "OLLAMA_HOST")


class HTTPTransport(Generic[C]):
    """What a transport derives from. `clients` makes one client of type `C` a running event loop,
    when first used; `close` closes it."""

    #: The module that a request imports, and that takes long.
    sdk = ""

    def __init__(
        self, config: LLMConfig, clients: LoopClients[C], *, cassette: Cassette | None = None
    ) -> None:
        self.provider = config.provider
        self._config = config
        self._clients = clients
        self._cassette = cassette
        self._told: set[str] = set()
        self._is_loaded = not self.sdk

    @property
    def is_loaded(self) -> bool:
        """Whether the SDK is imported, or is not needed: a cassette answers without."""
        if isinstance(self._cassette or get_cassette(), CassettePlayer):
            return True
        return self._is_loaded

    async def load(self) -> None:
        """Import the SDK in a thread: a second or more, once a process."""
        await asyncio.to_thread(__import__, self.sdk)
        self._is_loaded = True

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
            lambda: WireRequest(provider=self.provider, method="POST", path=path, body=describe()),
            opener,
            lambda: self._list_secrets(options),
        )
        return aiter_chunks(opened, decoder, secrets=self._list_secrets(options))

    def _get_recorded_paths(self) -> set[str]:
        """Where the requests of the cassette that answers went; none where the wire answers."""
        cassette = self._cassette or get_cassette()
        return cassette.get_paths(self.provider) if isinstance(cassette, CassettePlayer) else set()

    @asynccontextmanager
    async def _negotiate(
        self,
        profile: Profile,
        address: str,
        build: Callable[[Profile], Json],
        send: Callable[[Json], OpenedWire],
        *,
        on_notice: OnNotice | None = None,
        mend: Callable[[str], str | None] = lambda _: None,
    ) -> AsyncIterator[WireResponse]:
        """The answer to a request whose fields the server at `address` may refuse: it is changed
        as the refusal says, sent again, and the person told. All of this is before anything is
        shown. `build` makes the body from what is known of the model by then; `mend` may change
        what it makes after any other refusal, and returns the line that says so."""
        negotiation = Negotiation(LEARNED, address, profile)
        mended = False
        if (end := describe_end(profile, today=date.today())) is not None:
            self._tell(end, on_notice)
        while True:
            with self._map_errors(address, ()):
                body = negotiation.fit(build(negotiation.profile))
            async with AsyncExitStack() as stack:
                response = await self._enter(stack, lambda: send(body))  # noqa: B023 - at once
                if response.status not in REFUSALS:
                    yield response
                    return
                head = bytearray()
                with suppress(TransportError, TimeoutError):  # what came before tells enough
                    await read_refusal(response.chunks, head)
                note = None
                adjustment = negotiation.refused(response.status, bytes(head), body)
                if adjustment is not None:
                    note = adjustment.note
                elif not mended:
                    note = mend(head.decode("utf-8", "replace"))
                    mended = note is not None
                if note is None:
                    yield WireResponse(response.status, response.headers, aiter_once(bytes(head)))
                    return
            self._tell(note, on_notice)

    async def _enter(self, stack: AsyncExitStack, send: Callable[[], OpenedWire]) -> WireResponse:
        """The response of `send`, which is called again where it met a kept connection that the
        server had closed by then: nothing had come of that request."""
        for _ in range(MAX_STALE):
            with watch_connection() as connection:
                try:
                    return await stack.enter_async_context(send())
                except TransportError as error:
                    if not connection.is_stale(error):
                        raise
        return await stack.enter_async_context(send())

    def _tell(self, note: str, on_notice: OnNotice | None) -> None:
        """A line for the person, once."""
        if on_notice is not None and note not in self._told and len(self._told) < _MAX_TOLD:
            self._told.add(note)
            on_notice(note)

    async def _fetch(self, path: str, body: Json | None, opener: Callable[[], OpenedWire]) -> bytes:
        """A whole answer to a POST, or to a GET without a body. Raises TransportError."""
        opened = open_wire(
            self._cassette,
            lambda: WireRequest(
                provider=self.provider,
                method="GET" if body is None else "POST",
                path=path,
                body=body,
            ),
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


async def aiter_once(data: bytes) -> AsyncGenerator[bytes, None]:
    yield data
