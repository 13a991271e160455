"""The turns of a panel and their branches: an edited or repeated question is a version beside it.

It runs, stores and sends nothing.
"""

from __future__ import annotations

import itertools
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime

from lauren_ai import AgentResponse, Message
from lauren_nb._display.turn import Turn
from lauren_nb._session.cassettes import get_clock, is_replaying
from lauren_nb.panel._mentions import Mention


@dataclass(slots=True)
class PanelTurn:
    """One question and what came of it. `messages` is what it added to the conversation;
    `response` is None before the end of its run, and for a turn of another kernel; so is
    `cost_usd` (US dollars; 0 on the user's machine), also where the price is not known. What
    `is_replayed` came from a cassette, so that a transcript has no time to tell."""

    id: str
    _: KW_ONLY
    parent: str | None
    question: str
    view: Turn
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    messages: list[Message] = field(default_factory=list)
    response: AgentResponse | None = None
    cost_usd: float | None = None
    error: BaseException | None = None
    mentions: list[Mention] = field(default_factory=list)
    is_replayed: bool = field(default_factory=is_replaying)

    @property
    def text(self) -> str:
        """The answer's text so far; what calls part is parted by a blank line, as at rest."""
        texts: list[str] = [part["text"] for part in self.view.parts if part["type"] == "text"]
        if len(texts) < 2:
            return "".join(texts)
        return "\n\n".join(text.strip("\n") for text in texts if text.strip())

    @property
    def is_running(self) -> bool:
        return self.view.status in ("waiting", "streaming")


class TurnTree:
    """Made by a panel. `path` is what is shown: from the first turn on, the chosen version of
    each. `epoch` grows when a turn of it is taken away or replaced."""

    def __init__(self) -> None:
        self.turns: dict[str, PanelTurn] = {}
        self.epoch = 0
        self._versions: dict[str | None, list[str]] = {}
        self._chosen: dict[str | None, str] = {}
        self._ids = itertools.count(1)

    def add(self, question: str, parent: str | None, *, view: Turn | None = None) -> PanelTurn:
        """A turn after `parent`, chosen among its versions."""
        turn = PanelTurn(
            f"t{next(self._ids)}",
            parent=parent,
            question=question,
            view=view or Turn(clock=get_clock()),
        )
        self.turns[turn.id] = turn
        versions = self._versions.setdefault(parent, [])
        self.epoch += bool(versions)
        versions.append(turn.id)
        self._chosen[parent] = turn.id
        return turn

    def path(self) -> list[PanelTurn]:
        """The turns that are shown, oldest first."""
        found: list[PanelTurn] = []
        at: str | None = None
        while at in self._chosen:
            at = self._chosen[at]
            if at not in self.turns:  # read in another thread while the panel is cleared
                break
            found.append(self.turns[at])
        return found

    @property
    def last(self) -> PanelTurn | None:
        path = self.path()
        return path[-1] if path else None

    def versions(self, turn_id: str) -> list[str]:
        """The ids of a turn's versions, itself among them, oldest first."""
        return list(self._versions[self.turns[turn_id].parent])

    def choose(self, turn_id: str) -> None:
        """Show this version, and what was last shown after it."""
        self._chosen[self.turns[turn_id].parent] = turn_id
        self.epoch += 1

    def clear(self) -> None:
        """Forget all turns."""
        self.turns.clear()
        self._versions.clear()
        self._chosen.clear()
        self.epoch += 1

    def messages(self, *, until: str | None = None) -> list[Message]:
        """What the shown turns said, up to and with the turn `until`, or all of them."""
        path = self.path()
        if until is not None:
            path = path[: [turn.id for turn in path].index(until) + 1]
        return [message for turn in path for message in turn.messages]
