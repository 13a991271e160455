"""The messages that wait in a panel until the answer before them is done.

It asks nothing: the chat takes the first when it may.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from lauren_nb._errors import OptionError
from lauren_nb._protocol import QueuedMessage, QueueState
from lauren_nb.panel._mentions import Mention

MAX_QUEUED = 20
#: Characters of one message of a page.
MAX_TEXT = 400_000


@dataclass(slots=True)
class Queued:
    """One message that waits."""

    id: str
    text: str
    files: Sequence[Mention] = ()


class Queue:
    """Made by a chat, used on its loop. `paused` after an answer that failed or was stopped: then
    nothing goes by itself until a person says so, or another answer is whole."""

    def __init__(self) -> None:
        self.paused = False
        self._items: list[Queued] = []
        self._ids = itertools.count(1)

    def __len__(self) -> int:
        return len(self._items)

    def add(self, text: str, files: Sequence[Mention] = ()) -> None:
        """Raises OptionError where too many wait."""
        if len(self._items) >= MAX_QUEUED:
            raise OptionError(
                f"{MAX_QUEUED} messages wait already. Remove one, or wait for an answer."
            )
        self._items.append(Queued(f"q{next(self._ids)}", text, files))

    def take(self) -> Queued | None:
        """The first, unless the queue is paused or empty."""
        return self._items.pop(0) if self._items and not self.paused else None

    def edit(self, item_id: str, text: str) -> None:
        """An id that is not there was sent in the meantime: nothing changes."""
        for item in self._items:
            if item.id == item_id:
                item.text = text

    def remove(self, item_id: str) -> None:
        self._items = [item for item in self._items if item.id != item_id]

    def clear(self) -> None:
        self._items.clear()
        self.paused = False

    def describe(self) -> QueueState:
        """What a page draws of it."""
        waiting: list[QueuedMessage] = []
        for item in self._items:
            waiting.append({"id": item.id, "text": item.text})
            if item.files:
                waiting[-1]["files"] = [file.label for file in item.files]
        return {"queued": waiting, "paused": self.paused and bool(waiting)}
