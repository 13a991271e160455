"""What a panel's pages say: which messages are taken, with what in them, and what each asks of the
chat. It keeps no turn and sends nothing itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any

from lauren_nb._errors import OptionError
from lauren_nb._session.session import Session
from lauren_nb.panel._chat import WRITERS, Chat
from lauren_nb.panel._files import read_files
from lauren_nb.panel._names import list_names
from lauren_nb.panel._queue import MAX_TEXT

logger = logging.getLogger("lauren_nb")
MAX_ID = 100
_ID = {"id": MAX_ID}
_NONCE = {"nonce": MAX_ID}
_TEXT = {"text": MAX_TEXT}
#: The texts of each kind with the most characters they may have; all are required.
FIELDS: dict[str, dict[str, int]] = {
    "attach": {},
    "older": _ID,
    "names": {"prefix": MAX_ID},
    "turn": _ID,
    "send": _TEXT | _NONCE,
    "edit": _ID | _TEXT | _NONCE,
    "retry": _ID | _NONCE,
    "choose": _ID,
    "queue_edit": _ID | _TEXT,
    "queue_remove": _ID,
    "resume": {},
    "stop": {},
    "clear": {},
    "rename": {"title": 10_000},
    "export": {"format": MAX_ID} | _NONCE,
    "picture": _ID,
}


class Inbox:
    """Made by a panel for its chat. A message may come on any thread; what it asks is done on
    `loop`, the chat's own."""

    def __init__(self, chat: Chat, session: Session, loop: asyncio.AbstractEventLoop) -> None:
        self._chat = chat
        self._session = session
        self._loop = loop
        self._nonces: deque[str] = deque(maxlen=64)

    def receive(self, message: dict[str, Any]) -> None:
        """Do what a page asks; a message that is none of ours is refused and logged."""
        if check_message(message) is None:
            return
        if message["kind"] == "turn":
            presenter = self._chat.get_presenter(message["id"])
            inner = message.get("message")
            if presenter is not None and isinstance(inner, dict):
                presenter.receive(inner)
            return
        self._loop.call_soon_threadsafe(self._handle, message)

    def _handle(self, message: dict[str, Any]) -> None:
        chat = self._chat
        turn_id, text = str(message.get("id")), str(message.get("text") or "")
        nonce = str(message.get("nonce") or "")
        match message.get("kind"):
            case "attach":
                chat.wire.send_whole()
            case "older":
                chat.wire.send_older(turn_id)
            case "names":
                prefix = str(message["prefix"])
                chat.wire.send_names(prefix, list_names(prefix, self._session))
            case "send" if text.strip() and self._is_new(nonce):
                self._send(text, nonce, message)
            case "queue_edit" if text.strip():
                chat.queue.edit(turn_id, text)
                chat.wire.tell()
            case "queue_remove":
                chat.queue.remove(turn_id)
                chat.wire.tell()
            case "resume":
                chat.resume()
            case "edit" | "retry" if turn_id in chat.tree.turns and self._is_new(nonce):
                again = text if text.strip() else chat.tree.turns[turn_id].question
                chat.start(chat.ask_again(turn_id, again, nonce=nonce))
            case "choose" if turn_id in chat.tree.turns:
                chat.start(chat.choose(turn_id))
            case "stop":
                chat.stop()
            case "clear":
                chat.start(chat.clear())
            case "rename":
                chat.rename(str(message.get("title") or ""))
            case "export" if message["format"] in WRITERS:
                name, content = chat.export(str(message["format"]))
                chat.wire.send_file(name, content, nonce)
            case "picture" if turn_id in chat.tree.turns:
                index = message.get("index")
                chat.wire.send_picture(turn_id, index if isinstance(index, int) else -1)

    def _send(self, text: str, nonce: str, message: dict[str, Any]) -> None:
        try:
            files = read_files(message.get("files"), message.get("buffers") or ())
            self._chat.ask_or_queue(text, nonce=nonce, files=files)
        except OptionError as exc:
            self._chat.wire.tell(nonce=nonce, problem=str(exc))

    def _is_new(self, nonce: str) -> bool:
        """A message that comes twice asks once."""
        if nonce in self._nonces:
            return False
        self._nonces.append(nonce)
        return True


def check_message(message: object) -> dict[str, Any] | None:
    """`message` if a page of ours may have sent it; else None, and the log says what is wrong."""
    problem = _find_problem(message)
    if problem is None and isinstance(message, dict):
        return message
    logger.warning("A page's message to the chat panel was refused: %s", problem)
    return None


def _find_problem(message: object) -> str | None:
    if not isinstance(message, dict):
        return f"it is a {type(message).__name__}"
    kind = message.get("kind")
    if not isinstance(kind, str) or kind not in FIELDS:
        return f"its kind is {str(kind)[:40]!r}"
    for name, most in FIELDS[kind].items():
        value = message.get(name)
        if not isinstance(value, str):
            return f"{kind} has no text {name!r}"
        if len(value) > most:
            return f"{kind}'s {name!r} has {len(value):,} characters, the limit is {most:,}"
    return None
