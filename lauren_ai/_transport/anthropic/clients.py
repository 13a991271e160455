"""The clients of the `anthropic` SDK: how ours is made, how any of them sends a body, what its
errors mean. Works with anthropic 2.x.

It builds no request and reads no answer.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

from lauren_ai._config import LLMConfig
from lauren_ai._exceptions import AgentConfigError, AuthTransportError, TransportError
from lauren_ai._http.connection import make_transport
from lauren_ai._http.errors import build_connection_error
from lauren_ai._http.event_stream import aiter_as_sse, is_event_stream
from lauren_ai._http.response import WireResponse, read_refusal
from lauren_ai._secrets.redaction import redact
from lauren_ai._servers import SERVERS
from lauren_ai._transport.base import aiter_once

if TYPE_CHECKING:
    import httpx2
    from anthropic import AsyncAnthropic

Json = dict[str, Any]
#: What a client may hold of secrets, over all of the SDK's clients.
_KEYS = (
    *("api_key", "auth_token", "access_token"),
    *("aws_access_key", "aws_secret_key", "aws_session_token"),
)
#: The SDK's clients whose bodies and addresses are a cloud's own.
_CLOUDS = (
    ("AsyncAnthropicBedrock", "bedrock"),
    ("AsyncAnthropicVertex", "vertex"),
)


def make_client(config: LLMConfig) -> AsyncAnthropic:
    """A client of the Claude API, of a server that speaks it, or of a cloud. Keys are looked for
    as the SDK alone does. Raises TransportError for an address that is none, and for a cloud that
    lacks what it needs."""
    import anthropic
    import httpx2

    options: dict[str, Any] = {
        "base_url": get_base_url(config),
        "default_headers": dict(config.default_headers) or None,
        "max_retries": 0,
    }
    if config.provider not in _CLOUD_ADDRESSES:
        key = config.api_key if isinstance(config.api_key, str) else None
        options["api_key"] = (key or os.environ.get("ANTHROPIC_API_KEY") or "").strip() or None
    try:
        options["http_client"] = _make_http_client(config)
        match config.provider:
            case "bedrock":
                return cast("AsyncAnthropic", anthropic.AsyncAnthropicBedrock(**options))
            case "vertex":
                options["region"] = os.environ.get("CLOUD_ML_REGION") or "global"
                return cast("AsyncAnthropic", anthropic.AsyncAnthropicVertex(**options))
        return anthropic.AsyncAnthropic(**options)
    except httpx2.InvalidURL as exc:
        raise build_connection_error(config.provider, str(config.base_url), exc) from exc
    except (anthropic.AnthropicError, ImportError, ValueError) as exc:
        if config.provider not in _CLOUD_ADDRESSES:
            raise
        raise AuthTransportError(
            f"{SERVERS[config.provider].title} cannot be asked: {redact(str(exc)).rstrip('.')}. "
            f"{_CLOUD_NEEDS[config.provider]}",
            provider=config.provider,
        ) from exc


_PASTED = re.compile(r"(?:/v1(?:/messages(?:/count_tokens)?)?)?/*\Z")
#: Where each cloud is, for the choice of a proxy.
_CLOUD_ADDRESSES = {
    "bedrock": "https://bedrock-runtime.amazonaws.com",
    "vertex": "https://aiplatform.googleapis.com",
}
_CLOUD_NEEDS = {
    "bedrock": 'Run `pip install "anthropic[bedrock]"`, set AWS_REGION, and sign in to AWS or set '
    "AWS_BEARER_TOKEN_BEDROCK.",
    "vertex": 'Run `pip install "anthropic[vertex]"`, set ANTHROPIC_VERTEX_PROJECT_ID and '
    "CLOUD_ML_REGION, and sign in with `gcloud auth application-default login`.",
}


def get_base_url(config: LLMConfig) -> str | None:
    """The address of a configuration or a variable, without the endpoint that people paste with
    it; None for the SDK's own."""
    given = config.base_url
    if given is None and config.provider not in _CLOUD_ADDRESSES:
        given = os.environ.get("ANTHROPIC_BASE_URL")
    return None if given is None else _PASTED.sub("", given.strip())


