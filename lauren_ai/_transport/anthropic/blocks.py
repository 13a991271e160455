"""Fills the snapshot's blocks from the events of Anthropic's stream. It does no I/O.

It knows blocks and their deltas; messages and their ends are the decoder's (`events.py`).
"""

from __future__ import annotations

from typing import Any

import msgspec

from lauren_ai._exceptions import TransportError
from lauren_ai._json import MalformedJSONError, check_depth, decode_json, encode_json
from lauren_ai._streaming.accumulate import Accumulator, OpenBlock, build_open_block
from lauren_ai._transport.anthropic.messages import BlockBuilder
from lauren_ai._transport.anthropic.prefix import Prefix
from lauren_ai._types import CompletionChunk, ToolCallDelta


class Delta(msgspec.Struct, gc=False):
    """The union of every delta: a field that its type lacks stays at its default."""

    type: str = ""
    text: str = ""
    partial_json: str = ""
    thinking: str = ""
    signature: str = ""
    citation: Any = None
    stop_reason: str | None = None
    stop_sequence: str | None = None


#: The block that a delta belongs to.
BLOCK_OF = {
    "text_delta": "text",
    "citations_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "thinking",
    "input_json_delta": "tool_use",
}

#: What a call's block has a place for elsewhere.
_OF_CALLS = frozenset({"type", "id", "name", "input"})


