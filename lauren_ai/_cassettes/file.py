"""What a cassette file holds, and how it is written and read. It matches and replays nothing.

The file is JSON that reads well and differs little: requests indented, one line a chunk of the
answer, nothing of the machine that wrote it.

    {"cassette": 1, "default_model": "anthropic:claude-…",
     "exchanges": [{"request": {"provider", "method", "path", "body"},
                    "response": {"status", "headers", "body": [[ms, "text"], …]}}],
     "decisions": [{"tool", "digest", "approved", "by", "at", "reason"}]}

A chunk is its milliseconds since the request and its text. `"encoding": "base64"` stands in a
response whose body is no text; `"ended"` in one that broke, with the error's name, or that its
reader left.
"""

from __future__ import annotations

import base64
import codecs
import errno
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from lauren_ai._exceptions import CassetteError

VERSION = 1
#: The `ended` of a response that its reader left before its end.
LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """A request as a cassette keeps it: without address, headers and keys. `path` is below the
    provider's base URL, `body` the JSON as asked for."""

    provider: str
    method: str
    path: str
    body: dict[str, Any] | None = None

    @property
    def model(self) -> str:
        return str((self.body or {}).get("model", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer. `chunks` are (milliseconds since the request, bytes); `ended` is
    "" for a whole body."""

    request: WireRequest
    status: int
    headers: dict[str, str]
    chunks: tuple[tuple[int, bytes], ...]
    ended: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDecision:
    """What became of a call that needed approval. `digest` is the call's (`FrozenCall.digest`),
    `at` an ISO time, `input` what a person changed the arguments to."""

    tool: str
    digest: str
    approved: bool
    by: str
    at: str
    reason: str = ""
    input: dict[str, Any] | None = None


@dataclass(slots=True)
class Contents:
    """A whole cassette. `default_model` answered where no model was named."""

    exchanges: list[Exchange] = field(default_factory=list)
    decisions: list[RecordedDecision] = field(default_factory=list)
    default_model: str = ""

    def get_default_model(self) -> str:
        """`provider:model`: the default of the recording, else the first that was asked."""
        named = [e.request for e in self.exchanges if e.request.model]
        return self.default_model or (f"{named[0].provider}:{named[0].model}" if named else "")


def decode_text(chunks: Iterable[bytes]) -> list[str] | None:
    """The chunks as text, a character that was cut moved to the chunk that ends it; None where
    the body is not UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        texts = [decoder.decode(chunk) for chunk in chunks]
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return texts


def encode_exchange(exchange: Exchange) -> str:
    """The exchange as it stands in the file."""
    request, response = exchange.request, {"status": exchange.status, "headers": exchange.headers}
    texts = decode_text(data for _, data in exchange.chunks)
    if texts is None:
        texts = [base64.b64encode(data).decode() for _, data in exchange.chunks]
        response["encoding"] = "base64"
    if exchange.ended:
        response["ended"] = exchange.ended
    times = [ms for ms, _ in exchange.chunks]
    response["body"] = [[ms, text] for ms, text in zip(times, texts, strict=True)]
    asked = {"provider": request.provider, "method": request.method, "path": request.path}
    asked_all = asked if request.body is None else {**asked, "body": request.body}
    return write_json({"request": asked_all, "response": response}, indent=4)


def encode_decision(decision: RecordedDecision) -> str:
    """The decision as it stands in the file, what is empty left out."""
    always = ("tool", "digest", "approved", "by", "at")
    value: dict[str, Any] = {name: getattr(decision, name) for name in always}
    if decision.reason:
        value["reason"] = decision.reason
    if decision.input is not None:
        value["input"] = decision.input
    return write_json(value, indent=4)


def join_file(default_model: str, exchanges: Iterable[str], decisions: Iterable[str]) -> str:
    """The file's text from its encoded parts."""
    head = [f'  "cassette": {VERSION}']
    if default_model:
        head.append(f'  "default_model": {_scalar(default_model)}')
    for name, parts in (("exchanges", list(exchanges)), ("decisions", list(decisions))):
        if parts or name == "exchanges":
            head.append(f'  "{name}": [' + ",".join(f"\n    {part}" for part in parts) + "\n  ]")
    return "{\n" + ",\n".join(head) + "\n}\n"


def write_json(value: Any, *, indent: int = 0) -> str:
    """Indented JSON, whose lists and objects of scalars stand on one line if they are short."""
    if not isinstance(value, dict | list) or not value:
        return _scalar(value)
    items = value.values() if isinstance(value, dict) else value
    if not any(isinstance(item, dict | list) and item for item in items):
        line = _scalar(value)
        if len(line) <= 90 or isinstance(value, list):
            return line
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        lines = [f"{_scalar(str(k))}: {write_json(v, indent=indent + 2)}" for k, v in value.items()]
    else:
        lines = [write_json(item, indent=indent + 2) for item in value]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return f"{opening}\n{pad}" + f",\n{pad}".join(lines) + f"\n{' ' * indent}{closing}"


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def save(path: Path, text: str) -> None:
    """Write the file whole or not at all. Raises CassetteError."""
    with _open_beside(path) as beside:
        beside.write_bytes(text.encode("utf-8", "replace"))
        if path.exists():
            shutil.copymode(path, beside)
        os.replace(beside, path)


def check_writable(path: Path) -> None:
    """Raises CassetteError where `save` would. What the file holds stays."""
    with _open_beside(path):
        pass


@contextmanager
def _open_beside(path: Path) -> Iterator[Path]:
    """An empty file next to it, which is read by whom the user's own files are read; it is gone
    at the end."""
    beside = path.parent / f".{path.name}.{secrets.token_hex(8)}"
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.open("xb").close()
            yield beside
        finally:
            beside.unlink(missing_ok=True)
    except OSError as exc:
        reason = exc.strerror or type(exc).__name__
        raise CassetteError(
            f"The cassette {path.name} cannot be written: {reason}. Check the folder, or record to "
            "another file."
        ) from exc


def load(path: Path) -> Contents:
    """What the file holds. Raises CassetteError for a file that is missing or is no cassette."""
    try:
        value = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise CassetteError(
            f"There is no cassette {path.name} here. Record one first, or check the path."
        ) from None
    except (OSError, ValueError, RecursionError) as exc:
        raise CassetteError(f"The cassette {path.name} cannot be read: {exc}.") from exc
    version = value.get("cassette") if isinstance(value, dict) else None
    if version != VERSION:
        what = "is no cassette" if version is None else f"has version {version!r}, not {VERSION}"
        raise CassetteError(f"{path.name} {what}. Record it again.")
    try:
        return Contents(
            list(_read_exchanges(value["exchanges"])),
            [_read_decision(decision) for decision in value.get("decisions", [])],
            str(value.get("default_model", "")),
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as exc:
        raise CassetteError(f"The cassette {path.name} is damaged. Record it again.") from exc


def _read_decision(value: dict[str, Any]) -> RecordedDecision:
    """Checked to the last type: `"approved": "no"` must approve nothing."""
    decision = msgspec.convert(value, RecordedDecision)
    datetime.fromisoformat(decision.at)
    return decision


def _read_exchanges(values: list[dict[str, Any]]) -> Iterator[Exchange]:
    for value in values:
        response = value["response"]
        decode = base64.b64decode if response.get("encoding") == "base64" else str.encode
        yield Exchange(
            request=msgspec.convert(value["request"], WireRequest),
            status=int(response["status"]),
            headers={str(k): str(v) for k, v in response["headers"].items()},
            chunks=tuple((int(ms), decode(text)) for ms, text in response["body"]),
            ended=str(response.get("ended", "")),
        )
