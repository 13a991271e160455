"""A panel's page that notes what it is told, for tests of the conversation behind it.

The fixture `make_page` of conftest.py makes it; the provider behind it is a loopback server.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

from lauren_ai._conversations.stores import ConversationStore
from lauren_nb._session.session import Session
from lauren_nb.panel._chat import Chat
from lauren_nb.panel._inbox import Inbox
from lauren_nb.panel._run import PanelModel
from tests.servers import FakeAnthropic, text

WAIT_S = 10.0


class Page:
    """What a page is told, in order."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.chat: Chat
        self.ended: list[str] = []
        self.bytes: list[bytes] = []

    def open(self, model: PanelModel, session: Session, store: ConversationStore) -> None:
        """Begin a chat, with what its store has of it once it is loaded."""
        self.chat = Chat(
            model,
            session=session,
            store=store,
            conversation_id="chat",
            title="Chat",
            send=self.send,
            on_end=lambda turn: self.ended.append(turn.view.status),
        )
        self._inbox = Inbox(self.chat, session, asyncio.get_running_loop())

    def send(self, message: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        json.dumps(message)  # it goes over a wire
        self.bytes += buffers or []
        self.messages.append(message)

    def say(self, kind: str, **fields: Any) -> None:
        self._inbox.receive({"kind": kind, **fields})

    async def until(self, wanted: Callable[[], object]) -> None:
        async with asyncio.timeout(WAIT_S):
            while not wanted():
                await asyncio.sleep(0.005)

    @property
    def path(self) -> list[tuple[str, str, str]]:
        turns = self.chat.tree.path()
        return [(turn.question, turn.text, turn.view.status) for turn in turns]

    def find_ops(self, name: str) -> list[list[Any]]:
        inner = [m["message"] for m in self.messages if m["kind"] == "turn"]
        return [op for m in inner if m["kind"] == "delta" for op in m["ops"] if op[0] == name]


Make = Callable[..., Page]


async def hold_first(page: Page, server: FakeAnthropic) -> threading.Event:
    """Ask "first"; its answer "One." ends only when the event that is returned is set."""
    gate = threading.Event()
    server.queue(server.script(text(["One", "."])).gated(3, gate))
    page.say("send", text="first", nonce="n1")
    await page.until(lambda: page.chat.tree.last)
    return gate
