"""Asks a person through the frontend's input box without blocking the kernel's loop.

ipykernel's own `raw_input` blocks the thread, so that no click and no timer could race with it.
This sends the same request and looks for the reply between other work.
"""

from __future__ import annotations

import asyncio
from typing import Any

import zmq

POLL_S = 0.05
_EOF = "\x04"
_ASKED_AGAIN = "(That may have been the answer to an earlier box, so it was not taken.)"

#: Whether a box was left unanswered: it may still stand in a page. JupyterLab says which box a
#: reply comes from; where that is not said, it must not decide another call.
_withdrawn = False


class StdinClosedError(Exception):
    """The person closed the input box, or the frontend has none."""


def has_stdin(kernel: Any) -> bool:
    """Whether the frontend that runs this cell answers input requests."""
    return bool(getattr(kernel, "_allow_stdin", False)) and kernel.stdin_socket is not None


async def read_line(kernel: Any, prompt: str) -> str:
    """The person's line. Cancelling it withdraws nothing on the page: a late answer is dropped.

    Raises StdinClosedError where there is no input box.
    """
    global _withdrawn
    if not has_stdin(kernel):
        raise StdinClosedError("This frontend has no input box.")
    _drop_stale_replies(kernel.stdin_socket)
    sent = _send_request(kernel, prompt)
    reply = None
    try:
        while reply is None:
            reply = _get_reply(kernel)
            if reply is None:
                await asyncio.sleep(POLL_S)
            elif not reply["parent_header"] and _withdrawn:
                _withdrawn, reply = False, None
                sent = _send_request(kernel, f"{_ASKED_AGAIN}\n{prompt}")
            elif reply["parent_header"].get("msg_id", sent) != sent:
                reply = None
    finally:
        _withdrawn = _withdrawn or reply is None
    value = str(reply["content"]["value"])
    if value == _EOF:
        raise StdinClosedError("The input box was closed.")
    return value


def _send_request(kernel: Any, prompt: str) -> str:
    """The id of the request."""
    ident, parent = _get_requester(kernel)
    content = {"prompt": prompt, "password": False}
    message = kernel.session.send(
        kernel.stdin_socket, "input_request", content, parent, ident=ident
    )
    return str(message["header"]["msg_id"])


def _get_reply(kernel: Any) -> dict[str, Any] | None:
    if not kernel.stdin_socket.poll(0):
        return None
    _, reply = kernel.session.recv(kernel.stdin_socket, zmq.NOBLOCK)
    return reply  # type: ignore[no-any-return]


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
