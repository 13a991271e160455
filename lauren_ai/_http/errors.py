"""Maps a provider's failures, from HTTP or from inside a stream, to our error tree, once.

It sends nothing and retries nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lauren_ai._exceptions import (
    AuthTransportError,
    RateLimitTransportError,
    StreamTruncatedError,
    TransientTransportError,
    TransportError,
)
from lauren_ai._http.advice import (
    MAX_READ,
    advise,
    advise_key,
    describe_wait,
    get_retry_after,
    has_no_credit,
)
from lauren_ai._json import MalformedJSONError, decode_json, encode_json
from lauren_ai._secrets.redaction import redact, redact_url
from lauren_ai._servers import SERVERS

MAX_SHOWN = 200  # characters of a body without a message

TRANSIENT_STATUSES = frozenset({408, 409, 425, 500, 502, 503, 504, 520, 522, 524, 529})
#: Words for a failure inside a 200 stream, by what they mean: Anthropic's, OpenAI's, Google's,
#: vLLM's and llama.cpp's, in lower case. They stand in `type`, `code` or `status`.
TRANSIENT_TYPES = frozenset(
    """overloaded_error overloaded engine_overloaded api_error timeout_error timeout server_error
    internal_server_error internalservererror internal service_unavailable unavailable
    unavailable_error deadline_exceeded bad_gateway""".split()
)
RATE_LIMIT_TYPES = frozenset(
    "rate_limit_error rate_limit_exceeded too_many_requests resource_exhausted".split()
)
AUTH_TYPES = frozenset(
    """authentication_error permission_error invalid_api_key unauthenticated permission_denied
    invalid_authentication_error""".split()
)


def get_request_id(headers: Mapping[str, str]) -> str | None:
    return headers.get("request-id") or headers.get("x-request-id")


def describe_error_body(body: bytes | str) -> tuple[str, str]:
    """(type, message) of an error body, whatever its shape; the text's head where it is no JSON."""
    data = body.encode("utf-8", "replace") if isinstance(body, str) else body
    try:
        value = decode_json(data)
    except MalformedJSONError:
        return "", " ".join(data[: 4 * MAX_SHOWN].decode("utf-8", "replace").split())[:MAX_SHOWN]
    return describe_error_value(value)


def read_error(data: bytes) -> Any:
    """What an error event says, JSON or not."""
    try:
        return decode_json(data)
    except MalformedJSONError:
        return {"message": data.decode("utf-8", "replace")}


def describe_error_value(value: Any) -> tuple[str, str]:
    """(type, message) of a decoded error: `{error: {…}}`, `{error: "…"}`, `{message: …}` …"""
    value = _find_error(value)
    if isinstance(value, dict):
        if isinstance(inner := value.get("error"), str):
            return str(value.get("type") or ""), inner
        kind = value.get("type") or value.get("code") or ""
        message = value.get("message") or value.get("detail") or ""
        if message:
            return str(kind), str(message)
    return "", encode_json(value)[:MAX_SHOWN]


def _find_error(value: Any) -> Any:
    """The object that describes a failure, inside what a server wraps around it."""
    if isinstance(value, list) and len(value) == 1:  # Google's servers
        value = value[0]
    inner = value.get("error") if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else value


def build_status_error(
    provider: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes | str,
    *,
    model: str = "",
) -> TransportError:
    """The error of a response whose status is 400 or more."""
    kind, message = describe_error_body(body)
    if 300 <= status < 400 and (place := headers.get("location")):
        message = f"moved to {redact_url(place)}"
    said = f"{kind} {message} {_decode(body)}"
    message = redact(message) or "no explanation"
    retry_after = get_retry_after(headers, said)
    error: type[TransportError] = TransportError
    if status < 400:
        hint = "Check the base URL: it must be the address that answers, not one that leads there."
    elif status == 429 or status in TRANSIENT_STATUSES or status >= 500 or "overloaded" in kind:
        error = RateLimitTransportError if status == 429 else TransientTransportError
        hint = describe_wait(retry_after)
    else:
        error = AuthTransportError if status in (401, 403) else TransportError
        hint = advise(status, said, provider=provider, model=model)
        if error is AuthTransportError and "no model" not in hint:
            hint = advise_key(provider)
    made = error(
        f"{provider} answered {status}: {message.rstrip('.')}. {hint}",
        provider=provider,
        status=status,
        request_id=get_request_id(headers),
        retry_after=retry_after,
    )
    return _settle(made, said, should_retry=headers.get("x-should-retry"))


