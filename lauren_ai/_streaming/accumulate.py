"""Accumulates one response: blocks as they are written, then the whole Completion.

It is pure: providers' decoders call it, and it neither reads bytes nor knows a wire format.
"""

from __future__ import annotations

from io import StringIO
from typing import Any

from lauren_ai._exceptions import TransportError
from lauren_ai._json import ToolInputError, parse_tool_input
from lauren_ai._types import Completion, CompletionChunk, ContentBlock, InvalidToolCall, ToolCall
from lauren_ai._usage import TokenUsage

#: Only after these stop reasons may a tool run: the model meant its calls to be complete.
TOOL_STOP_REASONS = frozenset({"tool_use"})
MAX_UNKNOWN = 100
#: Calls of one response. Providers take 128 tools, and no model calls each at once.
MAX_CALLS = 128


class OpenBlock:
    """A block being written. `text` holds its text, its thinking or its arguments' JSON; `raw` is
    what goes back to its `provider`."""

    __slots__ = (
        "closed",
        "error",
        "name",
        "prefix",
        "provider",
        "raw",
        "signature",
        "text",
        "tool_use_id",
        "type",
    )

    def __init__(
        self, type: str, *, tool_use_id: str = "", name: str = "", provider: str = ""
    ) -> None:
        self.type = type
        self.text = StringIO()  # appends into one buffer: memory is the text, once
        self.tool_use_id = tool_use_id
        self.name = name
        self.signature = ""
        self.provider = provider
        self.raw: dict[str, Any] | None = None
        self.prefix: str | None = None
        self.closed = False
        self.error: str | None = None

    def build(self) -> ContentBlock | None:
        """The block as the next request sends it; None if it holds nothing."""
        text, raw = self.text.getvalue(), self.raw
        if self.type == "text":
            if raw is None:
                return ContentBlock.text_block(text) if text else None
            if raw.get("type") == "text":  # made before its text was all there
                raw = {**raw, "text": text}
            return self._own(ContentBlock("text", text=text, raw=raw))
        if self.type == "thinking":
            # A part of a signature is no signature: a provider would refuse the next request.
            signature = self.signature if self.closed else ""
            if not (text or signature or raw):
                return None
            block = ContentBlock.thinking_block(text, signature=signature or None)
            block.raw, block.prefix = raw, self.prefix
            return self._own(block)
        if raw is None or not (self.closed or self.type == "redacted_thinking"):
            return None
        return self._own(ContentBlock(self.type, raw=raw, prefix=self.prefix))

    def build_call(self, input: dict[str, Any]) -> ContentBlock:
        """The block of a tool call, with `input` as its arguments."""
        block = ContentBlock.tool_use_block(self.tool_use_id, self.name, input)
        block.raw = self.raw
        return self._own(block)

    def _own(self, block: ContentBlock) -> ContentBlock:
        if block.raw is not None:
            block.provider = self.provider or None
        return block


