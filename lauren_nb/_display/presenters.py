"""The ways to show a run: live in a page, at its end for a program; `terminal.py` has the third.

A presenter is fed the turn's operations while it runs and leaves the resting output behind.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol
from uuid import uuid4

from IPython.core.interactiveshell import InteractiveShell

from lauren_ai import PendingApproval
from lauren_nb._approval.approver import Approver
from lauren_nb._display.live import Live
from lauren_nb._display.terminal import TerminalPresenter
from lauren_nb._display.turn import Turn
from lauren_nb._display.widget import RunWidget
from lauren_nb._kernel.stdin import StdinClosedError, read_line
from lauren_nb._protocol import Push

#: Seconds for the page to show that it can be heard while the cell runs; then the input box asks.
HEARING_S = 2.0
_DEAF = "No person could be asked: this page cannot be heard while a cell runs."

#: Widgets whose page was reloaded in mid-run stay open: to that page the resting output goes
#: through the widget (js/src/host/saved.ts). The oldest goes when there are more.
_lingering: deque[RunWidget] = deque()
MAX_LINGERING = 8


class Presenter(Protocol):
    """Made for one run by `make_presenter`; `finish` is called once, whatever happened."""

    turn: Turn
    can_ask: bool
    """Whether a person may be there to answer a question."""

    @property
    def push(self) -> Push: ...

    def listen(self, approver: Approver) -> None:
        """Hand clicks to `approver` from now on."""
        ...

    async def ask(self, approver: Approver, pending: PendingApproval) -> None:
        """Get an answer by the first way that works; cancelled when the call is decided."""
        ...

    def finish(self) -> None: ...


def make_presenter(
    shell: InteractiveShell, turn: Turn, *, on_stop: Callable[[], object]
) -> Presenter:
    """The presenter for where this shell runs. Called on the loop of the run."""
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return TerminalPresenter(turn, on_stop=on_stop)
    # Private to ipykernel, set for each request: nbclient, papermill and nbconvert have no person
    # who watches, and send False. Widget messages would only end up in the saved file.
    if getattr(kernel, "_allow_stdin", True):
        return LivePresenter(shell, turn, on_stop=on_stop)
    return HeadlessPresenter(shell, turn)


class LivePresenter:
    """A view that grows in the running cell, replaced by portable Markdown at the end."""

    can_ask = True

    def __init__(
        self, shell: InteractiveShell, turn: Turn, *, on_stop: Callable[[], object]
    ) -> None:
        self.turn = turn
        self._shell = shell
        self._display_id = f"lauren-{uuid4().hex}"
        self._widget = RunWidget(self._receive)
        self._live = Live(turn, self._widget, on_stop=on_stop)
        self.push: Push = self._live.push
        self._approver: Approver | None = None
        self._heard_by: float | None = None
        self._box = asyncio.Lock()  # one question at a time in the one input box
        self._publish(self._widget.get_mimebundle(), {}, update=False)

    def listen(self, approver: Approver) -> None:
        self._approver = approver

    async def ask(self, approver: Approver, pending: PendingApproval) -> None:
        """The card is in the page; the input box helps where clicks do not reach a running cell
        (docs/design/notebook.md#clicks). Whether they do, the page shows by its first message."""
        loop = asyncio.get_running_loop()
        self._heard_by = self._heard_by or loop.time() + HEARING_S
        async with self._box:
            if await self._live.is_heard(max(0.0, self._heard_by - loop.time())):
                return
            kernel = getattr(self._shell, "kernel")  # noqa: B009 - not in the base class's types
            try:
                await approver.ask(pending, lambda q: read_line(kernel, q), decided_by="input box")
            except StdinClosedError:
                approver.deny(pending, _DEAF)

    def _receive(self, message: dict[str, Any]) -> None:
        if message.get("kind") == "decide" and self._approver is not None:
            self._approver.receive(message)  # on this thread: the loop may be busy
        else:
            self._live.receive(message)

    def finish(self) -> None:
        self._live.close()
        data, metadata = _build_rest(self.turn)
        self._publish(data, metadata, update=True)
        if self._live.attached > 1:
            model_id = self._widget.model_id
            self._live.put_to_rest(
                {"kind": "rest", "model_id": model_id, "data": data, "metadata": metadata}
            )
            _lingering.append(self._widget)
            if len(_lingering) > MAX_LINGERING:
                _lingering.popleft().close()
        else:
            self._widget.close()

    def _publish(self, data: dict[str, Any], metadata: dict[str, Any], *, update: bool) -> None:
        self._shell.display_pub.publish(
            data, metadata, transient={"display_id": self._display_id}, update=update
        )


class HeadlessPresenter:
    """One output at the end: for nbclient, papermill, nbconvert and nbval."""

    can_ask = False

    def __init__(self, shell: InteractiveShell, turn: Turn) -> None:
        self.turn = turn
        self._shell = shell

    def push(self, *op: Any) -> None:
        self.turn.apply(op)

    def listen(self, approver: Approver) -> None:
        """There is nobody to hear."""

    async def ask(self, approver: Approver, pending: PendingApproval) -> None:
        approver.deny(pending, _DEAF)

    def finish(self) -> None:
        data, metadata = _build_rest(self.turn)
        self._shell.display_pub.publish(data, metadata)


def _build_rest(turn: Turn) -> tuple[dict[str, Any], dict[str, Any]]:
    from lauren_nb._display.saved.answer import (
        rest,  # its Markdown parser takes a while, and the end has time
    )

    return rest(turn.snapshot())
