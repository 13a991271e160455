"""What a transport is: it moves one request to a provider and its chunks back.

It holds no provider's wire format; each has a file of its own beside this one.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from lauren_ai._streaming.accumulate import Accumulator
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


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """One request, free of any provider's format. Transports read it and never change it."""

    model: str
    messages: Sequence[Message]
    system: str | None = None
    tools: Sequence[ToolSchema] = ()
    tool_choice: ToolChoice | None = None
    max_tokens: int = 4096
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
