"""Small files that are what they say: a loopback provider reads their heads, as a real one does."""

from __future__ import annotations

import struct


def make_png(length: int = 0) -> bytes:
    """The head of a picture of 4 × 3 pixels, filled up to `length` bytes."""
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II5B", 4, 3, 8, 2, 0, 0, 0)
    return head + b"p" * (length - len(head))


def make_jpeg(length: int = 0) -> bytes:
    """The same, as a JPEG: its start, and a frame that says the size."""
    head = (
        b"\xff\xd8\xff\xc0\x00\x11\x08" + struct.pack(">HH", 3, 4) + b"\x03" + b"\x01\x11\x00" * 3
    )
    return head + b"j" * (length - len(head))
