"""What the bytes of an image or a document say about themselves.

It owns magic numbers and the size that a header tells; each provider's rules own the limits.
"""

from __future__ import annotations

import base64
import binascii
import struct

_MAGIC = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"%PDF": "application/pdf",
}


def decode(data: object) -> bytes | None:
    """Return the bytes of base64 text; None where it is no base64."""
    if not isinstance(data, str):
        return None
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        return None


def media_type(data: bytes) -> str | None:
    """Return the type that the first bytes tell, None where they tell none."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)


def pixels(data: bytes) -> tuple[int, int] | None:
    """Return the width and height of a PNG or GIF, None where the header is short or another."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data.startswith(b"GIF8") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    return None
