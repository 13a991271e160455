"""Runs the steps of `dev.py test` side by side; the output reads as if they had run in order.

It knows no step: each is a name and its commands. It decides nothing about the failed ones.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
POLL_S = 0.2
QUIET_S = 60.0
"""After so long without a word, what runs is named."""
GRACE_S = 20.0
"""What an interrupt has reached, too, has so long to tidy up."""
RED = (b"FAILED ", b"ERROR ")
"""How the lines begin that name a failed test; tests/conftest.py writes them at once."""
SLOW = re.compile(rb"^([\d.]+)s (?:call|setup|teardown) +(\S.*)$", re.MULTILINE)
"""How pytest lists a test that took long."""


class Step:
    """Commands that run one after the other, all that they say in one file.

    A file, not a pipe: what a test leaves behind could hold a pipe open for ever. `run_steps`
    starts a step, goes on with it though a command has failed, and closes it.

    Attributes:
        failed: the titles of the commands that failed, each with its exit status.
        done: whether all commands have ended.
        output: what they have said that was not read yet.
    """

    def __init__(
        self,
        name: str,
        commands: Iterator[tuple[str, list[str]]],
        *,
        variables: Mapping[str, str],
        log: Path,
    ) -> None:
        self.name = name
        self.failed: list[str] = []
        self.done = False
        self._began = self._ended = time.monotonic()
        self._commands = commands
        self._variables = variables
        self._log = log
        self._writer = log.open("ab", buffering=0)
        self.output = log.open("rb")
        self._scout = log.open("rb")
        self._rest = b""
        self._told: set[str] = set()
        self._title = ""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def seconds(self) -> float:
        """Since it began, until it was done."""
        return (self._ended if self.done else time.monotonic()) - self._began

    def go_on(self) -> bool:
        """Start the next command where one has ended; return whether anything runs."""
        if self.done or (self._process and self._process.poll() is None):
            return not self.done
        if self._process is None:
            self._began = time.monotonic()
        elif self._process.returncode:
            self.failed.append(f"{self._title} (exit status {self._process.returncode})")
        self._title, command = next(self._commands, ("", []))
        if command:
            self._start(command)
        else:
            self.done, self._ended = True, time.monotonic()
        return not self.done

    def _start(self, command: list[str]) -> None:
        self._writer.write(f"\n=== {self.name}: {self._title}\n".encode())
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            stdout=self._writer,
            stderr=self._writer,
        )

    def get_reds(self) -> list[str]:
        """Return what has failed since the last time: tests, as pytest names them, and commands."""
        *lines, self._rest = (self._rest + self._scout.read()).split(b"\n")
        tests = [line.decode("utf-8", "replace") for line in lines if line.startswith(RED)]
        names = [test.partition(" - ")[0].strip() for test in tests]
        reds = [name for name in dict.fromkeys([*names, *self.failed]) if name not in self._told]
        self._told.update(reds)
        return reds

    def get_slow_tests(self) -> list[tuple[float, str]]:
        """Return the seconds and names of tests that pytest listed as slow."""
        found = SLOW.findall(self._log.read_bytes())
        return [(float(seconds), name.decode("utf-8", "replace")) for seconds, name in found]

    def close(self) -> None:
        """Wait for what an interrupt ends; end what goes on nevertheless."""
        if self._process:
            try:
                self._process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        for file in (self._writer, self.output, self._scout):
            file.close()


class Screen:
    """Shows the steps one after the other, live; of those whose turn comes later what fails."""

    def __init__(self) -> None:
        self._turn = 0
        self._in_line = False
        self._wrote = time.monotonic()

    def show(self, steps: Sequence[Step]) -> None:
        """Write what is new. `steps` are those that were started, in that order."""
        for at, step in enumerate(steps):
            reds = step.get_reds()
            if at == self._turn:
                self._write(step.output.read())
                self._turn += step.done
            elif at > self._turn:
                for red in reds:
                    self._say(f"{step.name}: {red}")
        if time.monotonic() - self._wrote > QUIET_S:
            running = [f"{step.name} ({step.seconds:.0f} s)" for step in steps if not step.done]
            self._say(f"running: {', '.join(running)}")

    def _say(self, line: str) -> None:
        self._write(b"\n" * self._in_line + f"--- {line}\n".encode())

    def _write(self, data: bytes) -> None:
        if data:
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
            self._in_line = not data.endswith(b"\n")
            self._wrote = time.monotonic()


def run_steps(steps: Sequence[Step], *, jobs: int) -> None:
    """Run the steps to their ends, at most `jobs` at once, started in their order.

    An interrupt ends them all; their children in the same terminal have heard of it, too.
    """
    waiting, started, screen = list(steps), list[Step](), Screen()
    try:
        while True:
            running = sum([step.go_on() for step in started])
            while waiting and running < jobs:
                started.append(waiting.pop(0))
                running += started[-1].go_on()
            screen.show(started)
            if not running:
                return
            time.sleep(POLL_S)
    finally:
        for step in steps:
            step.close()
