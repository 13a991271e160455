"""Cassettes between the transports and the wire: one records what passes, one answers in its place.

The file's format, what counts as the same request, and what is secret are `_cassette*`'s.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from lauren_ai._cassette import (
    LEFT,
    Contents,
    Exchange,
    RecordedDecision,
    WireRequest,
    check_writable,
    decode_text,
    encode_decision,
    encode_exchange,
    join_file,
    load,
    save,
)
from lauren_ai._cassette_match import Pattern, explain_miss, shorten_data, write_canonical
from lauren_ai._cassette_scrub import Scrubber
from lauren_ai._cassette_secrets import find_environment_secrets
from lauren_ai._exceptions import CassetteMissError, TransportError
from lauren_ai._transport._errors import build_broken_error, get_retry_after
from lauren_ai._transport._http import OpenedWire, WireResponse

#: The headers of a response that anything here reads; an hour of day would be past at replay.
_KEPT_HEADERS = ("content-type", "request-id", "x-request-id")

Secrets = Iterable[str | None]
T = TypeVar("T")


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
            _prepare(request, scrubber),
            response.status,
            {name: scrubber.scrub_text(value) for name, value in headers.items()},
            _scrub_chunks(tap.chunks, scrubber),
            tap.ended,
        )
        with self._lock:
            self._exchanges[slot] = encode_exchange(exchange)
            self._save()

    def _save(self) -> None:
        self._is_behind = True
        parts = [part for part in self._exchanges if part is not None]
        save(self.path, join_file(self._default_model, parts, self._decisions))
        self._is_behind = False


class CassettePlayer:
    """Made by a user or by `%lauren replay`; answers from a file, needs no key, opens nothing.

    Requests that are the same get their answers in the order of the recording, and then the last
    one again. Without `paced` nothing waits: neither chunks nor retries. Raises CassetteError for
    a file that cannot be read. Safe in any thread.
    """

    def __init__(self, path: str | Path, *, paced: bool = False) -> None:
        self.path = Path(path).absolute()
        self.paced = paced
        self.contents: Contents = load(self.path)
        self._lock = threading.Lock()
        self._answers: dict[str, list[Exchange]] = {}
        for exchange in self.contents.exchanges:
            self._answers.setdefault(write_canonical(exchange.request), []).append(exchange)
        self._patterns = [(Pattern(key), key) for key in self._answers]
        self._decisions: dict[str, list[RecordedDecision]] = {}
        for decision in self.contents.decisions:
            self._decisions.setdefault(decision.digest, []).append(decision)
        self._taken: Counter[str] = Counter()
        self._elapsed_ms = 0

    @asynccontextmanager
    async def open(
        self, request: WireRequest, opener: Callable[[], OpenedWire], secrets: Secrets
    ) -> AsyncIterator[WireResponse]:
        """The recorded response; `opener` is never called. Raises CassetteMissError."""
        exchange = self._take_answer(request, secrets)
        try:
            async with aclosing(self._play(exchange)) as chunks:
                yield WireResponse(exchange.status, exchange.headers, chunks)
        except TransportError as error:
            error.is_replayed = not self.paced
            raise

    def clock(self) -> float:
        """Seconds that the replayed answers took when they were recorded: a clock whose times are
        the same in every replay."""
        return self._elapsed_ms / 1000

    def has_decision(self, digest: str) -> bool:
        """Whether a call of this digest was decided on."""
        return digest in self._decisions

    def take_decision(self, digest: str) -> RecordedDecision | None:
        """The next decision on calls of this digest, and after the last that one again."""
        with self._lock:
            return self._take(self._decisions.get(digest), f"decision {digest}")

    def _take(self, found: list[T] | None, key: str) -> T | None:
        if not found:
            return None
        number = min(self._taken[key], len(found) - 1)
        self._taken[key] += 1
        return found[number]

    def _take_answer(self, request: WireRequest, secrets: Secrets) -> Exchange:
        asked = _prepare(request, Scrubber([*secrets, *find_environment_secrets()]))
        key = write_canonical(asked)
        if key not in self._answers:
            key = next((known for p, known in self._patterns if p.matches(key)), key)
        with self._lock:
            exchange = self._take(self._answers.get(key), key)
        if exchange is None:
            raise self._build_miss(asked)
        return exchange

    def _build_miss(self, request: WireRequest) -> CassetteMissError:
        diff = explain_miss(request, self.contents.exchanges)
        what = f"{request.provider} {request.path}"
        what += f", {request.model}" if request.model else ""
        hint = "it is empty" if not diff else "the nearest one recorded differs as shown below"
        return CassetteMissError(
            f"The cassette {self.path.name} has no answer to this request ({what}); {hint}. "
            "Undo the change, or record the cassette again.",
            provider=request.provider,
            diff=diff,
        )

    async def _play(self, exchange: Exchange) -> AsyncGenerator[bytes, None]:
        began, last = time.monotonic(), 0
        for ms, data in exchange.chunks:
            # Without a pace, too, others get their turn: the page, and an interrupt.
            await asyncio.sleep(began + ms / 1000 - time.monotonic() if self.paced else 0)
            self._elapsed_ms += ms - last
            last = ms
            yield data
        if exchange.ended:
            name = "the recording ends here" if exchange.ended == LEFT else exchange.ended
            raise build_broken_error(exchange.request.provider, name)


Cassette = CassetteRecorder | CassettePlayer


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


def _prepare(request: WireRequest, scrubber: Scrubber) -> WireRequest:
    """The request as it is kept, and as it is looked for."""
    body = shorten_data(scrubber.scrub_json(msgspec.to_builtins(request.body)))
    return WireRequest(request.provider, request.method, scrubber.scrub_text(request.path), body)


def _scrub_chunks(
    chunks: list[tuple[int, bytes]], scrubber: Scrubber
) -> tuple[tuple[int, bytes], ...]:
    texts, encoding = decode_text(data for _, data in chunks), "utf-8"
    if texts is None:
        texts, encoding = [data.decode("latin-1") for _, data in chunks], "latin-1"
    clean = scrubber.scrub_chunks(texts)
    pairs = zip(chunks, clean, strict=True)
    return tuple((ms, text.encode(encoding, "replace")) for (ms, _), text in pairs)
