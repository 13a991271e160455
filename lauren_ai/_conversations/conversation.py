"""The conversation that one run reads and extends, and the queue before it.

It knows what is kept where; the runner decides what is kept.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Hashable, Sequence
from typing import Protocol

from lauren_ai._conversations.memory import ShortTermMemory, count_turns, get_window
from lauren_ai._conversations.stores import ConversationStore, CountingStore, GrowingStore
from lauren_ai._types import Message


class _Waiter:
    """One who asked to pass. `is_admitted` is set under the queue's lock, once."""

    __slots__ = ("_future", "_loop", "is_admitted")

    def __init__(self) -> None:
        self.is_admitted = False
        self._loop = asyncio.get_running_loop()
        self._future: asyncio.Future[None] = self._loop.create_future()

    async def wait(self) -> None:
        await self._future

    def wake(self) -> None:
        """From any thread. Raises RuntimeError where its loop is closed."""
        self._loop.call_soon_threadsafe(self._resolve)

    def _resolve(self) -> None:
        if not self._future.done():
            self._future.set_result(None)


class OneReader:
    """Lets one holder at a time pass for each key, in the order of asking, over all event loops
    and threads: an asyncio.Lock is bound to one loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, deque[_Waiter]] = {}

    async def acquire(self, key: Hashable) -> None:
        """Wait for one's turn; a cancelled waiter leaves the queue."""
        with self._lock:
            queue = self._waiting.get(key)
            if queue is None:
                self._waiting[key] = deque()
                return
            waiter = _Waiter()
            queue.append(waiter)
        try:
            await waiter.wait()
        except asyncio.CancelledError:
            with self._lock:
                if not waiter.is_admitted:
                    queue.remove(waiter)
                    raise
            self.release(key)  # its turn had just come
            raise

    def release(self, key: Hashable) -> None:
        """Let the next one pass, whatever its loop."""
        with self._lock:
            queue = self._waiting[key]
            while queue:
                waiter = queue.popleft()
                waiter.is_admitted = True
                try:
                    waiter.wake()
                except RuntimeError:  # that loop is closed, and its run is dead
                    continue
                return
            del self._waiting[key]


_readers = OneReader()


class Conversation(Protocol):
    """What a run was given as its history."""

    @property
    def left_out(self) -> int:
        """How many earlier turns of a person the model shall not see; known after `open`."""
        ...

    async def open(self) -> list[Message]:
        """Wait for this conversation's turn; the messages that the model shall see."""
        ...

    async def commit(self, added: Sequence[Message]) -> None:
        """Keep what the run added."""
        ...

    def close(self) -> None:
        """Let the next run of this conversation begin; called once, also after a failed open."""
        ...


class NoConversation:
    """A run without a history, which leaves none."""

    left_out = 0

    async def open(self) -> list[Message]:
        return []

    async def commit(self, added: Sequence[Message]) -> None:
        return None

    def close(self) -> None:
        return None


class _Queued:
    """Waits to be the one reader, and lets the next one in exactly once."""

    def __init__(self, key: Hashable) -> None:
        self._key = key
        self._is_held = False
        self.left_out = 0

    async def _enter(self) -> None:
        await _readers.acquire(self._key)
        self._is_held = True

    def close(self) -> None:
        if self._is_held:
            self._is_held = False
            _readers.release(self._key)


class MemoryConversation(_Queued):
    """The messages of a ShortTermMemory. `window_tokens` counts where that has no own limit."""

    def __init__(self, memory: ShortTermMemory, *, window_tokens: int | None = None) -> None:
        super().__init__(id(memory))
        self._memory = memory
        self._window_tokens = window_tokens

    async def open(self) -> list[Message]:
        await self._enter()
        window = self._memory.window(self._window_tokens)
        self.left_out = count_turns(self._memory.messages) - count_turns(window)
        return window

    async def commit(self, added: Sequence[Message]) -> None:
        self._memory.extend(added)


class StoredConversation(_Queued):
    """A conversation of a store, by its id. One that can append is never asked for the whole."""

    def __init__(
        self, store: ConversationStore, conversation_id: str, *, window_tokens: int
    ) -> None:
        super().__init__((getattr(store, "queue_key", id(store)), conversation_id))
        self._store = store
        self._id = conversation_id
        self._window_tokens = window_tokens
        self._messages: Sequence[Message] = ()

    async def open(self) -> list[Message]:
        await self._enter()
        if isinstance(self._store, GrowingStore):
            window = list(await self._store.load_window(self._id, self._window_tokens))
            if isinstance(self._store, CountingStore):
                told = await self._store.count_turns(self._id)
                self.left_out = max(0, told - count_turns(window))
            return window
        self._messages = await self._store.load(self._id)
        window = get_window(self._messages, self._window_tokens)
        self.left_out = count_turns(self._messages) - count_turns(window)
        return window

    async def commit(self, added: Sequence[Message]) -> None:
        if isinstance(self._store, GrowingStore):
            await self._store.append(self._id, added)
        else:
            await self._store.save(self._id, [*self._messages, *added])
