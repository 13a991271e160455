"""Asks an OpenAI-compatible server which models it has. It asks no model anything."""

from __future__ import annotations

import msgspec

from lauren_ai._exceptions import TransportError
from lauren_ai._transport._errors import build_connection_error, build_status_error
from lauren_ai._transport._openai import OpenAITransport


async def list_models(transport: OpenAITransport) -> list[str]:
    """The names in the server's order, from `GET /models`. Raises TransportError."""
    import httpx

    endpoint = await transport.get_endpoint()
    headers = {"authorization": f"Bearer {endpoint.api_key}"} if endpoint.api_key else {}
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            response = await client.get(f"{endpoint.base_url}/models", headers=headers)
    except (httpx.HTTPError, OSError) as exc:
        raise build_connection_error(transport.provider, endpoint.base_url, exc) from exc
    if response.status_code >= 400:
        raise build_status_error(
            transport.provider, response.status_code, response.headers, response.content
        )
    try:
        return [str(item["id"]) for item in msgspec.json.decode(response.content)["data"]]
    except (msgspec.DecodeError, KeyError, TypeError) as exc:
        raise TransportError(
            f"{transport.provider} at {endpoint.base_url} lists its models in a way that cannot "
            "be read. Name a model with -m.",
            provider=transport.provider,
        ) from exc
