"""What Python attaches to a panel's message: paths, pictures, figures, bytes, content blocks.

Their sizes and errors are those of a page's files, `_files.py`.
"""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Iterable
from pathlib import Path

from lauren_ai import ContentBlock
from lauren_ai._media import get_media_type
from lauren_nb._errors import OptionError
from lauren_nb._prompt.files import clean_name, read_path
from lauren_nb._prompt.images import to_image_block
from lauren_nb.panel._files import check_number, check_total, read_file
from lauren_nb.panel._mentions import Mention


def attach(values: object) -> list[Mention]:
    """One mention for each value of a list. Raises OptionError: it cannot be attached or read, is
    too large, or there are too many.

    On the caller's thread: a figure draws itself where it lives.
    """
    if isinstance(values, str | bytes | os.PathLike) or not isinstance(values, Iterable):
        raise OptionError("Give the files as a list: files=[…].")
    given = list(values)
    check_number(len(given))
    mentions, total = list[Mention](), 0
    for value in given:
        mention, size = _attach_one(value)
        total += size
        check_total(total)
        mentions.append(mention)
    return mentions


def _attach_one(value: object) -> tuple[Mention, int]:
    """The mention and its size in bytes."""
    if isinstance(value, str | os.PathLike):
        name, data = _read_path(Path(value).expanduser())
    elif isinstance(value, bytes | bytearray | memoryview):
        name, data = _name_picture(bytes(value))
    else:
        block = value if isinstance(value, ContentBlock) else to_image_block(value)
        if block is None:
            raise OptionError(
                f"A {type(value).__name__} cannot be attached. Give a path, a matplotlib figure, a "
                "PIL image, the bytes of an image, or a ContentBlock; @name in the text brings a "
                "variable along."
            )
        if (url := (block.source or {}).get("url")) is not None:
            return Mention(f"{clean_name(url)} · by its address", block, is_file=True), 0
        if block.type == "document":
            title = clean_name((block.raw or {}).get("title") or "document.pdf")
            return Mention(title, block, is_file=True), 0
        name, data = _read_block(block)
    return read_file(name, data), len(data)


def _read_path(path: Path) -> tuple[str, bytes]:
    """The file's name and bytes; one that is too large for its kind is not read whole."""
    try:
        return path.name, read_path(path)
    except (OSError, ValueError) as exc:  # ValueError: a path with a null character, a pipe
        raise OptionError(f"{str(path)!r} cannot be attached: {exc}") from exc


def _read_block(block: ContentBlock) -> tuple[str, bytes]:
    if block.type == "text":
        return "text", (block.text or "").encode()
    if block.type != "image" or block.source is None:
        raise OptionError(
            f"A ContentBlock of type {block.type!r} cannot be attached: use text_block or "
            "image_block."
        )
    try:
        data = b64decode(block.source.get("data", ""))
    except ValueError:
        data = b""
    return _name_picture(data)


def _name_picture(data: bytes) -> tuple[str, bytes]:
    """As a page names what is pasted: image.png."""
    media_type = _find_type(data)
    if media_type is None:
        raise OptionError("These bytes are no PNG, JPEG, GIF or WebP image. Give a file's path.")
    return f"image.{media_type.partition('/')[2]}", data


def _find_type(data: bytes) -> str | None:
    try:
        return get_media_type(data)
    except ValueError:
        return None
