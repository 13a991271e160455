"""Keeps conversations in an SQLite file, one row a message. It queues no runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lauren_ai._exceptions import StorageDependencyError, StorageError
from lauren_ai._message_json import decode_message, encode_message
from lauren_ai._transport._types import Message

if TYPE_CHECKING:
    import sqlite3

_TABLE = """CREATE TABLE IF NOT EXISTS messages (
    conversation_id TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (conversation_id, number)) WITHOUT ROWID"""
BUSY_S = 10.0


class SQLiteConversationStore:
    """Made with the file's path; the file is made when first used. Each call opens and closes its
    own connection in a thread, so that nothing is left to close, and any loop may use it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = os.fspath(path)
        if self._path == ":memory:":
            raise StorageError("A store in memory is InMemoryConversationStore().")

    async def load(self, conversation_id: str) -> list[Message]:
        return await asyncio.to_thread(self._load, conversation_id)

    async def save(self, conversation_id: str, messages: Sequence[Message]) -> None:
        await asyncio.to_thread(self._save, conversation_id, list(messages))

    async def delete(self, conversation_id: str) -> None:
        await asyncio.to_thread(self._save, conversation_id, [])

    def _load(self, conversation_id: str) -> list[Message]:
        query = "SELECT body FROM messages WHERE conversation_id = ? ORDER BY number"
        with self._connect() as connection:
            rows = connection.execute(query, [conversation_id]).fetchall()
        return [decode_message(body) for (body,) in rows]

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
        except sqlite3.Error as exc:
            raise StorageError(
                f"The conversations in {self._path!r} cannot be used: {exc}. Check the path, its "
                "rights, and that it is an SQLite file."
            ) from exc