class Accumulator:
    """The snapshot of a response: made for one attempt, filled by its decoder, read at any time."""

    __slots__ = (
        "_calls",
        "_ids",
        "_open",
        "blocks",
        "id",
        "is_complete",
        "metadata",
        "model",
        "provider",
        "request_id",
        "stop_reason",
        "usage",
    )

    def __init__(self, *, provider: str = "", model: str = "") -> None:
        self.provider = provider
        self.model = model
        self.id = ""
        self.request_id: str | None = None
        self.stop_reason: str | None = None
        self.is_complete = False  # the provider ended the response as the wire format wants
        self.usage: TokenUsage | None = None
        self.metadata: dict[str, Any] = {}
        self.blocks: list[OpenBlock] = []
        self._calls = 0
        self._ids: set[str] = set()
        self._open: dict[str, OpenBlock] = {}  # tool calls by id, for `add`

    def open(self, type: str, *, tool_use_id: str = "", name: str = "") -> OpenBlock:
        """A new block at the end. Raises TransportError on a tool call's id that is taken, and on
        more calls than any model makes."""
        self._calls += type == "tool_use"
        if self._calls > MAX_CALLS:
            raise TransportError(
                f"The response has over {MAX_CALLS} tool calls, so none of them was run. Ask "
                "again, for less at a time.",
                provider=self.provider,
                partial_text=self.text,
            )
        if tool_use_id in self._ids:
            raise TransportError(
                f"The response has two tool calls with the id {tool_use_id!r}, so none of its "
                "calls was run. Ask again; if it repeats, report it to the provider.",
                provider=self.provider,
                partial_text=self.text,
            )
        if tool_use_id:
            self._ids.add(tool_use_id)
        block = OpenBlock(type, tool_use_id=tool_use_id, name=name, provider=self.provider)
        self.blocks.append(block)
        return block

    def note_unknown(self, kind: str, value: object) -> None:
        """Keep what this version does not understand, up to a bound, for the caller to see."""
        kept = self.metadata.setdefault(kind, [])
        if len(kept) < MAX_UNKNOWN:
            kept.append(value)

    def add(self, chunk: CompletionChunk) -> None:
        """Accumulate a chunk that came without a wire format (a mock's, a replayed one)."""
        if chunk.delta:
            self.write("text", chunk.delta)
        if thinking := chunk.thinking_delta or chunk.reasoning_content_delta:
            self.write("thinking", thinking)
        if chunk.thinking_signature:
            self.get_last("thinking").signature += chunk.thinking_signature
        if chunk.redacted_thinking is not None:
            block = self.open("redacted_thinking")
            block.raw = {"type": "redacted_thinking", "data": chunk.redacted_thinking}
        if (call := chunk.tool_call_delta) is not None:
            if call.tool_use_id not in self._open:
                self._open[call.tool_use_id] = self.open(
                    "tool_use", tool_use_id=call.tool_use_id, name=call.name or ""
                )
            self._open[call.tool_use_id].text.write(call.input_delta)
        if chunk.stop_reason is not None:
            self.stop_reason = chunk.stop_reason
            self.usage = chunk.usage
            self.is_complete = True
            for block in self.blocks:
                block.closed = True

    def write(self, type: str, text: str) -> None:
        """Append to the last block if it is of this type, else to a new one."""
        self.get_last(type).text.write(text)

    def get_last(self, type: str) -> OpenBlock:
        """The last block if it is of this type, else a new one."""
        blocks = self.blocks
        return blocks[-1] if blocks and blocks[-1].type == type else self.open(type)

    @property
    def text(self) -> str:
        """The answer's text so far."""
        return "".join(b.text.getvalue() for b in self.blocks if b.type == "text")

    def build_completion(self, *, ending: str = "cancelled") -> Completion:
        """Everything so far; `ending` is the stop reason where the provider did not end it. Tool
        calls that are incomplete or malformed are in no list that a runner may run: they stand in
        `invalid_tool_calls`, each with its reason."""
        stop_reason = self.stop_reason if self.is_complete and self.stop_reason else ending
        blocks: list[ContentBlock] = []
        calls: list[ToolCall] = []
        invalid: list[InvalidToolCall] = []
        for block in self.blocks:
            if block.type == "tool_use":
                call = _build_call(block, stop_reason)
                if isinstance(call, ToolCall):
                    calls.append(call)
                    blocks.append(block.build_call(call.input))
                else:
                    invalid.append(call)
                    blocks.append(block.build_call({}))
            elif (built := block.build()) is not None:
                blocks.append(built)
        return Completion(
            id=self.id,
            model=self.model,
            content=self.text,
            tool_calls=calls,
            stop_reason=stop_reason,
            usage=self.usage,
            thinking_blocks=[b for b in blocks if b.type in ("thinking", "redacted_thinking")],
            provider=self.provider,
            request_id=self.request_id,
            provider_metadata=dict(self.metadata),
            blocks=blocks,
            invalid_tool_calls=invalid,
        )


def build_open_block(block: OpenBlock) -> ContentBlock | None:
    """A block that has ended, as the next request sends it."""
    if block.type != "tool_use":
        return block.build()
    try:
        return block.build_call(parse_tool_input(block.text.getvalue()))
    except ToolInputError:
        return block.build_call({})


def _build_call(block: OpenBlock, stop_reason: str) -> ToolCall | InvalidToolCall:
    text = block.text.getvalue()
    error = block.error
    if error is None and not block.closed:
        error = "The call was cut off before its arguments ended."
    if error is None and stop_reason not in TOOL_STOP_REASONS:
        error = f"The response stopped with {stop_reason!r}, not to call a tool."
    if error is None and not block.name:
        error = "The call names no tool."
    if error is None:
        try:
            return ToolCall(block.tool_use_id, block.name, parse_tool_input(text))
        except ToolInputError as exc:
            error = str(exc)
    return InvalidToolCall(
        tool_use_id=block.tool_use_id, name=block.name, input_text=text, error=error
    )
