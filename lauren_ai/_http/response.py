"""Turns one opened HTTP response into lists of chunks. It makes no request of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from lauren_ai._exceptions import (
    CassetteMissError,
    TransientTransportError,
    TransportError,
)
from lauren_ai._http.advice import get_retry_after
from lauren_ai._http.errors import (
    build_status_error,
    build_stream_error,
    describe_error_body,
    get_request_id,
)
from lauren_ai._json import MalformedJSONError, decode_json
from lauren_ai._secrets.redaction import redact_error
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._types import CompletionChunk

#: Bytes that are read at the most: of one JSON body in place of a stream, of an answer to a request
#: that wants no stream, of an error.
MAX_BODY = 4 * 1024 * 1024
MAX_ANSWER = 256 * 1024 * 1024
MAX_ERROR_BODY = 64 * 1024
#: Seconds to wait for what an error says; its status is known already.
ERROR_BODY_S = 2.0
#: Seconds to read past the end of an answer, so that the connection can be used again.
DRAIN_S = 0.25


@dataclass(slots=True)
class WireResponse:
    """An HTTP response as the wire gave it; `chunks` yields its body, decompressed, as read."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


#: Opens a response, and closes its connection on the way out. A cassette stands in for it.
OpenedWire = AbstractAsyncContextManager[WireResponse]


class ChunkDecoder(Protocol):
    """A provider's parser: made for one response, fed every read, ended once. It does no I/O."""

    snapshot: Accumulator
    done: bool

    def feed(self, data: bytes, chunks: list[CompletionChunk]) -> None:
        """Append the chunks of one read to `chunks`: where it raises, those before still count."""
        ...

    def feed_json(self, value: dict[str, Any], chunks: list[CompletionChunk]) -> None:
        """Append the chunks of a whole response from a server that did not stream."""
        ...

    def end(self) -> list[CompletionChunk]:
        """Called at the end of the body unless `done`. Raises StreamTruncatedError."""
        ...


async def aiter_chunks(
    opened: OpenedWire, decoder: ChunkDecoder, *, secrets: Iterable[str | None] = ()
) -> AsyncGenerator[list[CompletionChunk], None]:
    """The chunks of each read as a list; raises TransportError with the partial text. `secrets`
    are what the provider may echo and an error must not show."""
    snapshot = decoder.snapshot
    headers: Mapping[str, str] = {}
    try:
        async with _accepted(opened, snapshot) as response:
            headers = response.headers
            decided = False
            async for data in response.chunks:
                chunks: list[CompletionChunk] = []
                try:
                    if not decided and (start := data.lstrip()):
                        decided = True
                        if not _begins_stream(start, headers):
                            body = await read_body(response, data)
                            _read_whole(decoder, response, body, chunks)
                    if not decoder.done:
                        decoder.feed(data, chunks)
                except TransportError:
                    if chunks:
                        yield chunks
                    raise
                yield chunks
                if decoder.done:
                    await _drain(response)
                    return
            yield decoder.end()
    except CassetteMissError:  # without secrets already, and long for its diff
        raise
    except TransportError as exc:
        exc.partial_text = exc.partial_text or snapshot.text
        exc.request_id = exc.request_id or snapshot.request_id
        exc.provider = exc.provider or snapshot.provider
        if exc.retry_after is None and isinstance(exc, TransientTransportError):
            exc.retry_after = get_retry_after(headers)
        redact_error(exc, secrets)
        raise


@asynccontextmanager
async def _accepted(opened: OpenedWire, snapshot: Accumulator) -> AsyncIterator[WireResponse]:
    """The response, where the provider took the request. Else raises TransportError with what it
    said, as far as that came: of an error the rest may be endless, slow or broken."""
    head: bytearray | None = None
    try:
        async with opened as response:
            snapshot.request_id = get_request_id(response.headers)
            if 200 <= response.status < 300:
                yield response
                return
            head = bytearray()
            await read_refusal(response.chunks, head)
            raise _build_refusal(response, head, snapshot)
    except (TransportError, TimeoutError) as exc:
        if head is None or getattr(exc, "status", None) == response.status:
            raise
        error = _build_refusal(response, head, snapshot)
        error.is_replayed = isinstance(exc, TransportError) and exc.is_replayed
        raise error from exc


def _build_refusal(
    response: WireResponse, head: bytearray, snapshot: Accumulator
) -> TransportError:
    body = bytes(head[:MAX_ERROR_BODY])
    return build_status_error(
        snapshot.provider, response.status, response.headers, body, model=snapshot.model
    )


async def read_refusal(chunks: AsyncIterator[bytes], head: bytearray) -> None:
    """Put into `head` as much of an error's body as comes soon. Raises what breaks it."""
    async with asyncio.timeout(ERROR_BODY_S):
        async for data in chunks:
            head += data
            if len(head) >= MAX_ERROR_BODY:
                return


async def fetch_body(opened: OpenedWire, provider: str) -> bytes:
    """The body of a whole answer, embeddings say. Raises TransportError for one that tells of a
    failure, and over 256 MiB."""
    async with _accepted(opened, Accumulator(provider=provider)) as response:
        body = await _read_up_to(response, MAX_ANSWER + 1)
    if len(body) > MAX_ANSWER:
        raise TransportError(
            f"{provider} answered with over {MAX_ANSWER >> 20} MiB. Ask for less at a time.",
            provider=provider,
            status=response.status,
        )
    return body


async def read_body(response: WireResponse, head: bytes) -> bytes:
    """The body of a response that is no stream, from its `head` on. Raises TransportError over
    4 MiB."""
    body = head + await _read_up_to(response, MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise TransportError(
            f"The server answered with over {MAX_BODY >> 20} MiB that are no event stream. "
            "Check what answers at this base URL.",
            status=response.status,
        )
    return body


async def _read_up_to(response: WireResponse, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for data in response.chunks:
        parts.append(data)
        size += len(data)
        if size >= limit:
            break
    return b"".join(parts)[:limit]


def _begins_stream(start: bytes, headers: Mapping[str, str]) -> bool:
    """Whether a body is an event stream. Servers label wrongly, so its first byte goes first: of
    JSON and HTML no field's name begins so, and no JSON begins as a field's name does."""
    if start[0] in b"{[<":
        return False
    kind = headers.get("content-type", "").lower()
    return "html" not in kind and ("json" not in kind or start[0] in b":deir")


def _read_whole(
    decoder: ChunkDecoder, response: WireResponse, body: bytes, chunks: list[CompletionChunk]
) -> None:
    """A server that answers a stream request with one JSON body, or with a page of HTML."""
    provider = decoder.snapshot.provider
    kind = response.headers.get("content-type", "")
    try:
        value = decode_json(body)
    except MalformedJSONError as exc:
        _, text = describe_error_body(body)
        raise TransportError(
            f"{provider} answered with no event stream ({kind or 'no type'}): {text!r}. "
            "Check the base URL; a proxy or a gateway may have answered.",
            status=response.status,
        ) from exc
    if not isinstance(value, dict) or value.get("error") or value.get("object") == "error":
        raise build_stream_error(
            provider, value, status=response.status, model=decoder.snapshot.model
        )
    decoder.feed_json(value, chunks)


async def _drain(response: WireResponse) -> None:
    """Read to the end of the body: a response that is left early costs its connection."""
    try:
        async with asyncio.timeout(DRAIN_S):
            async for _ in response.chunks:
                pass
    except TimeoutError:
        return
