"""Where a link of a model's Markdown may lead, and what the reader is told of it.

It reads no Markdown; `inline.py` writes the links.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Browsers take a backslash for a slash, so the authority ends at either.
_WEB = re.compile(r"(https?)://([^/?#\\]*)(.*)", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"(?:(.*)@)?([^@:]+)(:\d{1,5})?", re.DOTALL)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9_.-]*[a-z0-9.])?")
_MAIL = re.compile(r"mailto:[^/\\:@\s]+@[^/\\:@\s]+", re.IGNORECASE)
# Each of these reads a text in one go: a pattern that tries again at each letter takes minutes for
# a link of 50,000.
_DOTTED = re.compile(r"[\w.-]+")
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_TOP = re.compile(r"[^\W\d_]{2,}(?![^\W_])")
_ADDRESS_IN_TEXT = re.compile(r"https?://([^/?#\\\s]*)\S*", re.IGNORECASE)
_MAIL_IN_TEXT = re.compile(r"(?<![^\s<>()@])[^\s<>()@]+@[^\s<>()@]*\w")
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
    plain = _normalise(text)
    if not note and target.host and _names_other_host(plain, target.host):
        note = target.host
    elif not note and target.destination.lower().startswith("mailto:"):
        mail = target.destination[7:].partition("?")[0]
        note = mail if any(m.lower() != mail.lower() for m in _MAIL_IN_TEXT.findall(plain)) else ""
    return "" if text.endswith(f"({note})") else note


def _normalise(text: str) -> str:
    """Dots and letters that look like those of a host are those."""
    return unicodedata.normalize("NFKC", text).replace("\u3002", ".")


def _names_other_host(text: str, host: str) -> bool:
    bare = host.removeprefix("www.")
    # Of an address only the host counts, dots or none: index.html in its path is no host.
    authorities = [found.rpartition("@")[2] for found in _ADDRESS_IN_TEXT.findall(text)]
    named = [match.group().strip(".") for match in map(_DOTTED.match, authorities) if match]
    for dotted in _DOTTED.findall(_ADDRESS_IN_TEXT.sub(" ", text)):
        named += map(_find_host, dotted.split(".."))
    names = [name.lower().removeprefix("www.") for name in named if name]
    return any(name != bare and not bare.endswith(f".{name}") for name in names)


def _find_host(dotted: str) -> str:
    """The host that words with a dot between them name: up to the last one that may end it, so not
    a number or `py3`. "" where none does."""
    if _IP.fullmatch(dotted):
        return dotted
    labels = dotted.strip(".").split(".")
    for index in range(len(labels) - 1, 0, -1):
        if top := _TOP.match(labels[index]):
            return ".".join([*labels[:index], top.group()])
    return ""


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
