"""The files of a message: checked, and made into blocks of the question, as mentions are.

It trusts neither their names nor the types that a page claims, and keeps no file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lauren_nb._errors import OptionError
from lauren_nb._prompt.files import build_file_block, clean_name, format_size
from lauren_nb.panel._mentions import Mention

MAX_FILES = 8
#: Of one message: a Jupyter server closes the connection over one above 10 MiB (tornado's
#: `websocket_max_message_size`), and the text needs room as well.
MAX_TOTAL_BYTES = 8_000_000


def read_files(claims: object, buffers: Sequence[Any]) -> list[Mention]:
    """One mention for each buffer; `claims` is the page's list of {name, size} in that order.

    Raises OptionError: too many, too large, not as claimed, or neither image, PDF nor UTF-8 text.
    """
    if claims is None and not buffers:
        return []
    if not isinstance(claims, list) or len(claims) != len(buffers):
        raise OptionError("The files did not arrive whole. Send the message again.")
    check_number(len(claims))
    check_total(sum(memoryview(buffer).nbytes for buffer in buffers))
    return [_read_claimed(claim, bytes(b)) for claim, b in zip(claims, buffers, strict=True)]


def read_file(name: object, data: bytes) -> Mention:
    """What is attached of a file: an image or a PDF as its bytes say, or text under its name.
    Raises OptionError: too large, or none of them."""
    name = clean_name(name)
    label = f"{name} · {format_size(len(data))}"
    return Mention(label, build_file_block(name, data), is_file=True)


def check_number(count: int) -> None:
    """Raises OptionError where that many files are too many for one message."""
    if count > MAX_FILES:
        raise OptionError(f"{count} files are too many: a message takes {MAX_FILES}.")


def check_total(size: int) -> None:
    """Raises OptionError where so many bytes in all are too many for one message."""
    if size > MAX_TOTAL_BYTES:
        most = format_size(MAX_TOTAL_BYTES)
        raise OptionError(f"The files are too large: a message takes {most} in all.")


def _read_claimed(claim: object, data: bytes) -> Mention:
    fields = claim if isinstance(claim, dict) else {}
    if fields.get("size") != len(data):
        name = clean_name(fields.get("name"))
        raise OptionError(f"{name} did not arrive whole. Send the message again.")
    return read_file(fields.get("name"), data)
