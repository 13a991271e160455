"""What kind of file some bytes are, by the bytes alone. It opens nothing and scales nothing."""

from __future__ import annotations

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)


def is_pdf(data: bytes) -> bool:
    """Whether readers of PDF take it: the mark may stand anywhere in the first kilobyte."""
    return b"%PDF-" in data[:1024]


def get_media_type(data: bytes) -> str:
    """What the first bytes say, whatever a name says. Raises ValueError for no image."""
    for magic, media_type in _MAGIC:
        if data.startswith(magic):
            return media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":  # a WAV file is a RIFF as well
        return "image/webp"
    raise ValueError("These bytes are no PNG, JPEG, GIF or WebP image.")
