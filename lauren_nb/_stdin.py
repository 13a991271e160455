"""Asks a person through the frontend's input box without blocking the kernel's loop.

ipykernel's own `raw_input` blocks the thread, so that no click and no timer could race with it.
This sends the same request and looks for the reply between other work.
"""

from __future__ import annotations

import asyncio
from typing import Any

import zmq

POLL_S = 0.05


class StdinClosedError(Exception):
    """The person closed the input box, or the frontend has none."""


def has_stdin(kernel: Any) -> bool:
    """Whether the frontend that runs this cell answers input requests."""
    return bool(getattr(kernel, "_allow_stdin", False)) and kernel.stdin_socket is not None


async def read_line(kernel: Any, prompt: str) -> str:
    """The person's line. Cancelling it withdraws nothing on the page: a late answer is dropped.

    Raises StdinClosedError where there is no input box.
    """
    if not has_stdin(kernel):
        raise StdinClosedError("This frontend has no input box.")
    socket = kernel.stdin_socket
    _drop_stale_replies(socket)
    ident, parent = _get_requester(kernel)
    content = {"prompt": prompt, "password": False}
    kernel.session.send(socket, "input_request", content, parent, ident=ident)
    while True:
        if socket.poll(0):
            _, reply = kernel.session.recv(socket, zmq.NOBLOCK)
            if reply is not None:
                value = str(reply["content"]["value"])
                if value == "\x04":
                    raise StdinClosedError("The input box was closed.")
                return value
        await asyncio.sleep(POLL_S)


def _drop_stale_replies(socket: Any) -> None:
    while socket.poll(0):
        socket.recv_multipart(zmq.NOBLOCK)


def _get_requester(kernel: Any) -> tuple[Any, Any]:
    """Who asked for the cell under way, as `raw_input` finds it: private, and it moved in 7.0."""
    if hasattr(kernel, "_get_shell_context_var"):
        ident = kernel._get_shell_context_var(kernel._shell_parent_ident)
    else:  # ipykernel 6
        ident = kernel._parent_ident["shell"]
    return ident, kernel.get_parent("shell")
