"""Which cassette stands between a transport and the wire: its own, the process's, or none.

It records and replays nothing; `recorder.py` and `player.py` do.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, cast

from lauren_ai._cassettes.file import WireRequest
from lauren_ai._cassettes.player import Cassette, CassettePlayer
from lauren_ai._cassettes.recorder import CassetteRecorder
from lauren_ai._exceptions import CassetteError
from lauren_ai._http.response import OpenedWire

MODES = ("auto", "record", "replay", "off")
Mode = Literal["auto", "record", "replay", "off"]

_lock = threading.Lock()
_chosen: Cassette | None = None
_is_chosen = False
_of_environment: dict[tuple[str, Mode], Cassette] = {}


def open_wire(
    cassette: Cassette | None,
    describe: Callable[[], WireRequest],
    opener: Callable[[], OpenedWire],
    secrets: Callable[[], Iterable[str | None]],
) -> OpenedWire:
    """The response of `opener`, by way of the transport's own cassette or the process's.

    Raises CassetteError for a LAUREN_CASSETTE that cannot be used.
    """
    cassette = cassette or get_cassette()
    return opener() if cassette is None else cassette.open(describe(), opener, secrets())


def set_cassette(cassette: CassetteRecorder | CassettePlayer | None) -> None:
    """Put a cassette between all transports of this process and the wire, from their next request
    on; None takes it out, and LAUREN_CASSETTE with it. A service's own cassette goes first."""
    global _chosen, _is_chosen
    with _lock:
        _chosen, _is_chosen = cassette, True


def get_cassette() -> Cassette | None:
    """The process's cassette: what `set_cassette` was given, else LAUREN_CASSETTE's."""
    if _is_chosen:
        return _chosen
    file = os.environ.get("LAUREN_CASSETTE")
    mode: Mode = get_mode() if file else "off"
    if not file or mode == "off":
        return None
    key = (file, mode)  # as written: a change of folder in mid-run begins no other cassette
    with _lock:
        if key not in _of_environment:
            _of_environment[key] = open_cassette(Path(file), mode)
        return _of_environment[key]


def open_cassette(path: Path, mode: Mode) -> Cassette:
    """A recorder or a player; "auto" replays a file that is there and records one that is not."""
    if mode == "record" or (mode == "auto" and not path.exists()):
        return CassetteRecorder(path)
    return CassettePlayer(path)


def get_mode() -> Mode:
    """What LAUREN_CASSETTE_MODE says; without it "off" where LAUREN_LIVE is set, else "auto".

    Raises CassetteError for any other word.
    """
    live = os.environ.get("LAUREN_LIVE", "") not in ("", "0")
    mode = os.environ.get("LAUREN_CASSETTE_MODE") or ("off" if live else "auto")
    if mode not in MODES:
        raise CassetteError(
            f"LAUREN_CASSETTE_MODE is {mode!r}. Set it to one of: {', '.join(MODES)}."
        )
    return cast("Mode", mode)
