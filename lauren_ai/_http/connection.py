"""The connections below a client: aiohttp's, for httpx and for the fork of it that the `anthropic`
SDK brings, through the environment's proxy, and watched for one that a server had closed.

It sends nothing. Works with httpx-aiohttp 0.1.12 and later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lauren_ai._exceptions import TransportError
from lauren_ai._http.network import find_proxy, find_ssl_context
from lauren_ai._secrets.redaction import redact_url

if TYPE_CHECKING:
    import ssl

    import httpx
    from aiohttp import ClientSession


@dataclass(slots=True)
class Connection:
    """What one request was sent over."""

    is_reused: bool = False

    def is_stale(self, error: BaseException) -> bool:
        """Whether the server had closed it before the request came: nothing was answered."""
        from aiohttp import ClientOSError, ServerDisconnectedError

        kinds = (ServerDisconnectedError, ClientOSError, ConnectionError)
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, kinds):
                return self.is_reused
            cause = cause.__cause__
        return False


_WATCHED: ContextVar[Connection | None] = ContextVar("lauren_ai_connection", default=None)


@contextmanager
def watch_connection() -> Iterator[Connection]:
    """Tells of the request that is sent meanwhile, by this task."""
    watched = Connection()
    token = _WATCHED.set(watched)
    try:
        yield watched
    finally:
        _WATCHED.reset(token)


def make_httpx_client(address: str, verify: bool | str | ssl.SSLContext) -> httpx.AsyncClient:
    """A client for the server at `address`. Raises TransportError for a proxy or certificates that
    are none."""
    import httpx
    from httpx_aiohttp.transport import AiohttpTransport

    transport = make_transport(httpx, AiohttpTransport, address, verify)
    return httpx.AsyncClient(transport=transport, trust_env=False)


def make_transport(
    library: Any, kind: type[Any], address: str, verify: bool | str | ssl.SSLContext
) -> Any:
    """What a client of `library` (httpx, or the fork) sends through: `kind`, its class over
    aiohttp, but for SOCKS, which aiohttp does not speak."""
    # aiohttp reads bytes at a quarter of the cost of httpx's own loop:
    # docs/design/speed.md#network
    context = find_ssl_context(verify)
    proxy = find_proxy(address)
    if proxy is None or not proxy.startswith("socks"):
        given = None if proxy is None else library.Proxy(proxy)
        return _watched(kind)(verify=context, proxy=given, trust_env=False)
    try:
        return library.AsyncHTTPTransport(verify=context, proxy=proxy, trust_env=False)
    except ImportError as exc:
        raise TransportError(
            f"The proxy {redact_url(proxy)} speaks SOCKS, which needs a package that is not "
            'installed here. Run `pip install "lauren-nb[socks]"`, or name a http:// proxy.'
        ) from exc


def _watched(kind: type[Any]) -> type[Any]:
    class Watched(kind):  # type: ignore[misc]
        def get_client(self) -> ClientSession:
            from aiohttp import TraceConfig

            session: ClientSession = super().get_client()
            trace = TraceConfig()
            trace.on_connection_reuseconn.append(_note_reuse)
            trace.freeze()
            session.trace_configs.append(trace)
            return session

    return Watched


async def _note_reuse(*_: object) -> None:
    watched = _WATCHED.get()
    if watched is not None:
        watched.is_reused = True
