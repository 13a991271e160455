"""A scripted provider on a loopback port, in a thread of its own.

It owns the queue of scripts, the record of requests and the thread; the subclasses own the formats.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Self

from tests.servers._blocks import Block
from tests.servers._http import Connection, Request
from tests.servers._script import Script
from tests.servers.rules import UNREADABLE, Refusal, Refused, Rules

START_TIMEOUT_S = 10.0


class FakeProvider:
    """A context manager: it serves from `__enter__` to `__exit__`, which closes every socket.

    Queue with `reply` or `queue`; each request takes the next script, then `default` for ever. With
    neither, a request gets status 400, which no client tries again.

    It refuses what the provider refuses (`rules`), and a refused request takes no script; `refused`
    holds why. `strict=False` takes everything, for bodies that no client of ours sends.
    """

    def __init__(self, *, port: int = 0, strict: bool = True) -> None:
        self.requests: list[Request] = []
        self.refused: list[Refusal] = []
        self.strict = strict
        self.default: Script | None = None
        self.port = port
        self._queue: deque[Script] = deque()
        self._arrived = threading.Condition()
        self._ready = threading.Event()
        self._connections: set[asyncio.Task[None]] = set()

    # What the subclasses know.

    def script(self, *blocks: Any, **options: Any) -> Script:
        """Return the response that these blocks make in the provider's format."""
        raise NotImplementedError

    def error(self, *args: Any, **options: Any) -> Script:
        """Return the provider's error response."""
        raise NotImplementedError

    def other(self, request: Request) -> Script:
        """Return the answer to a request that takes no script from the queue."""
        raise NotImplementedError

    def refusal(self, refusal: Refusal) -> Script:
        """Return the provider's error response to a request that it refuses."""
        raise NotImplementedError

    def next_script(self, request: Request) -> Script | None:
        """Return the script that this request takes; None where there is none."""
        return self._queue.popleft() if self._queue else self.default

    def form(self, request: Request, script: Script) -> Script:
        """Return the form of a script that this request's endpoint gives out."""
        return script

    rules: Rules

    def is_scripted(self, path: str) -> bool:
        """Whether a request to this path (without its query) takes a script."""
        raise NotImplementedError

    def is_judged(self, path: str) -> bool:
        """Whether the rules look at a request to this path."""
        return self.is_scripted(path)

    # What tests use.

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.port}"

    def queue(self, *scripts: Script) -> None:
        """Answer the next requests with these, in order."""
        self._queue.extend(scripts)

    def reply(self, *blocks: Block, **options: Any) -> Script:
        """Build a script from blocks (see `script`) and queue it."""
        script = self.script(*blocks, **options)
        self.queue(script)
        return script

    def wait_request(self, count: int = 1, *, timeout: float = 10.0) -> Request:
        """Return the request number `count`, when it has come; TimeoutError after `timeout` s."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.requests) >= count, timeout):
                raise TimeoutError(f"{len(self.requests)} of {count} requests came in {timeout} s")
            return self.requests[count - 1]

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)
        self._thread.start()
        if not self._ready.wait(START_TIMEOUT_S):
            raise RuntimeError("the fake provider did not start")
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    # How it runs.

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            await Connection(reader, writer, self._respond).serve()
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._connections.discard(task)

    def _respond(self, request: Request) -> Script:
        with self._arrived:
            self.requests.append(request)
            self._arrived.notify_all()
        path = request.path.split("?")[0]
        if self.strict and self.is_judged(path) and (refusal := self._judge(request)):
            self.refused.append(refusal)
            return self.refusal(refusal)
        if not self.is_scripted(path):
            return self.other(request)
        script = self.next_script(request)
        if script is None:
            return self.error(400, "the test queued no script for this request")
        script = self.form(request, script)
        return self.rules.answer(request, script) if self.strict else script

    def _judge(self, request: Request) -> Refusal | None:
        """Return why the provider would refuse; a body that the rules can't read is one reason."""
        try:
            self.rules.check(request)
        except Refused as refused:
            return refused.refusal
        except UNREADABLE as error:
            return Refusal(message=f"malformed request: {error!r}")
        return None


def as_json(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Script:
    """Return a JSON response."""
    data = json.dumps(value, ensure_ascii=False).encode()
    return Script((data,), status, headers or {}, "application/json")


def sse(value: Any, *, event: str | None = None) -> bytes:
    """Return one server-sent event whose data is `value` as JSON (a str goes as it is)."""
    data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {data}\n\n".encode()


def text_of(pieces: Sequence[Sequence[str]]) -> str:
    """Return the text of all the pieces, joined."""
    return "".join(part for piece in pieces for part in piece)
