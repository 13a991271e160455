"""The files of a message: checked, and made into blocks of the question, as mentions are.

It trusts neither their names nor the types that a page claims, and keeps no file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lauren_ai._media import get_media_type
from lauren_ai._types import ContentBlock
from lauren_nb._errors import OptionError
from lauren_nb._hazards import visible
from lauren_nb._markdown.fences import make_fence
from lauren_nb._prompt.images import MAX_BYTES
from lauren_nb.panel._mentions import FILE, Mention

MAX_FILES = 8
MAX_TEXT_BYTES = 200_000
#: Of one message: a Jupyter server closes the connection over one above 10 MiB (tornado's
#: `websocket_max_message_size`), and the text needs room as well.
MAX_TOTAL_BYTES = 8_000_000
MAX_NAME = 80


def read_files(claims: object, buffers: Sequence[Any]) -> list[Mention]:
    """One mention for each buffer; `claims` is the page's list of {name, size} in that order.

    Raises OptionError: too many, too large, not as claimed, or neither an image nor UTF-8 text.
    """
    if claims is None and not buffers:
        return []
    if not isinstance(claims, list) or len(claims) != len(buffers):
        raise OptionError("The files did not arrive whole. Send the message again.")
    check_number(len(claims))
    check_total(sum(memoryview(buffer).nbytes for buffer in buffers))
    return [_read_claimed(claim, bytes(b)) for claim, b in zip(claims, buffers, strict=True)]


def read_file(name: object, data: bytes) -> Mention:
    """What is attached of a file: an image as its bytes say, or text under its name. Raises
    OptionError: too large, or neither."""
    name = clean_name(name)
    label = f"{name} · {format_size(len(data))}"
    try:
        media_type = get_media_type(data)
    except ValueError:
        return _read_text(name, label, data)
    check_size(name, len(data), MAX_BYTES, "an image")
    return Mention(label, ContentBlock.image_block(data, media_type=media_type), is_file=True)


def check_number(count: int) -> None:
    """Raises OptionError where that many files are too many for one message."""
    if count > MAX_FILES:
        raise OptionError(f"{count} files are too many: a message takes {MAX_FILES}.")


def check_total(size: int) -> None:
    """Raises OptionError where so many bytes in all are too many for one message."""
    if size > MAX_TOTAL_BYTES:
        most = format_size(MAX_TOTAL_BYTES)
        raise OptionError(f"The files are too large: a message takes {most} in all.")


def check_size(name: str, size: int, most: int, kind: str) -> None:
    """Raises OptionError where one file is larger than its `kind` may be."""
    if size > most:
        told = f"{name} has {format_size(size)}: {kind} may have {format_size(most)}."
        raise OptionError(told)


def clean_name(name: object) -> str:
    """A file's name for people and models: no folders, nothing hidden, of bounded length."""
    last = re.split(r"[/\\]", name)[-1] if isinstance(name, str) else ""
    # The escapes may be longer than what they stand for, so the length is cut after them.
    shown = visible(last[-1000:]).strip() or "file"
    return shown if len(shown) <= MAX_NAME else f"{shown[: MAX_NAME - 21]}…{shown[-20:]}"


def format_size(size: int) -> str:
    """Bytes as the page shows them: 980 B, 31 kB, 3.7 MB."""
    if size < 1000:
        return f"{size} B"
    return f"{round(size / 1000)} kB" if size < 999_500 else f"{size / 1_000_000:.1f} MB"


def _read_claimed(claim: object, data: bytes) -> Mention:
    fields = claim if isinstance(claim, dict) else {}
    if fields.get("size") != len(data):
        name = clean_name(fields.get("name"))
        raise OptionError(f"{name} did not arrive whole. Send the message again.")
    return read_file(fields.get("name"), data)


def _read_text(name: str, label: str, data: bytes) -> Mention:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise OptionError(f"{name} is neither a PNG, JPEG, GIF or WebP image nor UTF-8 text.")
    check_size(name, len(data), MAX_TEXT_BYTES, "a text file")
    fence = make_fence(text)
    block = f"{FILE}{label}\n\n{fence}\n{text.rstrip()}\n{fence}"
    return Mention(label, ContentBlock.text_block(block), is_file=True)
