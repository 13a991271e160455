"""Tells apart the items of a Responses stream and writes each into its block. It does no I/O.

An item is known by its number, its id or its call's id. GitHub's proxy gives each event another
item id (https://github.com/vercel/ai/pull/18548), others number everything 0 or send calls without
an item id (https://github.com/anomalyco/opencode/pull/45081). What stays ambiguous is refused: two
calls are never merged.
"""

from __future__ import annotations

from io import StringIO
from typing import Any

from lauren_ai._exceptions import TransportError
from lauren_ai._json import encode_json
from lauren_ai._streaming.accumulate import Accumulator, OpenBlock
from lauren_ai._types import CompletionChunk, ToolCallDelta

#: The kinds that are written by deltas, and the blocks that hold them.
_BLOCKS = {"message": "text", "reasoning": "thinking", "function_call": "tool_use"}
#: Blocks of ours: no item of a server may pass for one.
_OURS = frozenset("text thinking redacted_thinking tool_use tool_result image document".split())


class _Item:
    """An item being written. `part` is the part of its thinking that the last delta was of."""

    __slots__ = ("block", "citations", "has_arguments", "id", "index", "kind", "part")

    def __init__(self, kind: str, index: int, id: str, block: OpenBlock) -> None:
        self.kind = kind
        self.index = index
        self.id = id
        self.block = block
        self.part: tuple[str, int] | None = None
        self.citations = 0
        self.has_arguments = False  # whole: their own event said so