def _decode(body: bytes | str) -> str:
    data = body[: 4 * MAX_READ]
    return data if isinstance(data, str) else data.decode("utf-8", "replace")


def _settle(error: TransportError, said: str, *, should_retry: str | None = None) -> TransportError:
    """Without another try where the server says that none helps, or where money is missing."""
    if error.retryable and has_no_credit(said):
        error.retryable = False
        text = str(error)
        advice = advise(402, said, provider=error.provider, model="")
        error.args = (f"{text.rpartition(' Ask again')[0] or text} {advice}",)
    elif should_retry == "false":
        error.retryable = False
    return error


def build_stream_error(
    provider: str, value: Any, *, status: int | None = None, model: str = ""
) -> TransportError:
    """The error that a provider reported inside a response with status 200."""
    kind, message = describe_error_value(value)
    found = _find_error(value)
    fields = found if isinstance(found, dict) else {}
    words = {str(fields.get(name)).lower() for name in ("type", "code", "status")}
    code = next((int(w) for w in sorted(words) if re.fullmatch("[1-5][0-9]{2}", w)), None)
    label = redact(f"{kind}: {message}" if kind and not kind.isdigit() else message)
    error: type[TransportError] = TransportError
    said = f"{kind} {' '.join(words)} {message}"
    hint = advise(None, said, provider=provider, model=model)
    if hint == advise(None, "", provider=provider, model=""):
        hint = "The text so far is kept."
    if words & RATE_LIMIT_TYPES or code == 429:
        error, hint = RateLimitTransportError, describe_wait(get_retry_after({}, said))
    elif words & AUTH_TYPES or code in (401, 403):
        error, hint = AuthTransportError, "Check the key."
    elif words & TRANSIENT_TYPES or (code is not None and code in TRANSIENT_STATUSES):
        error, hint = TransientTransportError, "Ask again in a moment."
    made = error(
        f"{provider} reported an error while it answered: {label.rstrip('.')}. {hint}",
        provider=provider,
        status=code if status is None else status,
    )
    return _settle(made, said)


def build_connection_error(provider: str, address: str, exc: BaseException) -> TransportError:
    """The error of a connection that could not be made."""
    reason = redact(str(exc)) or type(exc).__name__
    return TransientTransportError(
        f"No connection to {provider} at {redact_url(address)}: {reason.rstrip('.')}. "
        "Check that the server runs and that the network, proxy and base URL are right.",
        provider=provider,
    )


def build_broken_error(provider: str, cause: BaseException | str) -> TransportError:
    """The error of a connection that broke while the answer came; the cause, or its name."""
    name = cause if isinstance(cause, str) else type(cause).__name__
    return StreamTruncatedError(
        f"The connection to {provider} broke before the answer was complete "
        f"({name}). The text so far is kept; ask again.",
        provider=provider,
    )


def build_unsendable_error(provider: str, exc: Exception) -> TransportError:
    """The error of a request that cannot be written: its text, its JSON or its headers."""
    if isinstance(exc, UnicodeEncodeError) and exc.encoding == "utf-8":
        return TransportError(
            f"The request to {provider} holds a lone surrogate, which is no character and cannot "
            'be sent. Clean the text: text.encode("utf-8", "replace").decode().',
            provider=provider,
        )
    reason = redact(str(exc)) or type(exc).__name__
    return TransportError(
        f"The request to {provider} cannot be written: {reason.rstrip('.')}. It takes what JSON "
        "takes (str, finite numbers, bool, None, lists, dicts), and headers of ASCII text.",
        provider=provider,
    )


def build_key_error(provider: str) -> TransportError:
    """The error of a missing key."""
    server = SERVERS.get(provider)
    variables = server.describe_keys() if server is not None else ""
    set_it = f"Set {variables}, or pass" if variables else "Pass"
    return AuthTransportError(
        f"No key for {server.title if server else provider}. {set_it} api_key to LLMConfig; "
        "another server needs its base_url too.",
        provider=provider,
    )
