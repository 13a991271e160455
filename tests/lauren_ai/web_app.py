"""Serves an ASGI application by a real uvicorn on a loopback port, in a thread of its own."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from lauren import LaurenFactory, controller, module

START_TIMEOUT_S = 10.0


def build_app(*controllers: type, imports: list[type]) -> Any:
    """An application of these controllers, which may be decorated or not."""
    decorated = [controller("")(each) for each in controllers]
    root = module(controllers=decorated, imports=imports)(type("AppModule", (), {}))
    return LaurenFactory.create(root)


@contextmanager
def serve(app: Any) -> Iterator[str]:
    """The address of the running application, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="critical", ws="none", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + START_TIMEOUT_S
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "uvicorn did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(START_TIMEOUT_S)
        listener.close()
