"""Owns an IPython that runs in a pseudo terminal: started with the extension, ended for certain.

It asserts nothing; pexpect reads what the program shows.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import psutil

from tests.kernel._kernel import FOREIGN, KEY, ROOT

PROMPT = r"In \[\d+\]: "
TIMEOUT_S = 30
OPTIONS = "--simple-prompt --colors=NoColor --no-banner --no-confirm-exit --ext=lauren_nb"


@contextmanager
def run_ipython(folder: Path, base_url: str, *, echo: bool = True) -> Iterator[pexpect.spawn]:
    """An IPython at its first prompt; its profile is in `folder`, its provider at `base_url`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
    environment = {
        **kept,
        "PYTHONPATH": str(ROOT),
        "IPYTHONDIR": str(folder),
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": base_url,
        "TERM": "dumb",
        "LC_ALL": "C.UTF-8",
    }
    child = pexpect.spawn(
        sys.executable,
        ["-m", "IPython", *OPTIONS.split()],
        env=environment,
        timeout=TIMEOUT_S,
        encoding="utf-8",
        echo=echo,
    )
    try:
        child.expect(PROMPT)
        yield child
    finally:
        _end(child)


def type_cell(terminal: pexpect.spawn, *lines: str) -> None:
    """Type a cell; IPython's simple prompt takes two empty lines as its end."""
    for line in (*lines, "", ""):
        terminal.sendline(line)


def press_ctrl_c(terminal: pexpect.spawn) -> None:
    """Like a person, who reads first: CPython's readline shows its prompt a moment before it waits
    for keys, and in between a signal wakes nobody."""
    if sys.platform == "linux":
        while psutil.Process(terminal.pid).status() != psutil.STATUS_SLEEPING:
            time.sleep(0.01)
    else:  # macOS calls a program that waits a running one, too
        time.sleep(0.5)
    terminal.sendintr()


def _end(child: pexpect.spawn) -> None:
    """Kill the program and wait until it is gone.

    `close(force=True)` gives it a tenth of a second after the kill, and raises where a busy
    machine takes longer.
    """
    child.kill(signal.SIGKILL)
    while child.isalive():
        time.sleep(0.01)
    child.close()
