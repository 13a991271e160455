"""The cassette that records what passes between a transport and the wire. A player answers.

The file's format, what counts as the same request, and what is secret are `_cassette*`'s.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from lauren_ai._cassettes.file import (
    LEFT,
    Exchange,
    RecordedDecision,
    WireRequest,
    check_writable,
    decode_text,
    encode_decision,
    encode_exchange,
    join_file,
    save,
)
from lauren_ai._cassettes.match import prepare_request
from lauren_ai._http.advice import get_retry_after
from lauren_ai._http.response import OpenedWire, WireResponse
from lauren_ai._secrets.find import find_environment_secrets
from lauren_ai._secrets.scrub import Scrubber

#: The headers of a response that anything here reads; an hour of day would be past at replay.
_KEPT_HEADERS = ("content-type", "request-id", "x-request-id")

Secrets = Iterable[str | None]


class CassetteRecorder:
    """Made by a user or by `%lauren record`; keeps what every transport that it is given to sends
    and gets. The file is written anew, whole, after each answer; what it held before is lost.

    A response that breaks, or that its reader leaves, is kept as far as it came; one that a person
    interrupts is not, and neither is a connection that was never made. Nothing is asked while the
    file cannot be written. Safe in any thread.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).absolute()
        self._lock = threading.Lock()
        self._exchanges: list[str | None] = []  # encoded, in the order of their requests
        self._decisions: list[str] = []
        self._default_model = ""
        self._secrets: set[str | None] = set()
        self._is_behind = False  # something is kept that is not in the file

    @asynccontextmanager
    async def open(
        self, request: WireRequest, opener: Callable[[], OpenedWire], secrets: Secrets
    ) -> AsyncIterator[WireResponse]:
        """The provider's own response, which is kept when it has been read. Raises CassetteError
        before anything is sent, where the file cannot be written."""
        self.flush()
        with self._lock:
            if not self._exchanges:
                check_writable(self.path)
            slot = len(self._exchanges)
            self._exchanges.append(None)
            self._secrets.update(secrets)
        tap = _Tap()
        response: WireResponse | None = None
        try:
            async with opener() as response, aclosing(tap.copy(response.chunks)) as chunks:
                yield WireResponse(response.status, response.headers, chunks)
        except (asyncio.CancelledError, KeyboardInterrupt):
            response = None
            raise
        except GeneratorExit:
            tap.ended = LEFT
            raise
        finally:
            if response is not None:
                self._keep(slot, request, response, tap)

    @property
    def count(self) -> int:
        """The answers kept so far."""
        return sum(part is not None for part in self._exchanges)

    def flush(self) -> None:
        """Try again what could not be written: the end of an answer does not wait for a disk, and
        an error there reaches nobody. Raises CassetteError."""
        with self._lock:
            if self._is_behind:
                self._save()

    def note_default_model(self, name: str) -> None:
        """`provider:model`, which answers where no model is named. The first counts."""
        with self._lock:
            self._default_model = self._default_model or name

    def note_decision(self, decision: RecordedDecision) -> None:
        """Keep what was decided on a call, without secrets."""
        reason, changed = self.scrub(decision.reason), self.scrub(decision.input)
        kept = replace(decision, reason=reason, input=changed)
        with self._lock:
            self._decisions.append(encode_decision(kept))
            self._save()

    def scrub(self, value: Any) -> Any:
        """A copy of a JSON value without any secret that this recorder has met."""
        return self._make_scrubber().scrub_json(value)

    def _make_scrubber(self) -> Scrubber:
        return Scrubber([*self._secrets, *find_environment_secrets()])

    def _keep(self, slot: int, request: WireRequest, response: WireResponse, tap: _Tap) -> None:
        scrubber = self._make_scrubber()
        headers = {n: response.headers[n] for n in _KEPT_HEADERS if n in response.headers}
        retry_after = get_retry_after(response.headers)
        if retry_after is not None:
            headers["retry-after"] = f"{retry_after:g}"
        exchange = Exchange(
            request=prepare_request(request, scrubber),
            status=response.status,
            headers={name: scrubber.scrub_text(value) for name, value in headers.items()},
            chunks=_scrub_chunks(tap.chunks, scrubber),
            ended=tap.ended,
        )
        with self._lock:
            self._exchanges[slot] = encode_exchange(exchange)
            self._save()

    def _save(self) -> None:
        self._is_behind = True
        parts = [part for part in self._exchanges if part is not None]
        save(self.path, join_file(self._default_model, parts, self._decisions))
        self._is_behind = False


class _Tap:
    """Keeps what passes, and when."""

    def __init__(self) -> None:
        self.chunks: list[tuple[int, bytes]] = []
        self.ended = ""
        self._began = time.monotonic()

    async def copy(self, chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
        try:
            async for data in chunks:
                self.chunks.append((round((time.monotonic() - self._began) * 1000), data))
                yield data
        except Exception as exc:
            self.ended = type(exc).__name__
            raise


def _scrub_chunks(
    chunks: list[tuple[int, bytes]], scrubber: Scrubber
) -> tuple[tuple[int, bytes], ...]:
    texts, encoding = decode_text(data for _, data in chunks), "utf-8"
    if texts is None:
        texts, encoding = [data.decode("latin-1") for _, data in chunks], "latin-1"
    clean = scrubber.scrub_chunks(texts)
    pairs = zip(chunks, clean, strict=True)
    return tuple((ms, text.encode(encoding, "replace")) for (ms, _), text in pairs)
