"""A streamed answer as server-sent events. `_framing` writes them, `_client` watches the reader."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from typing import Any

from lauren import ServerSentEvent
from lauren.types import MutableHeaders, Response

from lauren_ai._exceptions import LaurenAIError
from lauren_ai._redact import redact
from lauren_ai.web._client import ClientGone, ClientWatch
from lauren_ai.web._framing import frame

logger = logging.getLogger("lauren_ai.web")

_END = object()
_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",  # nginx would collect the events
}


class EventStream(Response):
    """The response of a controller: `return EventStream(generate())`.

    Each item is one event, sent at once; `frame` in `_framing` tells what an item may be. An error
    of the generator becomes a last event, `event: error` with the JSON `{"type", "message"}`, and
    goes to the log. When the client leaves, the generator is cancelled where it waits, or closed,
    and with it the provider's connection. The server closes the generator in all cases.
    """

    def __init__(
        self,
        source: AsyncIterable[Any],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        fields = MutableHeaders(list(_HEADERS.items()))
        for name, value in (headers or {}).items():
            fields.set(name, value)
        super().__init__(
            status=status,
            headers=fields,
            media_type="text/event-stream",
            stream=_iter_frames(source),
        )


async def _iter_frames(source: AsyncIterable[Any]) -> AsyncGenerator[bytes, None]:
    items: AsyncIterator[Any] = aiter(source)
    try:
        async with ClientWatch() as client:
            while (item := await client.read(items, _END)) is not _END:
                yield frame(item)
    except ClientGone:
        return
    except Exception as exc:  # noqa: BLE001 - logged, and shown to the client
        yield frame(_describe(exc))
    finally:
        if isinstance(items, AsyncGenerator):
            await items.aclose()


def _describe(exc: Exception) -> ServerSentEvent:
    """What a client may know: our own messages, which hold no key; of others only that it was."""
    if isinstance(exc, LaurenAIError):
        message = redact(str(exc))
        logger.warning("A stream ended with an error: %s: %s", type(exc).__name__, message)
    else:
        message = "The server failed while it was answering."
        logger.error("A stream ended with an error.", exc_info=exc)
    data = {"type": type(exc).__name__, "message": message}
    return ServerSentEvent(event="error", data=data)
