"""Cassettes: recorded exchanges at the wire, matched and replayed.

It decodes no provider and finds no secrets.
"""

from lauren_ai._cassettes.current import get_cassette, get_mode
from lauren_ai._cassettes.file import LEFT, Exchange, RecordedDecision, WireRequest, load
from lauren_ai._cassettes.match import iter_lines

__all__ = [
    "LEFT",
    "Exchange",
    "RecordedDecision",
    "WireRequest",
    "get_cassette",
    "get_mode",
    "iter_lines",
    "load",
]
