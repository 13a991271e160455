"""The LLM service: one model behind one transport, whole answers or streams.

It knows no wire format; transports do.
"""

from __future__ import annotations

from asyncio import CancelledError, sleep
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar, overload

from typing_extensions import Unpack

from lauren_ai._cassettes.player import Cassette
from lauren_ai._config import LLMConfig
from lauren_ai._exceptions import AgentConfigError, TransportError
from lauren_ai._output_parsers.structured import StructuredLLM
from lauren_ai._pipe import Pipeable
from lauren_ai._profiles import Profile, get_profile
from lauren_ai._secrets.redaction import hide_frames
from lauren_ai._servers import SERVERS
from lauren_ai._streaming.request import (
    CompletionRequest,
    Loadable,
    Profiled,
    RequestOptions,
    Transport,
    build_request,
    check_messages,
)
from lauren_ai._streaming.retry import get_retry_delay
from lauren_ai._streaming.stream import CompletionStream
from lauren_ai._types import (
    Completion,
    Embedding,
    Message,
    ToolSchema,
)

T = TypeVar("T")


class LLMService(Pipeable):
    """Made once from a configuration and shared; streams run side by side. `close` ends it.

    `transport` moves the bytes; the service adds the configuration's defaults, retries and limits.
    """

    def __init__(self, transport: Transport, config: LLMConfig) -> None:
        self.transport = transport
        self.config = config

    @classmethod
    def from_config(cls, config: LLMConfig, *, cassette: Cassette | None = None) -> LLMService:
        """The service and its transport. Raises AgentConfigError; opens no connection.

        `cassette` records what goes over the wire, or answers in its place."""
        return cls(build_transport(config, cassette=cassette), config)

    @classmethod
    def from_client(cls, client: Any, model: str, **options: Any) -> LLMService:
        """The service over a client that the user made and closes: one of the `anthropic` SDK
        (AsyncAnthropic, AsyncAnthropicBedrock, …Vertex, …Foundry, …), or an httpx.AsyncClient,
        which asks OpenAI or the server that `provider` or `base_url` names. `options` are
        LLMConfig's.

        Raises AgentConfigError for another kind of client."""
        given = {**options.pop("request_options", {}), "client": client}
        is_httpx = type(client).__module__.partition(".")[0] in ("httpx", "httpx_aiohttp")
        provider = options.pop("provider", "openai" if is_httpx else "anthropic")
        config = LLMConfig(provider, model, request_options=given, **options)
        return cls.from_config(config)

    def complete_stream(
        self, messages: Sequence[Message], **options: Unpack[RequestOptions]
    ) -> CompletionStream:
        """A stream of the answer; `await` it or not. `RequestOptions` tells of the options.

        Raises TypeError for messages and options that are none; nothing is sent before the first
        chunk is asked for."""
        config = self.config
        try:
            check_messages(messages)
            request = build_request(messages, options, config)
            on_retry, on_notice = options.get("on_retry"), options.get("on_notice")
        finally:
            del options  # its headers may hold keys, and tracebacks show this frame
        return CompletionStream(
            self.transport,
            request,
            timeouts=config.get_timeouts(request.request_options),
            retries=config.max_retries,
            on_retry=on_retry,
            on_notice=on_notice,
        )

    def get_profile(self, model: str | None = None) -> Profile:
        """What `model`, or the configuration's own, takes where it is asked."""
        config = self.config
        name = model or config.model
        if isinstance(self.transport, Profiled):
            return self.transport.get_profile(name)
        if config.profile is not None and name == config.model:
            return config.profile
        return get_profile(config.provider, name, config.base_url)

    async def load(self) -> None:
        """Import the provider's SDK ahead of the first request; at once where that is done."""
        if isinstance(self.transport, Loadable) and not self.transport.is_loaded:
            await self.transport.load()

    @overload
    async def complete(
        self,
        messages: Sequence[Message],
        *,
        stream: Literal[False] = False,
        **options: Unpack[RequestOptions],
    ) -> Completion: ...

    @overload
    async def complete(
        self,
        messages: Sequence[Message],
        *,
        stream: Literal[True],
        **options: Unpack[RequestOptions],
    ) -> CompletionStream: ...

    async def complete(
        self,
        messages: Sequence[Message],
        *,
        stream: bool = False,
        **options: Unpack[RequestOptions],
    ) -> Completion | CompletionStream:
        """The whole answer, or with `stream=True` the stream; options as `complete_stream`.

        A whole answer is read from a stream as well: the same limits, retries and checks hold.
        Raises TransportError. Cancelling it closes the connection.
        """
        try:
            chunks = self.complete_stream(messages, **options)
        finally:
            del options  # its headers may hold keys, and tracebacks show this frame
        if stream:
            return chunks
        async for _ in chunks:
            pass
        return chunks.completion

    async def embed(self, texts: Sequence[str], *, model: str | None = None) -> list[Embedding]:
        """One vector a text, in order. Raises TransportError where the provider has none."""
        name = model or self.config.model
        return await self._ask(lambda: self.transport.embed(texts, model=name))

    async def count_tokens(
        self,
        messages: Sequence[Message],
        *,
        system: str | None = None,
        tools: Sequence[ToolSchema] = (),
        model: str | None = None,
    ) -> int:
        """The input tokens that `messages` would take beside `tools`, counted by the provider.

        Raises TransportError where the provider does not count; it is never estimated."""
        check_messages(messages)
        request = CompletionRequest(
            model=model or self.config.model, messages=messages, system=system, tools=tools
        )
        return await self._ask(lambda: self.transport.count_tokens(request))

    async def _ask(self, ask: Callable[[], Awaitable[T]]) -> T:
        """A whole answer. What fails is repeated, as `LLMConfig.max_retries` says."""
        attempt = 1
        while True:
            error: TransportError
            try:
                return await ask()
            except TransportError as exc:
                error = exc
            except (Exception, CancelledError, KeyboardInterrupt) as exc:  # noqa: BLE001 - raised again
                raise hide_frames(exc) from None
            delay = get_retry_delay(error, attempt=attempt, retries=self.config.max_retries)
            if delay is None:
                raise hide_frames(error) from None
            await sleep(0 if error.is_replayed else delay)
            attempt += 1

    @overload
    def with_structured_output(self, model: type[T]) -> StructuredLLM[T]: ...

    @overload
    def with_structured_output(self, model: Mapping[str, Any]) -> StructuredLLM[Any]: ...

    def with_structured_output(self, model: Any) -> StructuredLLM[Any]:
        """A service whose answers are of `model`: a pydantic model, a type, or a JSON schema."""
        return StructuredLLM(self, model)

    async def close(self) -> None:
        """Close the transport's connections."""
        await self.transport.close()


def build_transport(config: LLMConfig, *, cassette: Cassette | None = None) -> Transport:
    """The transport of `config.provider`. Providers are imported here, when first used.

    `request_options["cassette"]` serves where no cassette is given."""
    cassette = cassette or config.request_options.get("cassette")
    client = config.request_options.get("client")
    match SERVERS[config.provider].speaks:
        case "messages":
            from lauren_ai._transport.anthropic.transport import AnthropicTransport

            return AnthropicTransport(config, client=client, cassette=cassette)
        case "ollama":
            from lauren_ai._transport.openai.ollama import OllamaTransport

            return OllamaTransport(config, client=client, cassette=cassette)
        case "openai":
            from lauren_ai._transport.openai.transport import OpenAITransport

            return OpenAITransport(config, client=client, cassette=cassette)
        case "local":
            from lauren_ai._transport.local.transport import LocalTransport

            return LocalTransport(config, cassette=cassette)
    raise AgentConfigError(
        f"Provider {config.provider!r} has no transport to build. Pass one: "
        "LLMService(transport, config)."
    )
