"""The embedded model: a GGUF file served by llama.cpp in a child process of this one.

The server speaks chat completions on the loopback interface, so that one decoder serves all.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from lauren_ai._transport.local.server import LocalServer
from lauren_ai._transport.local.weights import Progress, get_weights
from lauren_ai._transport.openai.endpoint import Endpoint
from lauren_ai._transport.openai.transport import OpenAITransport

#: Hears, in a thread, how many bytes of the weights have come: set it around a request.
fetch_progress: ContextVar[Progress | None] = ContextVar("fetch_progress", default=None)


class LocalTransport(OpenAITransport):
    """Made by `LLMService.from_config`. The first request fetches the weights (98 MB, once a
    machine) and starts the server (once a process; it ends with it)."""

    async def get_endpoint(self) -> Endpoint:
        server = await asyncio.to_thread(self._start)
        return Endpoint(server.base_url, server.api_key)

    def _get_address(self) -> str:
        return ""  # on this machine: no proxy leads there

    def _start(self) -> LocalServer:
        return LocalServer.get(get_weights(self._config.model, progress=fetch_progress.get()))
