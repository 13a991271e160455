"""A file as a block of the question: an image or a PDF as its bytes say, or text under its name.

It trusts neither a file's name nor the type that anyone claims, and keeps no file.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lauren_ai import ContentBlock
from lauren_ai._media import get_media_type, is_pdf
from lauren_nb._errors import OptionError
from lauren_nb._hazards import visible
from lauren_nb._markdown.fences import make_fence
from lauren_nb._prompt.images import MAX_BYTES, to_image_block
from lauren_nb._prompt.namespace import find_name

#: What the block of a file's name begins with.
FILE = "Attached file: "
MAX_TEXT_BYTES = 200_000
#: Before base64, which adds a third: providers take requests of 32 MB at most.
#: https://platform.claude.com/docs/en/build-with-claude/pdf-support
MAX_PDF_BYTES = 22_000_000
MAX_NAME = 80
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def load_files(
    images: Sequence[str], files: Sequence[str], namespace: Mapping[str, Any]
) -> list[ContentBlock]:
    """What a cell sends of `--image` and `--file`. Raises OptionError."""
    blocks = [_load_image(name, namespace) for name in images]
    return blocks + [_load_file(name, namespace) for name in files]


def _load_image(name: str, namespace: Mapping[str, Any]) -> ContentBlock:
    """What `--image` sends: a figure, a picture, bytes or a path of the namespace, or the image
    file of this path. Raises OptionError."""
    value = _find(name, namespace, "--image")
    block = value if isinstance(value, ContentBlock) else to_image_block(value)
    if block is None:
        title, data = _read(value, name, "--image")
        block = build_file_block(title, data)
    if block.type != "image":
        raise OptionError(f"--image {name}: that is no image. Send it with --file.")
    return block


def _load_file(name: str, namespace: Mapping[str, Any]) -> ContentBlock:
    """What `--file` sends: a PDF, an image or text, by a path or by a name of the namespace.
    Raises OptionError."""
    value = _find(name, namespace, "--file")
    block = value if isinstance(value, ContentBlock) else to_image_block(value)
    return build_file_block(*_read(value, name, "--file")) if block is None else block


def build_file_block(name: str, data: bytes) -> ContentBlock:
    """What is sent of a file. Raises OptionError: too large, or neither image, PDF nor text."""
    try:
        media_type = get_media_type(data)
    except ValueError:
        if is_pdf(data):
            check_size(name, len(data), MAX_PDF_BYTES, "a PDF")
            return ContentBlock.document_block(data, title=name)
        return _build_text(name, data)
    check_size(name, len(data), MAX_BYTES, "an image")
    return ContentBlock.image_block(data, media_type=media_type)


def read_path(path: Path) -> bytes:
    """The bytes of a file; one that is too large for its kind is not read whole, and what is no
    file (a pipe, a device: they may block for ever) not at all. Raises OSError, ValueError."""
    with open(path, "rb", opener=_open_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("that is no file, but a pipe or a device")
        data = file.read(1024)
        most, kind = _get_limit(data)
        size = os.fstat(file.fileno()).st_size
        check_size(clean_name(path.name), size, most, kind)
        return data + file.read(most)


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


def _find(name: str, namespace: Mapping[str, Any], option: str) -> Any:
    """The value of that name; a word that no variable begins is a path."""
    plain = unicodedata.normalize("NFKC", name)  # as Python reads a name in code
    head = plain.partition(".")[0]
    if not _DOTTED.fullmatch(plain) or (head not in namespace and Path(name).exists()):
        return Path(name)
    try:
        return find_name(plain, namespace, option=option)
    except OptionError as exc:
        raise OptionError(f"{exc} Nor is there a file {name!r} in {os.getcwd()}.") from exc


def _read(value: Any, name: str, option: str) -> tuple[str, bytes]:
    if isinstance(value, bytes | bytearray | memoryview):
        return name, bytes(value)
    if not isinstance(value, str | os.PathLike):
        raise OptionError(
            f"{option} {name}: a {type(value).__name__} is no file. Use a path, the bytes of a "
            f"file, a figure or a PIL image; {{{{ {name} }}}} in the text sends a value."
        )
    try:
        path = Path(value).expanduser()
        return clean_name(path.name), read_path(path)
    except OSError as exc:
        raise OptionError(f"{option} {name}: {exc.strerror}: {str(path)!r}.") from exc
    except ValueError as exc:  # a path with a null character
        raise OptionError(f"{option} {name}: {exc}.") from exc


def _open_at_once(path: str, flags: int) -> int:
    """Without waiting for the writer of a pipe. Windows has no such pipes among its files."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _get_limit(data: bytes) -> tuple[int, str]:
    """The bytes that a file may have which begins so, and what it is."""
    try:
        get_media_type(data)
    except ValueError:
        return (MAX_PDF_BYTES, "a PDF") if is_pdf(data) else (MAX_TEXT_BYTES, "a text file")
    return MAX_BYTES, "an image"


def _build_text(name: str, data: bytes) -> ContentBlock:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise OptionError(
            f"{name} is neither a PNG, JPEG, GIF or WebP image, nor a PDF, nor UTF-8 text."
        )
    check_size(name, len(data), MAX_TEXT_BYTES, "a text file")
    fence = make_fence(text)
    label = f"{name} · {format_size(len(data))}"
    return ContentBlock.text_block(f"{FILE}{label}\n\n{fence}\n{text.rstrip()}\n{fence}")
