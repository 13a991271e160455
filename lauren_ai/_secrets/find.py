"""Lists what must not be kept of a request: from its headers, its address and the environment.

It takes nothing out of anything; `scrub.py` does.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lauren_ai._secrets.shapes import SECRET_VARIABLE

#: Headers whose values are no secret, so that "text/plain" in an answer stays what it is.
_OPEN_HEADERS = frozenset(
    "accept accept-encoding accept-language anthropic-beta anthropic-version content-type "
    "http-referer openai-beta referer user-agent x-title".split()
)


def find_header_secrets(headers: Mapping[str, Any]) -> Iterator[str]:
    """The values of headers that may be secret, whole and in their parts; names tell the rest."""
    for name, value in headers.items():
        if str(name).lower() in _OPEN_HEADERS:
            continue
        yield str(value)
        for part in re.split(r"[\s;,]+", str(value)):
            yield part
            yield part.partition("=")[2]
            yield from _split_basic(part)


def _split_basic(part: str) -> list[str]:
    """User and password, if the part is what HTTP's Basic scheme makes of them."""
    try:
        decoded = base64.b64decode(part, validate=True).decode("ascii")
    except ValueError:
        return []
    return decoded.split(":") if decoded.isprintable() else []


def find_url_secrets(url: str | None) -> Iterator[str]:
    """The user, the password and the query's values of an address."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return
    yield from filter(None, (parts.username, parts.password))
    yield from (value for _, value in parse_qsl(parts.query))


def find_environment_secrets(environ: Mapping[str, str] | None = None) -> Iterator[str]:
    """Values of variables that are named like keys, but for plain words."""
    for name, value in (os.environ if environ is None else environ).items():
        looks_random = any(c.isdigit() for c in value) or len(value) >= 20
        if SECRET_VARIABLE.search(name) and looks_random:
            yield value.strip()
