"""A refusal in a provider's own words, and what a server asks of its rules.

It owns the value and the small helpers that every provider's rules use; it knows no provider.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from tests.servers._http import Request
from tests.servers._script import Script


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request was refused; the server makes its error response of it."""

    message: str
    status: int = 400
    type: str = "invalid_request_error"
    param: str | None = None
    code: str | int | None = None
    body: Any = None
    """The whole error body, of a vendor whose errors look unlike those of its wire format."""


#: What reading a body raises that is none: a hostile one in a test, or a client's mistake.
UNREADABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError)


class Refused(Exception):
    """Raised by a rule; the server catches it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def refuse(message: str, **fields: Any) -> NoReturn:
    """Refuse the request with `message`; `fields` are those of `Refusal`."""
    raise Refused(Refusal(message=message, **fields))


class Rules:
    """Made by a server for itself; sees each request before it is answered, and each answer."""

    def check(self, request: Request) -> None:
        """Raise `Refused` where the provider would refuse."""

    def answer(self, request: Request, script: Script) -> Script:
        """Note what `script` gives out; return it with what depends on the request filled in."""
        return script


def unknown_fields(value: Mapping[str, Any], known: Container[str]) -> list[str]:
    """Return the names of `value` that are not among `known`."""
    return [name for name in value if name not in known]


def iter_sse_json(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield each event of a body that is an object; what a fault cut in two is left out."""
    for line in data.splitlines():
        if line.startswith(b"data: {"):
            try:
                yield json.loads(line[6:])
            except ValueError:
                continue
