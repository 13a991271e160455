"""The state of one turn as people see it, in Python: the mirror of js/src/protocol/reduce_turn.ts.

Operations change it and nothing else does; a snapshot of it brings any view up to date.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from io import StringIO
from typing import Any, cast

from lauren_nb import _protocol as protocol
from lauren_nb._protocol import Footer, TextFormat, TurnError, TurnState, TurnStatus

Part = dict[str, Any]


class Turn:
    """Made when a cell begins to run; operations are applied until it ends.

    The operations are those of the protocol (js/src/protocol/turn.ts). Texts grow in buffers, so
    that memory is the text, once.
    """

    def __init__(
        self, *, format: TextFormat = "markdown", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.status: TurnStatus = "waiting"
        self.footer: Footer = {}
        self.error: TurnError | None = None
        self._format: TextFormat = format
        self._parts: list[Part] = []
        self._buffers: dict[int, StringIO] = {}  # of parts[i]'s growing text
        self._tools: dict[str, int] = {}
        self._clock = clock  # in seconds; a replay brings the recorded times
        self._began = clock()
        self._elapsed_ms: int | None = None
        self._thinking_began = 0.0

    @property
    def elapsed_ms(self) -> int:
        if self._elapsed_ms is not None:
            return self._elapsed_ms
        return round((self._clock() - self._began) * 1000)

    @property
    def text(self) -> str:
        """The answer's text so far, untouched."""
        return "".join(p["text"] for p in self.parts if p["type"] == "text")

    @property
    def parts(self) -> list[Part]:
        return [self._freeze(i) for i in range(len(self._parts))]

    def apply(self, op: Sequence[Any]) -> None:
        """Change the state by one operation. Raises ValueError for one that is not known."""
        match op:
            case ["text", text]:
                self._append("text", text, format=self._format)
            case ["thinking", text]:
                self._append("thinking", text, done=False)
            case ["thinking_end", *elapsed]:
                self._end_thinking(elapsed[0] if elapsed else None)
            case ["tool", call_id, name]:
                self._drop_transient()
                self._tools[call_id] = len(self._parts)
                self._add(
                    "tool", id=call_id, name=name, input_text="", status="writing", result=None
                )
            case ["args", call_id, text]:
                self._buffers[self._tools[call_id]].write(text)
            case ["tool_status", call_id, change]:
                _change_tool(self._parts[self._tools[call_id]], change)
            case ["notice", text]:
                self._drop_transient()
                if text:
                    self._add("notice", text=text)
            case ["progress", label, done, total, *unit]:
                self._drop_transient()
                self._add("progress", label=label, done=done, total=total, unit=[*unit, None][0])
            case ["step", title, began_ms]:
                self._drop_transient()
                self._add("step", title=title, status="running", began_ms=began_ms)
            case ["step_end", values]:
                self._end_step(values)
            case ["value", text, format]:
                self._set_value(text, format)
            case ["format", name]:
                self._format = name
            case ["footer", values]:
                self.footer.update(values)
            case ["status", status]:
                self._set_status(status)
            case ["error", error]:
                self.error = error
            case ["elapsed", ms]:
                self._elapsed_ms = ms
            case _:
                raise ValueError(f"Unknown operation {op!r}.")

    def snapshot(self) -> TurnState:
        """The whole state as the protocol's `turn`."""
        return {
            "status": self.status,
            "parts": cast(list[protocol.Part], self.parts),
            "footer": self.footer.copy(),
            "error": self.error,
            "elapsed_ms": self.elapsed_ms,
        }

    @property
    def format(self) -> TextFormat:
        return self._format

    def get_thinking_ms(self) -> int:
        """Milliseconds since the open thinking began."""
        return round((self._clock() - self._thinking_began) * 1000)

    def _set_status(self, status: TurnStatus) -> None:
        self.status = status
        if status not in ("waiting", "streaming"):
            self._drop_transient()
            self._elapsed_ms = self.elapsed_ms

    def _append(self, type: str, text: str, **fields: Any) -> None:
        self._drop_transient()
        last = self._parts[-1] if self._parts else None
        if last is None or last["type"] != type or last.get("done"):
            self._add(type, text="", **fields)
        self._buffers[len(self._parts) - 1].write(text)

    def _add(self, type: str, **fields: Any) -> None:
        if type == "thinking":
            self._thinking_began = self._clock()
        if type in ("text", "thinking", "tool"):
            self._buffers[len(self._parts)] = StringIO()
        self._parts.append({"type": type, **fields})

    def _drop_transient(self) -> None:
        if self._parts and self._parts[-1]["type"] in ("notice", "progress"):
            self._parts.pop()

    def _end_thinking(self, elapsed_ms: int | None) -> None:
        for part in reversed(self._parts):
            if part["type"] == "thinking" and not part["done"]:
                part["done"] = True
                if elapsed_ms is not None:
                    part["elapsed_ms"] = elapsed_ms
                return

    def _find_step(self) -> int:
        """The index of the step that runs, or ran last; -1 where there is none."""
        steps = [i for i, part in enumerate(self._parts) if part["type"] == "step"]
        return steps[-1] if steps else -1

    def _end_step(self, values: dict[str, Any]) -> None:
        self._drop_transient()
        if (index := self._find_step()) >= 0:
            self._parts[index].update(values)

    def _set_value(self, text: str, format: str) -> None:
        """Put what was made of the step's text in its place."""
        self._drop_transient()
        first = self._find_step() + 1
        texts = [i for i in range(first, len(self._parts)) if self._parts[i]["type"] == "text"]
        for index in texts:
            self._buffers[index] = StringIO()
        if not texts:
            texts = [len(self._parts)]
            self._add("text", text="", format=format)
        self._parts[texts[-1]].update(format=format, value=True)
        self._buffers[texts[-1]].write(text)

    def _freeze(self, index: int) -> Part:
        part = self._parts[index]
        buffer = self._buffers.get(index)
        if buffer is None:
            return dict(part)
        return {**part, "input_text" if part["type"] == "tool" else "text": buffer.getvalue()}


def _change_tool(part: Part, change: dict[str, Any]) -> None:
    """The approval is merged: a decision keeps what was asked. It also takes away the note of an
    earlier try."""
    part.update({k: v for k, v in change.items() if k != "approval"})
    if change.get("approval"):
        part["approval"] = {**(part.get("approval") or {}), **change["approval"]}
        if part["approval"]["state"] != "waiting" and "note" not in change:
            part.pop("note", None)