class Items:
    """Made for one response by its decoder; opens a block for each item in the snapshot."""

    def __init__(self, snapshot: Accumulator, owner: str) -> None:
        self.has_refused = False
        self._snapshot = snapshot
        self._owner = owner
        self._all: list[_Item] = []
        self._open: dict[int, list[_Item]] = {}
        self._by_id: dict[str, _Item | None] = {}  # None: two items have this id
        self._by_call: dict[str, _Item] = {}
        self._last: _Item | None = None

    @property
    def has_calls(self) -> bool:
        return any(item.kind == "function_call" for item in self._all)

    @property
    def has_open_call(self) -> bool:
        return any(i.kind == "function_call" and not i.block.closed for i in self._all)

    def write_text(self, index: int, id: str, text: str, chunks: list[CompletionChunk]) -> None:
        item = self._last
        if (
            item is None
            or item.index != index
            or item.id != id
            or item.kind != "message"
            or item.block.closed
        ):
            item = self._last = self._get("message", index, id)
        if text:  # an empty one shows nothing: it is no more than a ping
            item.block.text.write(text)
            chunks.append(CompletionChunk(text))

    def write_thinking(
        self, index: int, id: str, text: str, part: tuple[str, int], chunks: list[CompletionChunk]
    ) -> None:
        """`part` is the part of the summary, or of the thoughts, that `text` belongs to."""
        item = self._get("reasoning", index, id)
        if not text:
            return
        if item.part not in (None, part):
            text = "\n\n" + text
        item.part = part
        item.block.text.write(text)
        chunks.append(CompletionChunk("", text))

    def write_arguments(
        self, index: int, id: str, text: str, chunks: list[CompletionChunk]
    ) -> None:
        block = self._get("function_call", index, id).block
        if text:
            block.text.write(text)
            call = ToolCallDelta(block.tool_use_id, None, text)
            chunks.append(CompletionChunk("", None, call))

    def end_arguments(self, index: int, id: str, text: str, chunks: list[CompletionChunk]) -> None:
        """The whole arguments, which count more than their deltas."""
        item = self._get("function_call", index, id)
        item.has_arguments = True
        self._settle_arguments(item.block, text, chunks)

    def cite(self, index: int, id: str, annotation: Any, chunks: list[CompletionChunk]) -> None:
        self._get("message", index, id).citations += 1
        chunks.append(CompletionChunk(provider_metadata={"citation": annotation}))

    def add(self, value: dict[str, Any], index: int, chunks: list[CompletionChunk]) -> None:
        """An item begins. Most begin empty; what some servers put into it is read when it ends."""
        self._begin(value, index, chunks)

    def close(self, value: dict[str, Any], index: int, chunks: list[CompletionChunk]) -> None:
        """An item is whole: as it is here it counts, whatever its deltas said."""
        item = self._find_added(value, index) or self._begin(value, index, chunks)
        if item is not None and not item.block.closed:
            self._settle(item, value, chunks)

    def close_all(self, output: Any, chunks: list[CompletionChunk]) -> None:
        """The response ended, with `output`, the list of its items: what no event closed, or
        told of, is taken from there."""
        values = output if isinstance(output, list) else []
        seen: dict[str, list[_Item]] = {}
        for item in self._all:
            seen.setdefault(item.kind, []).append(item)
        for index, value in enumerate(values):
            if not isinstance(value, dict):
                continue
            of_kind = seen.get(_text(value.get("type")))
            found = of_kind.pop(0) if of_kind else self._begin(value, index, chunks)
            if found is not None and not found.block.closed and _is_same_call(found, value):
                self._settle(found, value, chunks)
        for item in self._all:
            if item.has_arguments and not item.block.closed:
                item.block.closed = True

    def _begin(
        self, value: dict[str, Any], index: int, chunks: list[CompletionChunk]
    ) -> _Item | None:
        """Open an item's block; None for one without a type, or of a type that is ours."""
        kind, id = _text(value.get("type")), _text(value.get("id"))
        if not kind or kind in _OURS:
            self._snapshot.note_unknown("unknown_items", value)
            return None
        if kind == "function_call":
            block = self._open_call(value, chunks)
        else:
            block = self._snapshot.open(_BLOCKS.get(kind, kind))
        if kind not in _BLOCKS:  # a tool of the server's, or what is new: shown from its start
            chunks.append(CompletionChunk(provider_metadata={"content_block": value}))
        item = self._keep(_Item(kind, index, id, block))
        if block.tool_use_id:
            self._by_call[block.tool_use_id] = item
        return item

    def _open_call(self, value: dict[str, Any], chunks: list[CompletionChunk]) -> OpenBlock:
        call_id, name = _text(value.get("call_id")), _text(value.get("name"))
        block = self._snapshot.open("tool_use", tool_use_id=call_id, name=name)
        if not call_id:
            block.error = "The call came without an id."
        chunks.append(CompletionChunk("", None, ToolCallDelta(call_id, name, "")))
        return block

    def _keep(self, item: _Item) -> _Item:
        self._all.append(item)
        self._open.setdefault(item.index, []).append(item)
        if item.id:
            self._by_id[item.id] = None if item.id in self._by_id else item
        return item

    def _get(self, kind: str, index: int, id: str) -> _Item:
        """The open item of this kind that an event is of. Text and thoughts may come without
        their item's beginning; a call may not, for nobody would know its name."""
        item = self._find(kind, index, id)
        if item is None and kind != "function_call":
            return self._keep(_Item(kind, index, id, self._snapshot.open(_BLOCKS[kind])))
        if item is None or item.block.closed:
            raise self._misplaced(kind, index)
        return item

    def _find(self, kind: str, index: int, id: str) -> _Item | None:
        known = self._by_id.get(id)
        if known is not None:
            if known.kind != kind or (index != known.index and -1 not in (index, known.index)):
                raise self._misplaced(kind, index)
            return known
        return self._find_open(kind, index)

    def _find_open(self, kind: str, index: int) -> _Item | None:
        rivals = [i for i in self._open.get(index, ()) if i.kind == kind and not i.block.closed]
        if len(rivals) > 1:
            raise self._misplaced(kind, index)
        return rivals[0] if rivals else None

    def _find_added(self, value: dict[str, Any], index: int) -> _Item | None:
        """The item that began before `value` came whole."""
        kind, id, call_id = (_text(value.get(key)) for key in ("type", "id", "call_id"))
        if kind == "function_call" and (known := self._by_call.get(call_id)) is not None:
            return known
        known = self._by_id.get(id)
        if known is None or known.kind != kind:
            known = self._find_open(kind, index)
        return known if known is not None and _is_same_call(known, value) else None

    def _settle(self, item: _Item, value: dict[str, Any], chunks: list[CompletionChunk]) -> None:
        block = item.block
        block.closed = True
        block.raw, block.provider = value, self._owner
        match item.kind:
            case "message":
                self._settle_message(item, value, chunks)
            case "reasoning":
                self._settle_reasoning(block, value, chunks)
            case "function_call":
                self._settle_call(block, value, chunks)
            case _:
                chunks.append(CompletionChunk(provider_metadata={"content_block": value}))

    def _settle_message(
        self, item: _Item, value: dict[str, Any], chunks: list[CompletionChunk]
    ) -> None:
        if any(part.get("type") == "refusal" for part in list_parts(value, "content")):
            self.has_refused = True
        if rest := _get_rest(item.block, get_message_text(value)):
            chunks.append(CompletionChunk(rest))
        found = [
            a for part in list_parts(value, "content") for a in list_parts(part, "annotations")
        ]
        for annotation in found[item.citations :]:
            chunks.append(CompletionChunk(provider_metadata={"citation": annotation}))

    def _settle_reasoning(
        self, block: OpenBlock, value: dict[str, Any], chunks: list[CompletionChunk]
    ) -> None:
        parts = list_parts(value, "summary") or list_parts(value, "content")
        text = "\n\n".join(t for part in parts if (t := _text(part.get("text"))))
        if rest := _get_rest(block, text):
            chunks.append(CompletionChunk("", rest))

    def _settle_call(
        self, block: OpenBlock, value: dict[str, Any], chunks: list[CompletionChunk]
    ) -> None:
        name = _text(value.get("name"))
        if name and not block.name:
            block.name = name
            chunks.append(CompletionChunk("", None, ToolCallDelta(block.tool_use_id, name, "")))
        elif name != block.name:
            block.error = "The call came under two names."
        if value.get("status") == "incomplete":
            block.error = "The call was cut off before its arguments ended."
        self._settle_arguments(block, value.get("arguments"), chunks)

    def _settle_arguments(
        self, block: OpenBlock, arguments: Any, chunks: list[CompletionChunk]
    ) -> None:
        text = arguments if isinstance(arguments, str) else ""
        if isinstance(arguments, dict):
            text = encode_json(arguments)
        if not text:
            return
        if rest := _get_rest(block, text):
            chunks.append(CompletionChunk("", None, ToolCallDelta(block.tool_use_id, None, rest)))
        elif block.text.getvalue() != text:
            block.text = StringIO()
            block.text.write(text)

    def _misplaced(self, kind: str, index: int) -> TransportError:
        return TransportError(
            f"{self._snapshot.provider} sent a piece of a {kind[:40]!r} for item {index}, which "
            "is not open, or cannot be told from another. No call of the answer was run. "
            "The text so far is kept; ask again."
        )


def get_message_text(value: dict[str, Any]) -> str:
    """What a message item says or refuses to say."""
    parts = list_parts(value, "content")
    return "".join(_text(part.get("text")) or _text(part.get("refusal")) for part in parts)


def list_parts(value: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects in a list of `value`; none where there is no list."""
    found = value.get(key)
    return [p for p in found if isinstance(p, dict)] if isinstance(found, list) else []


def _is_same_call(item: _Item, value: dict[str, Any]) -> bool:
    """Whether nothing says that `value` is another call than `item`."""
    call_id, known = _text(value.get("call_id")), item.block.tool_use_id
    return not call_id or not known or call_id == known


def _get_rest(block: OpenBlock, text: str) -> str:
    """Write what `text` has beyond the block's own, and return it. What was shown stays: nothing
    where the two differ."""
    shown = block.text.getvalue()
    rest = text[len(shown) :] if text.startswith(shown) else ""
    block.text.write(rest)
    return rest


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
