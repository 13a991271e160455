"""One HTTP/1.1 connection of a scripted server: reads requests, plays scripts, notes what happened.

It owns framing, pacing and faults, down to the RST; it knows no provider.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.servers._script import Script

RST_ON_CLOSE = struct.pack("hh" if hasattr(socket, "SO_EXCLUSIVEADDRUSE") else "ii", 1, 0)
GATE_POLL_S = 0.005
CLOSE_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Sent:
    """When an event was handed to the socket, on both clocks (seconds)."""

    index: int
    monotonic: float
    wall: float


@dataclass(slots=True)
class Request:
    """What a client asked, and how its response went. Header names are lower-case."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    sent: list[Sent] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    """Set when the client closed its connection before the response was whole."""
    finished: threading.Event = field(default_factory=threading.Event)
    """Set when the whole response was written, its fault included."""
    closed_at: float | None = None
    """`time.monotonic()` of that close."""

    async def client_closed(self, timeout: float = CLOSE_TIMEOUT_S) -> bool:
        """Wait for the client's close without holding the event loop; False after `timeout` s. How
        soon it comes is for benchmarks to say: a busy machine may take a second."""
        return await asyncio.to_thread(self.closed.wait, timeout)


class Connection:
    """Made by the server for each accepted socket; ends when either side closes."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        respond: Callable[[Request], Script],
    ) -> None:
        self._reader, self._writer, self._respond = reader, writer, respond
        self._buffer = b""

    async def serve(self) -> None:
        """Answer one request after another until the connection ends."""
        try:
            while request := await self._read_request():
                if not await self._play(request, self._respond(request)):
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            self._writer.close()

    async def _read_request(self) -> Request | None:
        while b"\r\n\r\n" not in self._buffer:
            data = await self._reader.read(65536)
            if not data:
                return None
            self._buffer += data
        head, self._buffer = self._buffer.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines)}
        body = await self._read_body(headers)
        return Request(method, path, headers, json.loads(body) if body else None)

    async def _read_body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return await self._read_chunked()
        return await self._take(int(headers.get("content-length", 0)))

    async def _read_chunked(self) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in self._buffer:
                self._buffer += await self._reader.readexactly(1)
            size, self._buffer = self._buffer.split(b"\r\n", 1)
            piece = await self._take(int(size, 16) + 2)
            if len(piece) == 2:
                return body
            body += piece[:-2]

    async def _take(self, count: int) -> bytes:
        if (missing := count - len(self._buffer)) > 0:
            self._buffer += await self._reader.readexactly(missing)
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    async def _play(self, request: Request, script: Script) -> bool:
        """Play the script while watching for the client's close; True keeps the connection."""
        watch = asyncio.create_task(self._reader.read(65536))
        play = asyncio.create_task(self._send(request, script))
        try:
            await asyncio.wait({watch, play}, return_when=asyncio.FIRST_COMPLETED)
            gone = not play.done() and (watch.exception() is not None or not watch.result())
            if gone:
                self._note_close(request)
                return False
            return await play
        except ConnectionError:
            self._note_close(request)
            return False
        finally:
            play.cancel()
            await self._stop_watch(watch)

    async def _stop_watch(self, watch: asyncio.Task[bytes]) -> None:
        """End the read-ahead; a next request that it caught goes back into the buffer."""
        watch.cancel()
        await asyncio.wait({watch})
        if not watch.cancelled() and watch.exception() is None:
            self._buffer += watch.result()

    def _note_close(self, request: Request) -> None:
        request.closed_at = time.monotonic()
        request.closed.set()

    async def _send(self, request: Request, script: Script) -> bool:
        if script.silent:
            await asyncio.Event().wait()
        as_json = script.whole is not None and not (request.body or {}).get("stream")
        self._write_head(script, "application/json" if as_json else script.content_type)
        await self._send_events(
            (script.whole or b"",) if as_json else script.events, request, script
        )
        return await self._end(request, script)

    def _write_head(self, script: Script, content_type: str) -> None:
        lines = [
            f"HTTP/1.1 {script.status} Scripted",
            f"content-type: {content_type}",
            "transfer-encoding: chunked",
            *(f"{name}: {value}" for name, value in script.headers.items()),
        ]
        self._writer.write("\r\n".join([*lines, "\r\n"]).encode("latin-1"))

    async def _send_events(
        self, events: tuple[bytes, ...], request: Request, script: Script
    ) -> None:
        writer, sent = self._writer, request.sent
        due = time.monotonic() + script.first_delay_s
        for index, event in enumerate(events):
            if index in script.gates:
                await self._pass_gate(script.gates[index])
            # Against a schedule, so that a busy machine does not slow the pace down.
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            due = due + script.delay_s
            if not event:
                continue  # an empty chunk would end the body
            if writer.transport.is_closing():
                raise ConnectionResetError("the client has gone")
            writer.write(b"%x\r\n%b\r\n" % (len(event), event))
            sent.append(Sent(index, time.monotonic(), time.time()))
            if index % 32 == 0:
                await writer.drain()
                # drain() does not yield while the buffer is low: let the watch see a close.
                await asyncio.sleep(0)
        await writer.drain()

    async def _pass_gate(self, gate: threading.Event) -> None:
        await self._writer.drain()
        # Tests set the gate from another thread, so asyncio's own Event won't do.
        while not gate.is_set():
            await asyncio.sleep(GATE_POLL_S)

    async def _end(self, request: Request, script: Script) -> bool:
        if script.end == "hang":
            await asyncio.Event().wait()
        request.finished.set()
        if script.end == "clean":
            self._writer.write(b"0\r\n\r\n")
            await self._writer.drain()
            return True
        if script.end == "reset":
            sock = self._writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST_ON_CLOSE)
            self._writer.transport.abort()
        return False
