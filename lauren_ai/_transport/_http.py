"""Turns one opened HTTP response into lists of chunks. It makes no request of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from lauren_ai._accumulate import Accumulator
from lauren_ai._exceptions import CassetteMissError, TransportError
from lauren_ai._json import MalformedJSONError, decode_json
from lauren_ai._redact import redact_error
from lauren_ai._transport._errors import (
    build_status_error,
    build_stream_error,
    describe_error_body,
    get_request_id,
)
from lauren_ai._transport._types import CompletionChunk

#: Bytes that are read at the most: of one JSON body in place of a stream, of an answer to a request
#: that wants no stream, of an error.
MAX_BODY = 4 * 1024 * 1024
MAX_ANSWER = 256 * 1024 * 1024
MAX_ERROR_BODY = 64 * 1024
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
    try:
        async with opened as response:
            snapshot.request_id = get_request_id(response.headers)
            if response.status >= 400:
                body = await _read_head(response)
                raise build_status_error(snapshot.provider, response.status, response.headers, body)
            if not _is_stream(response.headers):
                body = await read_body(response)
                chunks: list[CompletionChunk] = []
                try:
                    _read_whole(decoder, response, body, chunks)
                except TransportError:
                    if chunks:
                        yield chunks
                    raise
                yield chunks
                return
            async for data in response.chunks:
                chunks = []
                try:
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
        redact_error(exc, secrets)
        raise


async def fetch_body(opened: OpenedWire, provider: str) -> bytes:
    """The body of a whole answer, embeddings say. Raises TransportError for one that tells of a
    failure, and over 256 MiB."""
    async with opened as response:
        if response.status >= 400:
            head = await _read_head(response)
            raise build_status_error(provider, response.status, response.headers, head)
        body = await _read_up_to(response, MAX_ANSWER + 1)
    if len(body) > MAX_ANSWER:
        raise TransportError(
            f"{provider} answered with over {MAX_ANSWER >> 20} MiB. Ask for less at a time.",
            provider=provider,
            status=response.status,
        )
    return body


async def read_body(response: WireResponse) -> bytes:
    """The body of a response that is no stream. Raises TransportError over 4 MiB."""
    body = await _read_up_to(response, MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise TransportError(
            f"The server answered with over {MAX_BODY >> 20} MiB that are no event stream. "
            "Check what answers at this base URL.",
            status=response.status,
        )
    return body


async def _read_head(response: WireResponse) -> bytes:
    """As much of an error's body as tells what is wrong, were the rest endless or broken."""
    return await _read_up_to(response, MAX_ERROR_BODY)


async def _read_up_to(response: WireResponse, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for data in response.chunks:
        parts.append(data)
        size += len(data)
        if size >= limit:
            break
    return b"".join(parts)[:limit]


def get_header_values(headers: object) -> list[str]:
    """The values of headers that a user gave: keys may be among them."""
    return [str(v) for v in headers.values()] if isinstance(headers, Mapping) else []


def _is_stream(headers: Mapping[str, str]) -> bool:
    kind = headers.get("content-type", "text/event-stream").lower()
    return "json" not in kind and "html" not in kind


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
            f"{provider} answered with {kind} in place of an event stream: {text!r}. "
            "Check the base URL; a proxy or a gateway may have answered.",
            status=response.status,
        ) from exc
    if not isinstance(value, dict) or value.get("error") or value.get("object") == "error":
        raise build_stream_error(provider, value, status=response.status)
    decoder.feed_json(value, chunks)


async def _drain(response: WireResponse) -> None:
    """Read to the end of the body: a response that is left early costs its connection."""
    try:
        async with asyncio.timeout(DRAIN_S):
            async for _ in response.chunks:
                pass
    except TimeoutError:
        return
