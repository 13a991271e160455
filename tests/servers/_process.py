"""A scripted provider in a process of its own, so that a benchmark's CPU is the client's alone.

It owns starting and stopping that process; `__main__` is what runs in it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import IO, Literal, Self

ROOT = Path(__file__).parent.parent.parent


class ServerProcess:
    """Context manager: a server whose every answer has `events` text deltas of `piece`.

    `url` is `http://127.0.0.1:PORT`, `base_url` as the provider's SDK wants it.
    """

    def __init__(
        self,
        provider: Literal["anthropic", "openai"],
        *,
        events: int = 1000,
        tokens_per_s: float = 0.0,
        piece: str = " token",
    ) -> None:
        self._provider = provider
        options = {"port": 0, "events": events, "tokens-per-s": tokens_per_s, "piece": piece}
        self._args = [f"--{name}={value}" for name, value in options.items()]

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.servers", self._provider, *self._args]
        pipe = subprocess.PIPE
        self._child = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        self.url = _opened(self._child.stdout).readline().strip()
        self.base_url = self.url + ("/v1" if self._provider == "openai" else "")
        return self

    def __exit__(self, *exc: object) -> None:
        # The end of its input is the child's sign to stop, also when this process is killed.
        _opened(self._child.stdin).close()
        self._child.wait()
        _opened(self._child.stdout).close()


def _opened(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream
