"""What a panel's pages are told: its head, its turns in order, and each turn's own stream.

A turn's stream is the one of a cell (`_display/live.py`) in an envelope; this only wraps and
numbers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Protocol

from lauren_nb._display.live import Live
from lauren_nb._protocol import CellMessage, EntryData, PanelHead, PanelMessage, ToPanel
from lauren_nb.panel._tree import PanelTurn, TurnTree

#: Turns that a page gets at once; older ones come when it asks.
SHOWN = 20
OLDER = 40
#: Characters of JSON in one message, so that no page reads for long; one turn may be larger.
PAGE_CHARS = 200_000


class Send(Protocol):
    """Brings a message, and bytes beside it, to every page of a panel: `PanelWidget.send`."""

    def __call__(self, content: ToPanel, buffers: list[bytes] | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class _TurnChannel:
    """Carries one turn's messages, wrapped with its id."""

    turn_id: str
    push: Send

    def send(self, content: CellMessage) -> None:
        self.push({"kind": "turn", "id": self.turn_id, "message": content})


class PanelWire:
    """Made by a chat, used on its loop. Each change of head or order is one message with the next
    number; a page that misses one asks for the whole."""

    def __init__(
        self,
        tree: TurnTree,
        lives: dict[str, Live],
        *,
        send: Send,
        describe: Callable[[], PanelHead],
    ) -> None:
        self.seq = 0
        self._tree = tree
        self._lives = lives
        self._send = send
        self._describe = describe
        self._told: set[str] = set()  # entries that every page has, or asks for

    def make_channel(self, turn_id: str) -> _TurnChannel:
        return _TurnChannel(turn_id, self._send)

    def tell(self, *, nonce: str | None = None, problem: str | None = None) -> None:
        """Send the head, the order of the turns, and the turns that are new in it. `nonce` names
        the page's message that this answers."""
        self.seq += 1
        message = self._build(self._told)
        if nonce:
            message["nonce"] = nonce
        if problem:
            message["problem"] = problem
        self._send(message)

    def send_whole(self) -> None:
        """Send everything that a new page draws."""
        self._send(self._build(()) | {"whole": True})

    def send_older(self, before: str) -> None:
        """Send some of the turns before that one."""
        path = self._tree.path()
        ids = [turn.id for turn in path]
        end = ids.index(before) if before in ids else 0
        start, entries = self._take(path[:end], OLDER)
        epoch = self._tree.epoch
        self._send(
            {"kind": "older", "before": before, "epoch": epoch, "left": start, "entries": entries}
        )

    def send_names(self, prefix: str, names: list[tuple[str, str]]) -> None:
        """Answer which names begin with `prefix`, each with its type."""
        self._send({"kind": "names", "prefix": prefix, "names": names})

    def send_file(self, name: str, text: str, nonce: str) -> None:
        """Give a file to the page that asked for it under `nonce`: only that one saves it."""
        self._send({"kind": "file", "name": name, "text": text, "nonce": nonce})

    def send_picture(self, turn_id: str, index: int) -> None:
        """Send the bytes of the image that a turn's question brought along at that place."""
        mentions = self._tree.turns[turn_id].mentions
        data = mentions[index].read_picture() if 0 <= index < len(mentions) else None
        if data is not None:
            self._send({"kind": "picture", "id": turn_id, "index": index}, [data])

    def _build(self, known: Container[str]) -> PanelMessage:
        path = self._tree.path()
        start, entries = self._take(path, SHOWN, known)
        self._told.update(entry["id"] for entry in entries)
        return {
            "kind": "panel",
            "seq": self.seq,
            "epoch": self._tree.epoch,
            "head": self._describe(),
            "order": [(turn.id, self._tree.versions(turn.id)) for turn in path[start:]],
            "left": start,
            "entries": entries,
        }

    def _take(
        self, path: list[PanelTurn], most: int, known: Container[str] = ()
    ) -> tuple[int, list[EntryData]]:
        """The newest turns of `path` that fit one message: where they begin, and the entries of
        those that are not known. What is unknown before a known one comes when a page asks."""
        room, start, entries, met = PAGE_CHARS, len(path), list[EntryData](), False
        for turn in reversed(path[-most:]):
            if turn.id in known:
                met = True
            elif met:
                break
            else:
                entry = self._describe_turn(turn)
                room -= len(json.dumps(entry, default=str))
                if room < 0 and entries:
                    break
                entries.append(entry)
            start -= 1
        return start, entries[::-1]

    def _describe_turn(self, turn: PanelTurn) -> EntryData:
        live = self._lives.get(turn.id)
        if live is not None:
            live.flush()
        return {
            "id": turn.id,
            "question": turn.question,
            "mentions": [mention.describe() for mention in turn.mentions],
            "at": turn.at.isoformat(timespec="seconds"),
            "seq": live.seq if live is not None else 0,
            "format": turn.view.format,
            "turn": turn.view.snapshot(),
            "versions": self._tree.versions(turn.id),
        }
