"""Owns one kernel in an environment of the matrix, and its channels as a frontend has them.

It knows no view and no approval: `page` plays those.
"""

from __future__ import annotations

import os
import time
from typing import Any, Self

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from jupyter_client.session import Session

from tests.kernel_matrix.environments import ROOT

WAIT_S = 60.0
FOREIGN = ("ANTHROPIC_", "OPENAI_", "OLLAMA_", "LAUREN_", "JUPYTER_", "PYTHON", "VIRTUAL_ENV")
Message = dict[str, Any]


class KernelProcess:
    """A context manager: the kernel runs from `__enter__` to `__exit__`, which kills it."""

    def __init__(self, python: str, **environment: str) -> None:
        self._python = python
        self._environment = environment

    def __enter__(self) -> Self:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
        environment = {**kept, "PYTHONPATH": str(ROOT), **self._environment}
        self._manager = KernelManager()
        command = [self._python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self._manager._kernel_spec = KernelSpec(argv=command, display_name="", language="python")
        self._manager.start_kernel(env=environment)
        self.client = self.connect()
        self.client.wait_for_ready(timeout=60)
        return self

    def __exit__(self, *exc: object) -> None:
        self.client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()

    def connect(self) -> BlockingKernelClient:
        """A client with channels of its own, as another window has them."""
        # A session of its own: the kernel would send its replies to the newest of those who share.
        session = Session(key=self._manager.session.key)
        client: BlockingKernelClient = self._manager.client(session=session)
        client.start_channels()
        return client

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def create_subshell(self) -> str:
        """The id of a new subshell, made over the control channel as JupyterLab does."""
        request = self.client.session.msg("create_subshell_request", {})
        self.client.control_channel.send(request)
        reply = self.client.control_channel.get_msg(timeout=WAIT_S)
        assert reply["content"]["status"] == "ok", reply["content"]
        return str(reply["content"]["subshell_id"])

    def run(self, code: str) -> None:
        """Run a cell that nothing is asked in; AssertionError where it fails."""
        reply = self.client.execute_interactive(
            code, allow_stdin=False, timeout=WAIT_S, output_hook=lambda _: None
        )
        assert reply["content"]["status"] == "ok", reply["content"]

    def evaluate(self, expression: str) -> str:
        """The repr of an expression in the user's namespace."""
        reply = self.client.execute_interactive(
            "",
            user_expressions={"value": expression},
            allow_stdin=False,
            timeout=WAIT_S,
            output_hook=lambda _: None,
        )
        value = reply["content"]["user_expressions"]["value"]
        assert value["status"] == "ok", value
        return str(value["data"]["text/plain"])


def read_next(client: BlockingKernelClient, deadline: float) -> tuple[str, Message]:
    """The next message of any channel with the channel's name; TimeoutError after `deadline`,
    a time of `time.monotonic`."""
    channels = {
        "iopub": client.iopub_channel,
        "stdin": client.stdin_channel,
        "shell": client.shell_channel,
    }
    poller = zmq.Poller()
    for channel in channels.values():
        poller.register(channel.socket, zmq.POLLIN)
    left = max(0, round((deadline - time.monotonic()) * 1000))
    ready = dict(poller.poll(left))
    for name, channel in channels.items():
        if channel.socket in ready:
            return name, channel.get_msg(timeout=WAIT_S)
    raise TimeoutError("The kernel went silent.")
