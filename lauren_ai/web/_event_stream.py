"""A streamed answer as server-sent events. `_framing` writes them, `_client` watches the reader."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping
from typing import Any

from lauren import ServerSentEvent
from lauren.types import MutableHeaders, Response

from lauren_ai._exceptions import LaurenAIError
from lauren_ai._secrets.redaction import redact
from lauren_ai.web._framing import frame
from lauren_ai.web._pump import Pump

logger = logging.getLogger("lauren_ai.web")

#: A comment: clients skip it. Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
_KEEP_ALIVE = b": keep-alive\n\n"
_HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-accel-buffering": "no",  # nginx would collect the events
}


class EventStream(Response):
    """The response of a controller: `return EventStream(generate())`.

    Each item is one event, sent at once; `frame` in `_framing` tells what an item may be. Frame a
    model's text yourself, as the document does, or yield ServerSentEvent(data=delta): a bare text
    that looks like a whole frame is taken for one, and a model may write such. A source
    that is no asynchronous one, such as a list, must not block: the server waits for it. An error
    of the generator becomes a last event, `event: error` with the JSON `{"type", "message"}`, and
    goes to the log. When the client leaves, the generator is cancelled where it waits, or closed,
    and with it the provider's connection. The server closes the generator in all cases.

    After each `keep_alive_s` seconds of silence a comment line is sent, so that proxies don't cut
    the stream of a model that thinks; None sends none. The generator notices nothing of it.
    """

    def __init__(
        self,
        source: AsyncIterable[Any] | Iterable[Any],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        keep_alive_s: float | None = 15.0,
    ) -> None:
        if keep_alive_s is not None and not keep_alive_s > 0:
            raise ValueError(f"keep_alive_s is {keep_alive_s!r}: give seconds, or None for never.")
        if not isinstance(source, AsyncIterable):
            source = _iter_async(source)
        fields = MutableHeaders(list(_HEADERS.items()))
        for name, value in (headers or {}).items():
            fields.set(name, value)
        super().__init__(
            status=status,
            headers=fields,
            media_type="text/event-stream",
            stream=_iter_frames(source, keep_alive_s),
        )


def _iter_async(source: Iterable[Any]) -> AsyncGenerator[Any, None]:
    """The same items. Raises TypeError here, not when the headers are sent already."""
    if not isinstance(source, Iterable) or isinstance(source, str | bytes | Mapping):
        kind = type(source).__name__
        raise TypeError(f"EventStream takes a generator or another iterable of items, not {kind}.")

    async def iterate() -> AsyncGenerator[Any, None]:
        for item in source:
            yield item

    return iterate()


async def _iter_frames(
    source: AsyncIterable[Any], keep_alive_s: float | None
) -> AsyncGenerator[bytes, None]:
    pump = Pump(aiter(source))
    try:
        while True:
            if not await pump.wait(keep_alive_s):
                yield _KEEP_ALIVE
            elif items := pump.take():
                yield frame(items[0])
            else:
                return
    except Exception as exc:  # noqa: BLE001 - logged, and shown to the client
        yield frame(_describe(exc))
    finally:
        await pump.close()


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
