"""Tells apart the tool calls of a chat completions stream, whose servers number them badly.

A call's fragments are meant to share an `index`; servers leave it out, repeat it, or send 0 for
all. What stays ambiguous is refused: two calls are never merged. It does no I/O.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from lauren_ai._exceptions import TransportError
from lauren_ai._json import ToolInputError, encode_json, parse_tool_input
from lauren_ai._streaming.accumulate import Accumulator, OpenBlock
from lauren_ai._types import CompletionChunk, ToolCallDelta


class ToolCallTracker:
    """Made for one response by its decoder; opens a block for each call in the snapshot."""

    def __init__(self, snapshot: Accumulator) -> None:
        self._snapshot = snapshot
        self._by_index: dict[int, OpenBlock] = {}
        #: The calls that an entry without id and name may belong to; under None those of any index.
        self._rivals: dict[int | None, list[OpenBlock]] = {}
        self._by_id: dict[str, OpenBlock] = {}
        self._index_of: dict[str, int | None] = {}
        self._last: OpenBlock | None = None

    def feed(self, value: dict[str, Any], chunks: list[CompletionChunk]) -> OpenBlock:
        """One entry of `delta.tool_calls`; the call that it is of."""
        function = value.get("function")
        function = function if isinstance(function, dict) else {}
        index = value.get("index")
        index = index if isinstance(index, int) and not isinstance(index, bool) else None
        call_id = _text(value.get("id"))
        name = _text(function.get("name"))
        arguments = function.get("arguments")
        if self._last is not None and not (call_id or name or arguments):
            return self._last  # a signature that came late, say
        block = self._find(index, call_id, name)
        new = block is None
        if block is None:
            block = self._open(index, call_id, name or "")
        text = self._read_arguments(block, arguments)
        block.text.write(text)
        self._last = block
        if new or text:
            delta = ToolCallDelta(block.tool_use_id, block.name if new else None, text)
            chunks.append(CompletionChunk("", None, delta))
        return block

    def _find(self, index: int | None, call_id: str | None, name: str | None) -> OpenBlock | None:
        """The call that this entry goes on with; None if it begins one."""
        if call_id is not None and (known := self._by_id.get(call_id)) is not None:
            moved = index is not None and self._index_of[call_id] not in (None, index)
            if moved or name not in (None, known.name):
                raise self._ambiguous(f"two calls share the id {call_id!r}")
            return known
        current = self._last if index is None else self._by_index.get(index)
        if current is None:
            if name is None and call_id is None:
                raise self._ambiguous("arguments came before their call")
            return None
        if name is None and (call_id is None or self._is_unnamed_id(current)):
            self._check_alone(index, current)
            if call_id is not None:  # the id came late: the call keeps the one we gave it
                self._by_id[call_id] = current
                self._index_of[call_id] = index
            return current
        if call_id is None and name == current.name:
            # The same name again without any id: one call that repeats its name, or the next.
            return None if self._is_whole(current) else current
        return None

    def _check_alone(self, index: int | None, current: OpenBlock) -> None:
        """Raises TransportError where another call could own this entry as well as `current`."""
        rivals = self._rivals[index]
        if len(rivals) > 1:
            if not all(block is current or self._is_whole(block) for block in rivals):
                raise self._ambiguous("arguments could be of either of two calls")
            self._rivals[index] = [current]

    def _is_unnamed_id(self, block: OpenBlock) -> bool:
        return block.tool_use_id not in self._by_id

    def _is_whole(self, block: OpenBlock) -> bool:
        text = block.text.getvalue()
        if not text.rstrip().endswith(
            "}"
        ):  # parsed only where it may be whole: each time would be n²
            return False
        try:
            parse_tool_input(text)
        except ToolInputError:
            return False
        return True

    def _open(self, index: int | None, call_id: str | None, name: str) -> OpenBlock:
        block = self._snapshot.open(
            "tool_use", tool_use_id=call_id or f"call_{uuid4().hex[:24]}", name=name
        )
        if call_id is not None:
            self._by_id[call_id] = block
            self._index_of[call_id] = index
        if index is not None:
            self._by_index[index] = block
        for key in {None, index}:
            self._rivals.setdefault(key, []).append(block)
        return block

    def _read_arguments(self, block: OpenBlock, arguments: Any) -> str:
        if arguments is None:
            return ""
        if isinstance(arguments, str):
            return arguments
        if block.text.tell():
            raise self._ambiguous("arguments came as text and as an object")
        return encode_json(arguments)

    def close_all(self) -> None:
        """The response ended as the provider meant it: its calls are complete."""
        for block in self._snapshot.blocks:
            block.closed = True

    def _ambiguous(self, what: str) -> TransportError:
        return TransportError(
            f"{self._snapshot.provider} sent tool calls that cannot be told apart: {what}. "
            "None of them was run; ask again."
        )


def _text(value: Any) -> str | None:
    return value if value and isinstance(value, str) else None
