"""Figures and pictures as image blocks of a size that models read.

It imports neither matplotlib nor PIL; it asks a value to save itself.
"""

from __future__ import annotations

import io
from typing import Any

from lauren_ai import ContentBlock

#: Pixels of the longer side: what is larger is scaled down by the providers anyway.
#: https://docs.claude.com/en/docs/build-with-claude/vision
MAX_PIXELS = 1568
#: Bytes before base64; the smallest limit of the providers is 5 MB after it.
MAX_BYTES = 3_700_000


def to_image_block(value: Any) -> ContentBlock | None:
    """A matplotlib figure or axes, or a PIL image, as a PNG (a large picture as a JPEG) of at
    most MAX_PIXELS a side; None for any other value."""
    kind = type(value)
    if all(hasattr(kind, name) for name in ("save", "thumbnail", "convert", "size")):
        return _save_picture(value)
    if hasattr(kind, "savefig") and hasattr(kind, "get_size_inches"):
        return _save_figure(value)
    if hasattr(kind, "get_figure") and hasattr(kind, "plot"):
        figure = value.get_figure()
        return None if figure is None else to_image_block(figure)
    return None


def _save_figure(figure: Any) -> ContentBlock:
    dpi = min(float(figure.dpi), MAX_PIXELS / max(map(float, figure.get_size_inches())))
    data = _render_figure(figure, dpi)
    # bbox_inches="tight" may grow the picture around a legend that stands outside.
    longest = max(int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
    if longest > MAX_PIXELS:
        data = _render_figure(figure, dpi * (MAX_PIXELS - 2) / longest)
    return ContentBlock.image_block(data, media_type="image/png")


def _render_figure(figure: Any, dpi: float) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, bbox_inches="tight")
    return buffer.getvalue()


def _save_picture(picture: Any) -> ContentBlock:
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    copy = picture.convert("RGBA" if has_alpha else "L" if picture.mode in "1L" else "RGB")
    copy.thumbnail((MAX_PIXELS, MAX_PIXELS))
    buffer = io.BytesIO()
    copy.save(buffer, format="PNG")
    if buffer.tell() <= MAX_BYTES:
        return ContentBlock.image_block(buffer.getvalue(), media_type="image/png")
    buffer = io.BytesIO()
    copy.convert("RGB").save(buffer, format="JPEG", quality=85)
    return ContentBlock.image_block(buffer.getvalue(), media_type="image/jpeg")
