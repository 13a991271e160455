"""How a client gets to a server: the proxy that the environment names for it, the certificates to
trust. It makes no client and opens no connection.

Variables: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR,
REQUESTS_CA_BUNDLE, in either case; a system's own settings where it has some.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from lauren_ai._exceptions import TransportError
from lauren_ai._secrets.redaction import redact_url

_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
#: As people write them, and as clients want them. curl's socks4 takes no names, httpx has none.
_SCHEMES = {"socks": "socks5", "socks5": "socks5", "socks5h": "socks5h"}
_SCHEMES |= {"http": "http", "https": "https"}


def find_proxy(address: str) -> str | None:
    """The proxy to `address`; None where it is reached without one. Raises TransportError for one
    that no client understands."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # the client says what is wrong with it
        return None
    if not host:
        return None
    proxies = getproxies()
    given = (proxies.get(parts.scheme) or proxies.get("all") or "").strip()
    if not given or _is_near(host, port, proxies.get("no") or ""):
        return None
    scheme, found, rest = given.partition("://")
    if not found:
        scheme, rest = "http", given
    known = _SCHEMES.get(scheme.lower())
    if known is None or not rest.strip("/"):
        raise TransportError(
            f"The proxy {redact_url(given)!r} of the environment is of no kind that is known here: "
            "write http://HOST:PORT or socks5://HOST:PORT in HTTPS_PROXY or ALL_PROXY, or name "
            f"{host} in NO_PROXY."
        )
    return f"{known}://{rest.rstrip('/')}"


def _is_near(host: str, port: int | None, no_proxy: str) -> bool:
    """Whether NO_PROXY, or a system's settings, has this host; networks as 10.0.0.0/8 too."""
    if proxy_bypass(host if port is None else f"{host}:{port}") or proxy_bypass(host):
        return True
    names = [name.strip().strip("[]") for name in no_proxy.split(",")]
    if host in names:
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for name in names if (network := _read_network(name)))


def _read_network(name: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(name, strict=False)
    except ValueError:
        return None


def find_ssl_context(verify: bool | str | ssl.SSLContext = True) -> ssl.SSLContext | bool:
    """What a client is given as `verify`: the caller's own, a file or a folder of certificates,
    those that a variable names, else True for the client's. Raises TransportError for a file that
    is none."""
    if not isinstance(verify, str):
        if verify is not True:
            return verify
        variable = next((name for name in _BUNDLES if os.environ.get(name)), None)
        folder = os.environ.get("SSL_CERT_DIR")
        if variable is None:
            return ssl.create_default_context(capath=folder) if folder else True
        return _load(os.environ[variable], f"{variable} names")
    return _load(verify, "LLMConfig(verify=…) names")


def _load(path: str, who: str) -> ssl.SSLContext:
    is_folder = os.path.isdir(path)
    try:
        return ssl.create_default_context(
            cafile=None if is_folder else path, capath=path if is_folder else None
        )
    except (OSError, ssl.SSLError) as exc:
        raise TransportError(
            f"{who} the certificates {path!r}, which cannot be read ({exc}). Give a PEM file."
        ) from exc
