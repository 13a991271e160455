"""A controller that streams, and a real uvicorn on a loopback port that serves applications."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from lauren import LaurenFactory, controller, get, module

from lauren_ai import LLMService, Message
from lauren_ai.web import EventStream

START_TIMEOUT_S = 10.0


class Answers:
    """The document's way to stream: it frames each delta itself."""

    def __init__(self, llm: LLMService) -> None:
        self._llm = llm

    @get("/answer")
    async def answer(self) -> AsyncIterator[str]:
        async def generate() -> AsyncIterator[str]:
            async for chunk in self._llm.complete_stream([Message.user("hi")]):
                if chunk.delta:
                    yield f"data: {chunk.delta}\n\n"
            yield "data: [DONE]\n\n"

        return EventStream(generate())


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
