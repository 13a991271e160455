"""What a transport is: it moves one request to a provider and its chunks back.

It holds no provider's wire format; each has a file of its own beside this one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, Protocol, TypedDict, runtime_checkable

from lauren_ai._config import LLMConfig
from lauren_ai._json import overlay
from lauren_ai._profiles import Profile
from lauren_ai._streaming.accumulate import Accumulator
from lauren_ai._streaming.retry import OnRetry
from lauren_ai._types import (
    CompletionChunk,
    ContentBlock,
    Embedding,
    Message,
    ToolChoice,
    ToolSchema,
)

#: The tool whose arguments are the answer, where a model takes no schema for its text.
ANSWER_TOOL = "structured_output"
#: How long a provider keeps the prompt for the next request, where it asks for the order.
Cache = Literal["5m", "1h", False]
#: Hears one line for the person: what a request had to leave out, say.
OnNotice = Callable[[str], None]
#: Of an answer where a request must name a limit, and nobody knows the model's.
DEFAULT_MAX_TOKENS = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletionRequest:
    """One request, free of any provider's format. Transports read it and never change it."""

    model: str
    messages: Sequence[Message]
    system: str | None = None
    tools: Sequence[ToolSchema] = ()
    tool_choice: ToolChoice | None = None
    #: Of the answer with its thinking; None is the model's own limit.
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop_sequences: Sequence[str] = ()
    thinking: bool = False
    #: None: as much as the model likes, 8,000 tokens where it must be told.
    thinking_budget_tokens: int | None = None
    reasoning_effort: str | None = None
    parallel_tool_calls: bool | None = None
    #: A JSON schema of type object: the answer's text is one such object, or the arguments of
    #: ANSWER_TOOL are, which the transport adds where the model takes no schema.
    output_schema: Mapping[str, Any] | None = None
    cache: Cache = False
    on_notice: OnNotice | None = field(default=None, repr=False, compare=False)
    #: Not shown: it may hold headers with keys.
    request_options: Mapping[str, Any] = field(default_factory=dict, repr=False)


class RequestOptions(TypedDict, total=False):
    """The keywords of `LLMService.complete` and `complete_stream`; None for one is "not said".

    `max_tokens` and `thinking_budget_tokens` count tokens; without the first an answer is as long
    as the model makes it. `timeout` (seconds) bounds the wait for
    content, of this request alone. `output_schema` is a JSON schema that the answer's text fits.
    `cache` asks the provider to keep the prompt for the next request ("5m" or "1h"). `extra` is
    merged into the request's JSON, deep; None in it leaves a field out. `request_options` may hold
    `headers`, `extra_body` (as `extra`, under it), `timeouts` and `allow_truncated` (for proxies
    that leave the end out). `on_retry` hears of a wait, `on_notice` of what had to be left out.
    """

    system: str | None
    tools: Sequence[ToolSchema]
    tool_choice: ToolChoice | None
    model: str | None
    max_tokens: int | None
    temperature: float | None
    top_p: float | None
    stop_sequences: Sequence[str]
    thinking: bool
    thinking_budget_tokens: int | None
    reasoning_effort: str | None
    parallel_tool_calls: bool | None
    output_schema: Mapping[str, Any] | None
    cache: Cache
    timeout: float | None
    extra: Mapping[str, Any] | None
    request_options: Mapping[str, Any] | None
    on_retry: OnRetry | None
    on_notice: OnNotice | None


_SENT = {field.name for field in fields(CompletionRequest)} & RequestOptions.__annotations__.keys()
_BESIDE = {"request_options", "on_notice"}


def build_request(
    messages: Sequence[Message], options: RequestOptions, config: LLMConfig
) -> CompletionRequest:
    """The request under a service's configuration. Raises TypeError for an unknown option."""
    if unknown := options.keys() - RequestOptions.__annotations__.keys():
        raise TypeError(f"A request has no option {min(unknown)!r}. See RequestOptions.")
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    defaults: dict[str, Any] = {
        "model": config.model,
        "max_tokens": config.max_tokens,
        "temperature": config.temperature,
        "top_p": config.top_p,
    }
    values = defaults | {name: given[name] for name in given.keys() & _SENT - _BESIDE}
    for name in ("model", "max_tokens"):
        values[name] = values[name] or defaults[name]
    beside = {**config.request_options, **(options.get("request_options") or {})}
    if extra := options.get("extra"):
        beside["extra_body"] = overlay(beside.get("extra_body"), extra)
    if (timeout := options.get("timeout")) is not None:
        beside["timeouts"] = replace(config, timeout=timeout, request_options={}).get_timeouts()
    return CompletionRequest(messages=messages, request_options=beside, **values)


class Transport(Protocol):
    """Created by `LLMService.from_config` or by the user, shared by many streams, closed once.

    It keeps no state of a single stream, so that streams may run side by side.
    """

    provider: str

    def stream(
        self, request: CompletionRequest, snapshot: Accumulator
    ) -> AsyncGenerator[list[CompletionChunk], None]:
        """One attempt at one response: the chunks of each read, as a list.

        A read that brought no content (a ping) gives an empty list. The last list ends in the
        one final chunk. `snapshot` is filled as the response is read, so that it holds the
        partial answer whenever the generator stops. Raises `TransportError`; never retries.
        Closing the generator, or cancelling its reader, closes the connection.
        """
        ...

    async def embed(self, texts: Sequence[str], *, model: str) -> list[Embedding]: ...

    async def count_tokens(self, request: CompletionRequest) -> int: ...

    async def close(self) -> None:
        """Close all connections. Streams that still run end with an error."""
        ...


@runtime_checkable
class Loadable(Protocol):
    """A transport that imports a provider's SDK before its first request: seconds on a slow disk,
    which count toward no limit of a request."""

    @property
    def is_loaded(self) -> bool: ...

    async def load(self) -> None:
        """Import it in a thread; at once where that is done."""
        ...


@runtime_checkable
class Profiled(Protocol):
    """A transport that knows what a model takes where it asks it."""

    def get_profile(self, model: str) -> Profile: ...


def check_messages(messages: object) -> None:
    """Raises TypeError for what no transport can send: a str, a dict, a message of bare strings."""
    if isinstance(messages, str) or not isinstance(messages, Sequence):
        raise TypeError(
            f"messages must be a list of Message, not {type(messages).__name__}. "
            'Write [Message.user("…")].'
        )
    for message in messages:
        if not isinstance(message, Message):
            raise TypeError(
                f"messages must hold Message objects, not {type(message).__name__}. "
                'Write Message.user("…") or Message(role, content).'
            )
        if not isinstance(message.content, str):
            _check_blocks(message.content)


def _check_blocks(content: object) -> None:
    blocks = content if isinstance(content, list | tuple) else [content]
    for block in blocks:
        if not isinstance(block, ContentBlock):
            raise TypeError(
                "A message's content must be a str or a list of ContentBlock, not of "
                f"{type(block).__name__}. Use Message.from_multimodal(role, parts) for strings, "
                "and ContentBlock.image_block(data) for images."
            )
