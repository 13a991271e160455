"""Decodes the frames of an AWS event stream into server-sent events, at any cut. It does no I/O.

Amazon Bedrock sends Anthropic's events so. The frames: https://smithy.io/2.0/aws/amazon-eventstream.html
(prelude of total and header lengths with its CRC, headers, payload, CRC of all).
"""

from __future__ import annotations

import binascii
import struct
from base64 import b64decode
from collections.abc import AsyncGenerator, AsyncIterator, Mapping

from lauren_ai._exceptions import TransportError
from lauren_ai._json import MalformedJSONError, decode_json, encode_json

CONTENT_TYPE = "application/vnd.amazon.eventstream"
#: AWS's own limit for a payload, and what may stand around it.
MAX_FRAME = 24 * 1024 * 1024 + 128 * 1024 + 16
_PRELUDE = struct.Struct(">III")
_AROUND = 16  # both CRCs and both lengths
#: Bytes of a header's value, by its type; those of types 6 and 7 tell their length themselves.
_FIXED = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
_TYPES = {
    "throttlingexception": "rate_limit_error",
    "serviceunavailableexception": "overloaded_error",
    "modelnotreadyexception": "overloaded_error",
    "internalserverexception": "api_error",
    "modelstreamerrorexception": "api_error",
    "modeltimeoutexception": "timeout_error",
    "accessdeniedexception": "permission_error",
    "validationexception": "invalid_request_error",
}


def is_event_stream(headers: Mapping[str, str]) -> bool:
    return headers.get("content-type", "").lower().startswith(CONTENT_TYPE)


async def aiter_as_sse(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The body as a server that speaks server-sent events would send it."""
    decoder = EventStreamDecoder()
    async for data in chunks:
        yield decoder.feed(data)


class EventStreamDecoder:
    """Made for one response, fed every read of it; a frame that does not end is no event."""

    __slots__ = ("_tail",)

    def __init__(self) -> None:
        self._tail = bytearray()

    def feed(self, data: bytes) -> bytes:
        """The events that `data` completes, as text. Raises TransportError for broken frames."""
        tail = self._tail
        tail += data
        events: list[bytes] = []
        at = 0
        while len(tail) - at >= _PRELUDE.size:
            total, head, check = _PRELUDE.unpack_from(tail, at)
            if binascii.crc32(tail[at : at + 8]) != check or total < head + _AROUND:
                raise _broken("its length is damaged")
            if total > MAX_FRAME:
                raise _broken(f"it has over {MAX_FRAME >> 20} MiB")
            if len(tail) - at < total:
                break
            frame = bytes(tail[at : at + total])
            if binascii.crc32(frame[:-4]) != int.from_bytes(frame[-4:], "big"):
                raise _broken("its checksum differs")
            start = _PRELUDE.size
            headers = _read_headers(frame[start : start + head])
            events.append(_build_event(headers, frame[start + head : -4]))
            at += total
        del tail[:at]
        return b"".join(events)


def _read_headers(data: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    at = 0
    try:
        while at < len(data):
            end = at + 1 + data[at]
            name, kind = data[at + 1 : end].decode("utf-8", "replace"), data[end]
            at = end + 1
            if kind in (6, 7):
                size = int.from_bytes(data[at : at + 2], "big")
                at += 2
            else:
                size = _FIXED[kind]
            if kind == 7:
                headers[name] = data[at : at + size].decode("utf-8", "replace")
            at += size
    except (IndexError, KeyError) as exc:
        raise _broken("its headers cannot be read") from exc
    return headers


def _build_event(headers: Mapping[str, str], payload: bytes) -> bytes:
    kind = headers.get(":message-type", "event")
    try:
        value = decode_json(payload) if payload else {}
    except MalformedJSONError:
        value = {"message": payload.decode("utf-8", "replace")}
    if not isinstance(value, dict):
        value = {"message": str(value)}
    if kind != "event":
        return _build_error(headers, value)
    data = value.get("bytes")
    if not isinstance(data, str):  # an event of another kind, as its metrics
        return b""
    try:
        inner = b64decode(data, validate=True)
    except ValueError as exc:
        raise _broken("its payload is no base64") from exc
    return b"".join(b"data: %s\n" % line for line in inner.splitlines()) + b"\n"


def _build_error(headers: Mapping[str, str], value: Mapping[str, object]) -> bytes:
    name = headers.get(":exception-type") or headers.get(":error-code") or "error"
    message = value.get("message") or value.get("Message") or headers.get(":error-message") or name
    error = {"type": _TYPES.get(name.lower(), name), "message": str(message)}
    text = encode_json({"type": "error", "error": error})
    return b"event: error\ndata: " + text.encode("utf-8", "replace") + b"\n\n"


def _broken(why: str) -> TransportError:
    return TransportError(
        f"A frame of the event stream cannot be read: {why}. The text so far is kept; ask again."
    )
