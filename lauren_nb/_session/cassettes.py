"""What a run has to do with a cassette: the model that it names, and its time.

Files, matching and the wire are `lauren_ai`'s; `_magics/cassettes.py` puts a cassette in,
`_approval/recorded.py` has the recorded decisions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from lauren_ai import LLMConfig
from lauren_ai._cassettes import get_cassette
from lauren_ai.cassettes import CassettePlayer, CassetteRecorder
from lauren_ai.errors import CassetteError
from lauren_nb._errors import OptionError

_players: dict[tuple[Path, int], CassettePlayer] = {}


def load_player(file: str) -> CassettePlayer:
    """The player of `-m replay:FILE`, the same for all cells until the file changes.

    Raises OptionError.
    """
    path = Path(file).absolute()
    try:
        key = path, path.stat().st_mtime_ns if path.exists() else 0
        if key not in _players:
            _players[key] = CassettePlayer(path)
    except (CassetteError, OSError) as exc:
        raise OptionError(f"-m replay:{file}: {exc}") from exc
    return _players[key]


def get_recorded_model() -> str | None:
    """The model that answers without a name while a cassette is replayed. Raises OptionError."""
    try:
        cassette = get_cassette()
    except CassetteError as exc:
        raise OptionError(str(exc)) from exc
    if not isinstance(cassette, CassettePlayer):
        return None
    return cassette.contents.get_default_model() or None


def note_default_model(config: LLMConfig) -> None:
    """Keep, while a cassette is recorded, which model answers without a name."""
    cassette = get_cassette()
    if isinstance(cassette, CassetteRecorder):
        cassette.note_default_model(f"{config.provider}:{config.model}")


def get_own_cassette(config: LLMConfig | None) -> object:
    """The cassette of `-m replay:FILE`, else the kernel's."""
    own = config.request_options.get("cassette") if config is not None else None
    return own or get_cassette()


def is_replayed(config: LLMConfig | None) -> bool:
    """Whether a cassette answers for this configuration, so that nothing is spent."""
    return isinstance(get_own_cassette(config), CassettePlayer)


def is_replaying() -> bool:
    """Whether answers come from the kernel's cassette: then the hour of day means nothing."""
    return isinstance(get_cassette(), CassettePlayer)


def get_clock(configs: Iterable[LLMConfig] = ()) -> Callable[[], float]:
    """What measures a run, in seconds: in a replay the recorded times, so that a notebook's
    footers are the same each time."""
    for config in (*configs, None):
        cassette = get_own_cassette(config)
        if isinstance(cassette, CassettePlayer):
            return cassette.clock
    return time.monotonic
