"""Ends a program that runs in a pseudo terminal, however busy the machine is. It starts none."""

from __future__ import annotations

import signal
import time

import pexpect


def end(child: pexpect.spawn) -> None:
    """Kill the program and wait until it is gone.

    `close(force=True)` gives it a tenth of a second after the kill, and raises where a busy
    machine takes longer.
    """
    child.kill(signal.SIGKILL)
    while child.isalive():
        time.sleep(0.01)
    child.close()
