"""Keeps conversations in an SQLite file, one row a message. It queues no runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lauren_ai._conversations.memory import estimate_tokens, get_window
from lauren_ai._conversations.message_json import decode_message, encode_message
from lauren_ai._exceptions import StorageDependencyError, StorageError
from lauren_ai._types import Message

if TYPE_CHECKING:
    import sqlite3

_TABLE = """CREATE TABLE IF NOT EXISTS messages (
    conversation_id TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (conversation_id, number)) WITHOUT ROWID"""
_APPEND = """INSERT INTO messages VALUES (
    ?, (SELECT COALESCE(MAX(number), -1) + 1 FROM messages WHERE conversation_id = ?), ?)"""
#: As `encode_message` writes them: a user's message that holds no results of tools.
_COUNT = """SELECT COUNT(*) FROM messages WHERE conversation_id = ?
    AND body LIKE '{"role":"user",%' AND body NOT LIKE '%{"type":"tool_result",%'"""
BUSY_S = 10.0


class SQLiteConversationStore:
    """Made with the file's path; the file is made when first used. Each call opens and closes its
    own connection in a thread, so that nothing is left to close, and any loop may use it.

    Several stores of one file, also of several processes, lose nothing of each other's runs. A
    subclass that changes `load` or `save` changes `load_window` and `append` as well."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if os.fspath(path) == ":memory:":
            raise StorageError("A store in memory is InMemoryConversationStore().")
        self._path = os.path.abspath(path)  # the same file after `os.chdir`, too

    @property
    def queue_key(self) -> str:
        """Runs on one file queue up, whichever store they go through."""
        return os.path.realpath(self._path)

    async def load(self, conversation_id: str) -> list[Message]:
        return await asyncio.to_thread(self._load, conversation_id)

    async def load_window(self, conversation_id: str, max_tokens: int) -> list[Message]:
        return await asyncio.to_thread(self._load_window, conversation_id, max_tokens)

    async def count_turns(self, conversation_id: str) -> int:
        return await asyncio.to_thread(self._count_turns, conversation_id)

    async def append(self, conversation_id: str, messages: Sequence[Message]) -> None:
        await asyncio.to_thread(self._append, conversation_id, list(messages))

    async def save(self, conversation_id: str, messages: Sequence[Message]) -> None:
        await asyncio.to_thread(self._save, conversation_id, list(messages))

    async def delete(self, conversation_id: str) -> None:
        await asyncio.to_thread(self._save, conversation_id, [])

    def _load(self, conversation_id: str) -> list[Message]:
        query = "SELECT body FROM messages WHERE conversation_id = ? ORDER BY number"
        with self._connect() as connection:
            rows = connection.execute(query, [conversation_id]).fetchall()
        return [decode_message(body) for (body,) in rows]

    def _load_window(self, conversation_id: str, max_tokens: int) -> list[Message]:
        """Reads no more rows than the window has, and one."""
        query = "SELECT number, body FROM messages WHERE conversation_id = ? ORDER BY number DESC"
        latest: list[Message] = []
        left, number = max_tokens, 0
        with self._connect() as connection:
            for place, body in connection.execute(query, [conversation_id]):
                number = place
                latest.append(decode_message(body))
                left -= estimate_tokens(latest[-1])
                if left < 0:
                    break
        latest.reverse()
        return get_window(latest, max_tokens, number=number)

    def _count_turns(self, conversation_id: str) -> int:
        with self._connect() as connection:
            count: int = connection.execute(_COUNT, [conversation_id]).fetchone()[0]
        return count

    def _append(self, conversation_id: str, messages: list[Message]) -> None:
        rows = [(conversation_id, conversation_id, encode_message(m)) for m in messages]
        with self._connect() as connection, connection:
            connection.executemany(_APPEND, rows)

    def _save(self, conversation_id: str, messages: list[Message]) -> None:
        rows = [(conversation_id, i, encode_message(m)) for i, m in enumerate(messages)]
        with self._connect() as connection, connection:  # one transaction: all of it or nothing
            connection.execute("DELETE FROM messages WHERE conversation_id = ?", [conversation_id])
            connection.executemany("INSERT INTO messages VALUES (?, ?, ?)", rows)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            import sqlite3
        except ImportError as exc:
            raise StorageDependencyError(
                "This Python was built without SQLite. Use InMemoryConversationStore()."
            ) from exc
        try:
            connection = sqlite3.connect(self._path, timeout=BUSY_S)
            try:
                connection.execute(_TABLE)
                yield connection
            finally:
                connection.close()
        except (sqlite3.Error, UnicodeEncodeError) as exc:
            raise StorageError(
                f"The conversations in {self._path!r} cannot be used: {exc}. Check the path, its "
                "rights, and that it is an SQLite file."
            ) from exc
