"""Images and documents as Anthropic takes them.

It owns types, sizes and counts; which block may stand where is `content`'s.
https://platform.claude.com/docs/en/build-with-claude/vision and …/pdf-support
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.servers.rules._media import decode, media_type, pixels
from tests.servers.rules._refusal import refuse

Source = Mapping[str, Any]
IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 8000
#: With more images than this in a request, each may have 2000 pixels a side only.
MANY, MANY_PIXELS = 20, 2000
_SOURCES = {
    "image": {"base64": ("media_type", "data"), "url": ("url",), "file": ("file_id",)},
    "document": {
        "base64": ("media_type", "data"),
        "text": ("media_type", "data"),
        "content": ("content",),
        "url": ("url",),
        "file": ("file_id",),
    },
}


def check_image(at: str, source: Source) -> None:
    """The words: anthropics/claude-code issues 2939, 4083 and 9392."""
    where = _check_source(f"{at}.image.source", source, "image")
    if source["type"] != "base64":
        return
    if source["media_type"] not in IMAGES:
        refuse(
            f"{where}.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or "
            "'image/webp'"
        )
    data = decode(source["data"])
    if not data:
        refuse(
            f"{where}.data: Invalid base64 data"
            if data is None
            else f"{where}: image cannot be empty"
        )
    if len(data) > MAX_BYTES:
        refuse(f"{where}: image exceeds 5 MB maximum: {len(data)} bytes > {MAX_BYTES} bytes")
    real = media_type(data)
    if real not in IMAGES:
        refuse("Could not process image")
    if real != source["media_type"]:
        refuse(
            f"{at}.image.source.base64.data: The image was specified using the "
            f"{source['media_type']} media type, but the image appears to be a {real} image"
        )
    if max(pixels(data) or (0,)) > MAX_PIXELS:
        refuse(
            f"{where}.data: At least one of the image dimensions exceed max allowed size: "
            f"{MAX_PIXELS} pixels"
        )


def check_image_count(blocks: Iterable[Mapping[str, Any]], limit: int) -> None:
    """Refuse too many images, and large ones among many."""
    sources = [block["source"] for block in blocks if block["type"] == "image"]
    if len(sources) > limit:
        refuse(f"messages: too many images: {len(sources)} > {limit}")
    if len(sources) <= MANY:
        return
    for source in sources:
        data = decode(source.get("data"))
        if data and max(pixels(data) or (0,)) > MANY_PIXELS:
            refuse(
                "At least one of the image dimensions exceed max allowed size for many-image "
                f"requests: {MANY_PIXELS} pixels"
            )


def check_document(at: str, source: Source) -> None:
    """The words: anthropics/claude-code issue 5563."""
    where = _check_source(f"{at}.document.source", source, "document")
    expected = {"base64": "application/pdf", "text": "text/plain"}.get(source["type"])
    if expected and source["media_type"] != expected:
        refuse(f"{where}.media_type: Input should be '{expected}'")
    if source["type"] == "base64":
        data = decode(source["data"])
        if data is None or media_type(data) != "application/pdf":
            refuse(f"{where}.data: The PDF specified was not valid.")


def _check_source(at: str, source: Source, block: str) -> str:
    """Return the path of the source with its kind, as the API's errors name it."""
    kinds = _SOURCES[block]
    kind = source.get("type")
    if kind not in kinds:
        tags = ", ".join(f"'{name}'" for name in sorted(kinds))
        refuse(
            f"{at}: Input tag '{kind}' found using 'type' does not match any of the expected tags: "
            f"{tags}"
        )
    for name in kinds[kind]:
        if name not in source:
            refuse(f"{at}.{kind}.{name}: Field required")
    for name in source:
        if name not in ("type", *kinds[kind]):
            refuse(f"{at}.{kind}.{name}: Extra inputs are not permitted")
    return f"{at}.{kind}"
