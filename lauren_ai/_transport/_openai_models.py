"""Asks an OpenAI-compatible server which models it has. It asks no model anything."""

from __future__ import annotations

from lauren_ai._exceptions import TransportError
from lauren_ai._transport.openai.transport import OpenAITransport


async def list_models(transport: OpenAITransport) -> list[str]:
    """The names in the server's order, from `GET /models`. Raises TransportError."""
    answer = await transport.ask("/models")
    try:
        return [str(item["id"]) for item in answer["data"]]
    except (KeyError, TypeError) as exc:
        raise TransportError(
            f"{transport.provider} lists its models in a way that cannot be read. "
            "Name a model with -m.",
            provider=transport.provider,
        ) from exc
