"""The cassette that answers in place of the wire. A recorder makes its file.

What counts as the same request, and what is secret, other `_cassette*` files say.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from lauren_ai._cassettes.file import LEFT, Contents, Exchange, RecordedDecision, WireRequest, load
from lauren_ai._cassettes.match import Pattern, explain_miss, prepare_request, write_canonical
from lauren_ai._cassettes.recorder import CassetteRecorder, Secrets
from lauren_ai._exceptions import CassetteMissError, TransportError
from lauren_ai._http.errors import build_broken_error
from lauren_ai._http.response import OpenedWire, WireResponse
from lauren_ai._secrets.find import find_environment_secrets
from lauren_ai._secrets.scrub import Scrubber

T = TypeVar("T")


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

    def get_paths(self, provider: str) -> set[str]:
        """Where the recorded requests to this provider went."""
        requests = (exchange.request for exchange in self.contents.exchanges)
        return {request.path for request in requests if request.provider == provider}

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
        asked = prepare_request(request, Scrubber([*secrets, *find_environment_secrets()]))
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
