"""What a person can do after a refusal: when to ask again, which model was meant, how much shorter
a prompt must be, where a key goes. It reads what a server says, which may be hostile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import time

from lauren_ai._profiles import read_overflow, suggest_models
from lauren_ai._servers import SERVERS

MAX_READ = 4_096  # characters of a message that are looked through
#: A longer wait is no answer to a person.
MAX_WAIT_S = 7 * 24 * 3_600.0
_HINTS = {
    400: "Check the model's name and the options; the provider says what it refused.",
    402: "The account has no credit left: add some there, or use another key or model.",
    404: "Check the model's name and the base URL.",
    413: "The request is too large: send less.",
}
_NO_CREDIT = re.compile(
    r"insufficient_quota|insufficient[ _]balance|billing_hard_limit|exceeded your current quota, "
    r"please check your plan and billing|credit balance is too low|out of credits",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model_not_found|not_found_error.{0,40}model|no such model|unknown model|invalid model"
    r"|models?\b.{0,120}?(?:does not exist|not found|not exist|is not a valid|not supported for"
    r"|is not available)|not a valid model|deployment for this resource does not exist",
    re.IGNORECASE | re.DOTALL,
)
#: "Please try again in 7m12.5s" (Groq), "retryDelay": "34s" (Google), "in 20 seconds".
_WAIT = re.compile(
    r"(?:try again in|retry in|retry after|retryDelay\W{1,6})\s{0,3}"
    r"((?:\d{1,6}(?:\.\d{1,9})? ?(?:h|ms|m(?:in(?:utes?)?)?|s(?:ec(?:onds?)?)?)[a-z]{0,6} ?){1,4})",
    re.IGNORECASE,
)
_PART = re.compile(r"(\d{1,6}(?:\.\d{1,9})?) ?(ms|h|m|s)", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0}


def get_retry_after(headers: Mapping[str, str], said: str = "") -> float | None:
    """Seconds to wait, from `retry-after-ms`, `retry-after` (seconds or an HTTP date), or what the
    server says in words."""
    try:
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        pass
    value = headers.get("retry-after")
    if value is None:
        return _read_wait(said)
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(value)
        if date.tzinfo is None:  # HTTP's dates are in UTC, also where they do not say so
            date = date.replace(tzinfo=UTC)
        return max(0.0, date.timestamp() - time())
    except (ValueError, OverflowError):
        return None


def _read_wait(said: str) -> float | None:
    match = _WAIT.search(said[:MAX_READ])
    if match is None:
        return None
    seconds = sum(float(n) * _SECONDS[unit.lower()] for n, unit in _PART.findall(match[1]))
    return seconds if 0 < seconds <= MAX_WAIT_S else None


def describe_wait(seconds: float | None, *, now: datetime | None = None) -> str:
    """When to ask again; a long wait with the time of day at which it ends."""
    if not seconds or seconds > MAX_WAIT_S:
        return "Ask again in a moment."
    if seconds < 120:
        return f"Ask again in {max(1, seconds):.0f} s."
    moment = (now or datetime.now().astimezone()).timestamp() + seconds
    clock = datetime.fromtimestamp(moment)
    day = f" on {clock:%Y-%m-%d}" if seconds > 12 * 3_600 else ""
    minutes = f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.1f} h"
    return f"Ask again in {minutes}, at {clock:%H:%M}{day}."


def has_no_credit(said: str) -> bool:
    """Whether a refusal is for want of money: asking again brings the same."""
    return _NO_CREDIT.search(said[:MAX_READ]) is not None


def advise(status: int | None, said: str, *, provider: str, model: str) -> str:
    """What to do after a refusal that asking again would not mend."""
    if has_no_credit(said):
        return _HINTS[402]
    if model and (overflow := read_overflow(said)) is not None:
        return overflow.describe(model)
    if model and status in (400, 403, 404, 422, None) and _NO_MODEL.search(said[:MAX_READ]):
        return _name_near(provider, model)
    return _HINTS.get(status or 0, "Check the request; the provider says what it refused.")


def _name_near(provider: str, model: str) -> str:
    near = suggest_models(provider, model)
    if near:
        names = near[0] if len(near) == 1 else f"{', '.join(near[:-1])} or {near[-1]}"
        return f"There is no model {model!r}. Did you mean {names}?"
    return f"There is no model {model!r} here. Check its name, and the base URL."


def advise_key(provider: str) -> str:
    """Where a valid key goes."""
    server = SERVERS.get(provider)
    variables = server.describe_keys() if server is not None else ""
    start = f"Set {variables} to a valid key" if variables else "Check the key"
    return f"{start}, or pass api_key to LLMConfig."
