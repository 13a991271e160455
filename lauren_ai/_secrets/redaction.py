"""Keeps keys out of messages and tracebacks: providers echo parts of a refused key, and a verbose
traceback shows the variables of every frame. It logs nothing itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

from lauren_ai._exceptions import LaurenAIError, TransportError
from lauren_ai._secrets.shapes import MIN_SECRET, OMISSION, SHOWN_KEY, WHOLE_KEY

E = TypeVar("E", bound=BaseException)

MASK = "[key]"
MAX_CHARS = 500
#: What stands between blanks, quotes and brackets: a key, or what a provider shows of one.
_TOKEN = re.compile(r"""[^\s"'`,;:=()<>\[\]{}]{3,}""")
_OMITTED = re.compile(OMISSION)


def redact(text: str, *secrets: str | None) -> str:
    """`text` without the given secrets, also shortened or masked, and without anything that
    looks like a key; 500 characters at the most."""
    text = text[: 16 * MAX_CHARS]
    for secret in secrets:
        if secret and len(secret) >= MIN_SECRET:
            for written in (secret, quote(secret, safe=""), secret.replace("/", "\\/")):
                text = re.sub(re.escape(written), MASK, text, flags=re.IGNORECASE)
            text = _mask_parts(text, secret)
    text = SHOWN_KEY.sub(MASK, WHOLE_KEY.sub(MASK, text))
    return text if len(text) <= MAX_CHARS else text[:MAX_CHARS] + "…"


def _mask_parts(text: str, secret: str) -> str:
    """Mask what shows the secret's first or last characters."""

    def mask(match: re.Match[str]) -> str:
        found = match[0]
        shortened = _OMITTED.search(found) is not None
        if shortened and (found.startswith(secret[:3]) or found.rstrip(".").endswith(secret[-3:])):
            return MASK
        part = found.rstrip(".!?")
        is_word = part.isalpha() and part[1:].islower()  # of a secret that is made of words
        if len(part) < 4 or is_word or not (secret.startswith(part) or secret.endswith(part)):
            return found
        return MASK + found[len(part) :]

    return _TOKEN.sub(mask, text)


def redact_error(error: TransportError, secrets: Iterable[str | None]) -> None:
    """Take the secrets out of the error's message."""
    error.args = (redact(str(error), *secrets),)


def redact_url(url: str) -> str:
    """`url` without its user, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "an address that cannot be read"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def hide_frames(error: E) -> E:
    """`error` without the frames and errors behind it: their variables hold keys and requests.
    To be raised `from None`. Where no error of ours says what to do, a note names the place."""
    if isinstance(error, Exception) and not isinstance(error, LaurenAIError):
        _note_place(error)
    error.__context__ = None
    return error.with_traceback(None)


def _note_place(error: Exception) -> None:
    frame = error.__traceback__
    if frame is None or getattr(error, "__notes__", None):
        return
    while frame.tb_next is not None:
        frame = frame.tb_next
    name = frame.tb_frame.f_globals.get("__name__")
    error.add_note(
        f"Raised in {name}, line {frame.tb_lineno}; frames that may hold keys are left out."
    )
