"""Cassettes: recorded answers, for tests and notebooks that need no key.

A service is given one (`LLMService.from_config(config, cassette=…)`), or all are (`set_cassette`).
"""

from lauren_ai._cassettes.current import (
    set_cassette,
)
from lauren_ai._cassettes.player import (
    CassettePlayer,
)
from lauren_ai._cassettes.recorder import (
    CassetteRecorder,
)

__all__ = [
    "CassettePlayer",
    "CassetteRecorder",
    "set_cassette",
]
