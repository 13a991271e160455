"""Where a link of a model's Markdown may lead, and what the reader is told of it.

It reads no Markdown; `_md_inline.py` writes the links.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Browsers take a backslash for a slash, so the authority ends at either.
_WEB = re.compile(r"(https?)://([^/?#\\]*)(.*)", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"(?:(.*)@)?([^@:]+)(:\d{1,5})?", re.DOTALL)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9_.-]*[a-z0-9.])?")
_MAIL = re.compile(r"mailto:[^/\\:@\s]+@[^/\\:@\s]+", re.IGNORECASE)
_HOST_IN_TEXT = re.compile(r"(?:[^\W_](?:[\w-]*)\.)+[^\W\d_]{2,}")
_ADDRESS_IN_TEXT = re.compile(r"https?://([^/?#\\\s]*)\S*", re.IGNORECASE)
# Neither quotes, brackets, spaces, `$` (math), `|` (tables), `;` (entities) nor anything that
# some Markdown parser ends a destination at.
_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!&=+,%")
_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Target:
    """A destination that is safe to write, its host ("" for mail and anchors), and a warning."""

    destination: str
    host: str = ""
    warning: str = ""


def get_target(url: str) -> Target | None:
    """The target that `url` may have: http, https, mailto or an anchor; None for all others."""
    url = url.strip()
    if url.startswith("#") or _MAIL.fullmatch(url.partition("?")[0]):
        return Target(_encode(url))
    match = _WEB.fullmatch(url)
    if match is None:
        return None
    scheme, authority, rest = match.groups()
    parts = _AUTHORITY.fullmatch(authority)
    host = None if parts is None else _get_ascii_host(parts[2])
    if parts is None or host is None:
        return None
    if rest.startswith("\\"):
        # Encoded, it would end the authority no more, and what follows could name the host.
        rest = "/" + rest[1:]
    user = "" if parts[1] is None else _encode(parts[1]) + "@"
    destination = f"{scheme.lower()}://{user}{host}{parts[3] or ''}{_encode(rest)}"
    odd = bool(user) or any(label.startswith("xn--") for label in host.split("."))
    return Target(destination, host, f"⚠ {host}" if odd else "")


def get_note(text: str, target: Target) -> str:
    """What follows a link's text: a warning, or the real host where `text` names another."""
    note = target.warning
    if not note and target.host and _names_other_host(text, target.host):
        note = target.host
    return "" if text.endswith(f"({note})") else note


def _names_other_host(text: str, host: str) -> bool:
    bare = host.removeprefix("www.")
    # Of an address only the host counts: index.html in its path is no host.
    text = _ADDRESS_IN_TEXT.sub(r"\1 ", text)
    for found in _HOST_IN_TEXT.findall(text):
        named = found.lower().removeprefix("www.")
        if named != bare and not bare.endswith(f".{named}"):
            return True
    return False


def _get_ascii_host(host: str) -> str | None:
    try:
        ascii_host = host.lower() if host.isascii() else host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    return ascii_host if _HOST.fullmatch(ascii_host) and ".." not in ascii_host else None


def _encode(text: str) -> str:
    data = _PERCENT.sub(b"%25", text.encode("utf-8", "replace"))
    encoded = "".join(chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in data)
    # JupyterLab would take @@0@@ for a formula that it put aside; a browser decodes &#9 in an
    # attribute without a semicolon.
    return encoded.replace("@@", "@%40").replace("&#", "%26#")
