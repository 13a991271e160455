"""Where conversations are kept between runs: the protocol, and the store in memory.

`sqlite.py` has the one on disk. None of them queues runs; the runner does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from lauren_ai._types import Message


class ConversationStore(Protocol):
    """Keeps whole conversations by id. Made and closed by the user, shared by runners.

    Methods raise StorageError. A run loads once, and saves once when it is over. What another
    process saves in between is lost; a `GrowingStore` loses nothing."""

    async def load(self, conversation_id: str) -> Sequence[Message]:
        """The messages, oldest first; none for an unknown id."""
        ...

    async def save(self, conversation_id: str, messages: Sequence[Message]) -> None:
        """Keep these messages in place of what was there."""
        ...

    async def delete(self, conversation_id: str) -> None:
        """Forget a conversation; an unknown id is no error."""
        ...


@runtime_checkable
class GrowingStore(ConversationStore, Protocol):
    """A store that need not read and write whole conversations: a run loads its window, and
    appends. Whatever else was added meanwhile, by another process too, stays."""

    async def load_window(self, conversation_id: str, max_tokens: int) -> Sequence[Message]:
        """The latest messages that fit, as `_memory.get_window` cuts them."""
        ...

    async def append(self, conversation_id: str, messages: Sequence[Message]) -> None:
        """Keep these messages after what is there: all of them or none, and side by side."""
        ...


@runtime_checkable
class CountingStore(GrowingStore, Protocol):
    """A store that can tell how much a window left out."""

    async def count_turns(self, conversation_id: str) -> int:
        """How often a person spoke."""
        ...


class InMemoryConversationStore:
    """Keeps conversations as long as it lives."""

    def __init__(self) -> None:
        self._conversations: dict[str, list[Message]] = {}

    async def load(self, conversation_id: str) -> list[Message]:
        return list(self._conversations.get(conversation_id, ()))

    async def save(self, conversation_id: str, messages: Sequence[Message]) -> None:
        self._conversations[conversation_id] = list(messages)

    async def delete(self, conversation_id: str) -> None:
        self._conversations.pop(conversation_id, None)
