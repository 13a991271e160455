"""Shows one run in the panel's turn: the presenter whose page stays when the run ends.

The turn's state is `_display/turn.py`'s, how it travels `_display/live.py`'s.
"""

from __future__ import annotations

from typing import Any

from lauren_ai import PendingApproval
from lauren_nb._approval.approver import Approver
from lauren_nb._display.live import Live
from lauren_nb._protocol import Push


class PanelPresenter:
    """Made for one run, on the panels' loop. After `finish` it still answers late messages."""

    can_ask = True

    def __init__(self, live: Live) -> None:
        self.turn = live.turn
        self.push: Push = live.push
        self._live = live
        self._approver: Approver | None = None

    def listen(self, approver: Approver) -> None:
        self._approver = approver

    async def ask(self, approver: Approver, pending: PendingApproval) -> None:
        """The card is in the panel and waits for a click: no cell runs whose box could ask."""

    def receive(self, message: dict[str, Any]) -> None:
        """A message about this turn, on whatever thread it came."""
        if message.get("kind") == "decide" and self._approver is not None:
            self._approver.receive(message)
        else:
            self._live.receive(message)

    def finish(self) -> None:
        self._live.close()