def _make_http_client(config: LLMConfig) -> httpx2.AsyncClient:
    import anthropic
    import httpx2
    from httpx_aiohttp.httpx2 import AiohttpTransport

    address = get_base_url(config) or _CLOUD_ADDRESSES.get(config.provider)
    address = address or str(SERVERS["anthropic"].base_url)
    return anthropic.DefaultAioHttpClient(
        transport=make_transport(httpx2, AiohttpTransport, address, config.verify),
        trust_env=False,
        event_hooks={"response": [_refuse]},
    )


def check_client(client: object) -> None:
    """Raises AgentConfigError for what is no client of the SDK that can be awaited."""
    if client is None or type(client).__module__.partition(".")[0] != "anthropic":
        is_good = client is None or callable(getattr(client, "post", None))
    else:
        is_good = "Async" in type(client).__name__
    if not is_good:
        raise AgentConfigError(
            f"A {type(client).__name__} cannot send requests here. Use an asynchronous client of "
            "the anthropic SDK: AsyncAnthropic, AsyncAnthropicBedrock, AsyncAnthropicVertex, …"
        )


def get_server(client: AsyncAnthropic) -> str:
    """Whose API the client speaks: a cloud's, or "anthropic"."""
    import anthropic

    for name, server in _CLOUDS:
        kind = getattr(anthropic, name, None)
        if kind is not None and isinstance(client, kind):
            return server
    return "anthropic"


def list_keys(client: AsyncAnthropic) -> list[str | None]:
    found = (getattr(client, name, None) for name in _KEYS)
    return [key for key in found if isinstance(key, str)]


@asynccontextmanager
async def post(
    client: AsyncAnthropic,
    path: str,
    body: Json,
    *,
    headers: Mapping[str, str],
    timeout: httpx2.Timeout,
) -> AsyncIterator[WireResponse]:
    """Send a body; the response is there also where the SDK makes an error of it. A cloud's
    client moves the model and the version to where its API has them."""
    from anthropic import APIConnectionError, APIStatusError, AsyncStream

    if headers or client.max_retries:  # as a request's own the SDK would log them
        client = client.with_options(default_headers=dict(headers), max_retries=0)
    async with AsyncExitStack() as stack:
        try:
            response = await client.post(
                path,
                cast_to=object,
                body=body,
                options={"headers": {"X-Stainless-Raw-Response": "stream"}, "timeout": timeout},
                stream=bool(body.get("stream")),
                stream_cls=AsyncStream[object],
            )
            stack.push_async_callback(response.close)  # type: ignore[attr-defined]
            http: httpx2.Response = response.http_response  # type: ignore[attr-defined]
        except APIConnectionError as exc:
            if not isinstance(exc.__cause__, _Refused):
                raise
            yield exc.__cause__.response
            return
        except APIStatusError as exc:
            if not exc.response.is_stream_consumed:
                raise
            http = exc.response  # the SDK has read and closed it
            yield WireResponse(http.status_code, http.headers, aiter_once(http.content))
            return
        chunks = http.aiter_bytes()
        if is_event_stream(http.headers):
            chunks = aiter_as_sse(chunks)
        yield WireResponse(http.status_code, http.headers, chunks)


class _Refused(Exception):
    """Carries an error's response past the SDK."""

    def __init__(self, response: WireResponse) -> None:
        super().__init__(f"status {response.status}")
        self.response = response


async def _refuse(response: httpx2.Response) -> None:
    """Read of an error what comes soon: the SDK would wait for all of it, and of one that breaks
    it would forget the status."""
    import httpx2
    from aiohttp import ClientError

    if not response.is_error:
        return
    head = bytearray()
    # What came before tells enough.
    with suppress(httpx2.HTTPError, ClientError, OSError):
        await read_refusal(response.aiter_bytes(), head)
    raise _Refused(WireResponse(response.status_code, response.headers, aiter_once(bytes(head))))


def build_cloud_error(provider: str, exc: Exception) -> TransportError | None:
    """The error of a cloud's own library, which signs or finds credentials; None of any other."""
    reason = (redact(str(exc)) or type(exc).__name__).rstrip(".")
    if isinstance(exc, ImportError):
        return TransportError(
            f"This client of {provider} needs another package: {reason}. Install "
            "anthropic[bedrock] or anthropic[vertex] with pip.",
            provider=provider,
        )
    origin = type(exc).__module__.partition(".")[0]
    if origin in ("botocore", "boto3", "google") or "credentials" in reason:
        return AuthTransportError(
            f"The cloud's credentials for {provider} cannot be used: {reason}. Sign in to the "
            "cloud again, or pass credentials to the client.",
            provider=provider,
        )
    return None
