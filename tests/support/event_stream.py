"""Writes the frames of an AWS event stream, as Amazon Bedrock sends them."""

from __future__ import annotations

import base64
import binascii
import json
import struct


def build_frame(payload: bytes, headers: dict[str, str]) -> bytes:
    head = b"".join(
        bytes([len(name)])
        + name.encode()
        + b"\x07"
        + struct.pack(">H", len(value))
        + value.encode()
        for name, value in headers.items()
    )
    prelude = struct.pack(">II", 16 + len(head) + len(payload), len(head))
    prelude += struct.pack(">I", binascii.crc32(prelude))
    frame = prelude + head + payload
    return frame + struct.pack(">I", binascii.crc32(frame))


def build_event(data: bytes) -> bytes:
    """One of Anthropic's events, wrapped."""
    payload = json.dumps({"bytes": base64.b64encode(data).decode()}).encode()
    kinds = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
    return build_frame(payload, kinds)


def build_exception(kind: str, message: str) -> bytes:
    payload = json.dumps({"message": message}).encode()
    return build_frame(payload, {":exception-type": kind, ":message-type": "exception"})


def wrap(sse: bytes) -> bytes:
    """A body of server-sent events as frames."""
    events = [part.split(b"data: ", 1)[1] for part in sse.split(b"\n\n") if b"data: " in part]
    return b"".join(map(build_event, events))
