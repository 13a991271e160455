"""Pictures that people's tools and messages hold, as blocks: bytes, figures, what shows itself.

It imports neither matplotlib nor PIL nor IPython; it asks a value to show itself.
"""

from __future__ import annotations

import io
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from lauren_ai._media import get_media_type
from lauren_ai._types import ContentBlock

#: Makes of a value what a model reads, or None to leave it to others.
ToContent = Callable[[Any], "str | ContentBlock | None"]
_SHOWN = ("image/png", "image/jpeg", "image/webp", "image/gif")


def to_image(value: Any) -> ContentBlock | None:
    """The image that a value is: bytes of a PNG, JPEG, GIF or WebP; a figure of matplotlib, or
    axes of one; whatever shows itself as an image in a notebook (PIL's, IPython's). None for any
    other value."""
    if isinstance(value, bytes | bytearray | memoryview):
        return _build(bytes(value))
    if isinstance(value, type):  # a class has the methods of its instances, and is no picture
        return None
    figure = find_figure(value)
    if figure is not None:
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        return _build(buffer.getvalue())
    return _ask(value)


def find_figure(value: Any) -> Any | None:
    """The figure that a value is, or stands in: `plt.subplots()` gives both."""
    kind = type(value)
    if hasattr(kind, "savefig"):
        return value
    if hasattr(kind, "get_figure") and hasattr(kind, "plot"):
        return value.get_figure()
    return None


def _ask(value: Any) -> ContentBlock | None:
    kind = type(value)
    for name in ("_repr_png_", "_repr_jpeg_"):
        if hasattr(kind, name) and (block := _build(_first(getattr(value, name)()))) is not None:
            return block
    if not hasattr(kind, "_repr_mimebundle_"):
        return None
    shown = _first(value._repr_mimebundle_(include=_SHOWN))
    found = (shown.get(kind) for kind in _SHOWN) if isinstance(shown, dict) else ()
    return next((block for data in found if (block := _build(data)) is not None), None)


def _first(shown: Any) -> Any:
    """What is shown, without the metadata that may stand beside it."""
    return shown[0] if isinstance(shown, tuple) and shown else shown


def _build(data: Any) -> ContentBlock | None:
    try:
        data = b64decode(data) if isinstance(data, str) else data
        if isinstance(data, bytes):
            return ContentBlock.image_block(data, media_type=get_media_type(data))
    except ValueError:  # no image of a kind that models read
        return None
    return None