class MessageBlocks:
    """Made by the decoder of one response, which calls `start`, `feed` and `stop` for a block."""

    def __init__(self, snapshot: Accumulator, owner: str = "anthropic") -> None:
        self.prefix: Prefix | None = None
        self._snapshot = snapshot
        self._owner = owner
        self._builder = BlockBuilder(owner=owner)
        self._digested = 0  # blocks that the prefix has
        self._open: dict[int, OpenBlock] = {}

    def start(self, index: int, value: dict[str, Any], chunks: list[CompletionChunk]) -> None:
        kind = get_text(value.get("type")) or "unknown"
        if kind == "tool_use":
            block = self._snapshot.open(
                kind, tool_use_id=get_text(value.get("id")), name=get_text(value.get("name"))
            )
            if not block.tool_use_id:
                block.error = "The call came without an id."
            before = self._open.get(index)
            if before is not None and before.type == kind and not before.closed:
                # What comes for this index could be of either.
                before.error = block.error = "Two calls were written at once under one number."
            if others := {k: v for k, v in value.items() if k not in _OF_CALLS and v is not None}:
                block.raw = others  # who called, and what is new
            if value.get("input"):  # most providers send {} here and the input as fragments
                block.text.write(encode_json(value["input"]))
            delta = ToolCallDelta(block.tool_use_id, block.name, block.text.getvalue())
            chunks.append(CompletionChunk(tool_call_delta=delta))
        else:
            block = self._snapshot.open(kind)
            if kind == "text":
                if text := get_text(value.get("text")):
                    block.text.write(text)
                    chunks.append(CompletionChunk(text))
                if value.get("citations"):
                    block.raw = dict(value)
            elif kind == "thinking":
                self._note_prefix(block)
                block.signature = get_text(value.get("signature"))
                if text := get_text(value.get("thinking")):
                    block.text.write(text)
                    chunks.append(CompletionChunk("", text))
            else:  # redacted thinking, server tools, what is new: kept as it came
                block.raw = dict(value)
                if kind == "redacted_thinking":
                    self._note_prefix(block)
                    data = get_text(value.get("data"))
                    chunks.append(CompletionChunk(redacted_thinking=data))
                else:
                    metadata = {"content_block": block.raw}
                    chunks.append(CompletionChunk(provider_metadata=metadata))
        block.provider = self._owner
        self._open[index] = block

    def _note_prefix(self, block: OpenBlock) -> None:
        """Bind a thought to all that stands before it."""
        if self.prefix is None:
            return
        blocks = self._snapshot.blocks
        for before in blocks[self._digested : -1]:
            built = build_open_block(before)
            if built is not None and (sent := self._builder.build(built)) is not None:
                self.prefix.add("assistant", [sent])
        self._digested = len(blocks) - 1
        block.prefix = self.prefix.get_digest()

    def feed(self, index: int, delta: Delta, data: bytes, chunks: list[CompletionChunk]) -> None:
        """`data` is the whole event, for what its fields do not hold."""
        kind = delta.type
        block = self._open.get(index)
        if block is None:
            if kind != "text_delta":
                raise self._misplaced(index, kind)
            block = self._open[index] = self._snapshot.open("text")
        if block.closed:
            raise self._misplaced(index, kind)
        if BLOCK_OF.get(kind) != block.type:
            self._feed_odd(index, block, delta, data)
        elif kind == "text_delta":
            if delta.text:  # an empty one shows nothing: it is no more than a ping
                block.text.write(delta.text)
                chunks.append(CompletionChunk(delta.text))
        elif kind == "thinking_delta":
            if delta.thinking:
                block.text.write(delta.thinking)
                chunks.append(CompletionChunk("", delta.thinking))
        elif kind == "input_json_delta":
            block.text.write(delta.partial_json)
            if delta.partial_json:
                call = ToolCallDelta(block.tool_use_id, None, delta.partial_json)
                chunks.append(CompletionChunk("", None, call))
        elif kind == "signature_delta":
            block.signature += delta.signature
            chunks.append(CompletionChunk(thinking_signature=delta.signature))
        else:
            check_event(data, self._snapshot.provider)
            self._add_citation(block, delta.citation)
            chunks.append(CompletionChunk(provider_metadata={"citation": delta.citation}))

    def _feed_odd(self, index: int, block: OpenBlock, delta: Delta, data: bytes) -> None:
        """A delta of a new type, or in a block that this version does not know."""
        if delta.type == "input_json_delta" and block.raw is not None:
            block.text.write(delta.partial_json)  # a server's own tool
        elif delta.type == "compaction_delta" and block.raw is not None:
            block.raw.update(
                {**decode_event(data, self._snapshot.provider)["delta"], "type": block.type}
            )
        elif delta.type in BLOCK_OF and block.raw is None:
            raise self._misplaced(index, delta.type)
        else:
            self._snapshot.note_unknown(
                "unknown_deltas", decode_event(data, self._snapshot.provider)
            )

    def _add_citation(self, block: OpenBlock, citation: Any) -> None:
        if block.raw is None:
            block.raw = {"type": "text"}
        citations = block.raw.get("citations")
        if not isinstance(citations, list):
            citations = block.raw["citations"] = []
        citations.append(citation)

    def stop(self, index: int) -> None:
        block = self._open.get(index)
        if block is None or block.closed:
            return
        block.closed = True
        text = block.text.getvalue()
        if block.type == "thinking" and (self._owner != "anthropic" or not block.signature):
            # Of a server that signs nothing: it gets its own back, and nobody else does.
            block.raw = {"type": "thinking", "thinking": text, "signature": block.signature}
        if block.type == "tool_use":
            return
        if text and block.raw is not None and block.type not in ("text", "thinking"):
            try:  # a server tool's input came as fragments
                block.raw["input"] = decode_json(text.encode())
            except MalformedJSONError:
                block.raw = None  # half a call must not go back to the provider
                self._snapshot.note_unknown("malformed_server_tool_inputs", text)

    def _misplaced(self, index: int, kind: str) -> TransportError:
        return TransportError(
            f"{self._snapshot.provider} sent a {kind[:40]!r} for block {index}, which is not open "
            "or of another type. The text so far is kept; ask again."
        )


def decode_event(data: bytes, provider: str) -> Any:
    """The JSON of an event. Raises TransportError."""
    try:
        return decode_json(data)
    except MalformedJSONError as exc:
        raise build_malformed(provider, exc) from exc


def check_event(data: bytes, provider: str) -> None:
    """Raises TransportError for an event that is nested too deeply."""
    try:
        check_depth(data)
    except MalformedJSONError as exc:
        raise build_malformed(provider, exc) from exc


def build_malformed(provider: str, exc: Exception) -> TransportError:
    """The error of an event that is no JSON, or of another shape."""
    return TransportError(
        f"{provider} sent an event that cannot be read ({str(exc)[:200]}). "
        "The text so far is kept; ask again."
    )


def get_text(value: Any) -> str:
    return value if isinstance(value, str) else ""
