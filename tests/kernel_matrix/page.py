"""Plays a page beside a running cell: it attaches to the view, clicks on cards, types into boxes.

It asserts nothing. How its messages travel (main shell or subshell) is the test's choice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient

from tests.kernel_matrix.kernel import WAIT_S, KernelProcess, Message, read_next

VIEW = "application/vnd.jupyter.widget-view+json"


class Question(str):
    """The text of an input box; `header` is that of its request."""

    header: dict[str, Any]


@dataclass
class Cell:
    """What a cell showed and asked, filled while it runs."""

    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Each tool call's changes, merged: its status, its result, its approval."""
    questions: list[Question] = field(default_factory=list)
    displays: dict[str, Message] = field(default_factory=dict)
    stdout: str = ""
    view: str | None = None
    status: str = ""
    """The reply's: ok, error; empty while the cell runs."""
    error: str = ""
    traceback: str = ""
    is_idle: bool = False

    @property
    def markdown(self) -> str:
        return "\n".join(d["data"].get("text/markdown", "") for d in self.displays.values())

    @property
    def deciders(self) -> list[str]:
        """Who decided, for each call in order."""
        approvals = [card.get("approval", {}) for card in self.cards.values()]
        return [approval.get("decided_by", "") for approval in approvals]

    @property
    def waiting(self) -> dict[str, str]:
        """The digest of each call that waits, by id."""
        return {
            call_id: card["approval"]["digest"]
            for call_id, card in self.cards.items()
            if card.get("approval", {}).get("state") == "waiting"
        }


class Page:
    """One window on a kernel. `start` a cell, `wait` until something is so; in between, act.

    `attaches`: whether it has widgets. `subshell`: the id where its widget messages go, or None.
    """

    def __init__(
        self,
        kernel: KernelProcess,
        *,
        subshell: str | None = None,
        attaches: bool = True,
        client: BlockingKernelClient | None = None,
    ) -> None:
        self.cell = Cell()
        self._client = client or kernel.client
        self._subshell = subshell
        self._attaches = attaches
        self._request = ""
        self._sent: set[str] = set()

    @property
    def is_running(self) -> bool:
        """Whether a cell was started and has not ended."""
        return bool(self._request) and not (self.cell.status and self.cell.is_idle)

    def start(self, code: str, *, allow_stdin: bool = True) -> None:
        """Send the cell."""
        self.cell = Cell()
        self._request = self._client.execute(code, allow_stdin=allow_stdin)

    def wait(self, wanted: Callable[[Cell], object]) -> None:
        """Read on until it is so. AssertionError where the cell ends before, TimeoutError after a
        minute; both tell how far it came."""
        deadline = time.monotonic() + WAIT_S
        while not wanted(self.cell):
            assert self.is_running, f"The cell ended too soon: {self.cell}"
            try:
                channel, message = read_next(self._client, deadline)
            except TimeoutError as error:
                raise TimeoutError(f"{error} {self.cell}") from None
            self._take(channel, message)

    def finish(self) -> Cell:
        """Wait for the end of the cell."""
        self.wait(lambda _: not self.is_running)
        return self.cell

    def click(
        self, call_id: str, *, decision: str = "approve", digest: str | None = None, **fields: Any
    ) -> None:
        """A button of a card, with the digest that the card has."""
        digest = digest or self.cell.cards[call_id]["approval"]["digest"]
        self.send(
            {"kind": "decide", "id": call_id, "digest": digest, "decision": decision, **fields}
        )

    def type(self, line: str, *, question: int | None = -1) -> None:
        """Answer the input box of that number, the last one unless told. JupyterLab says which one
        a reply is from; with None it is not said, as `jupyter console` does."""
        reply = self._client.session.msg("input_reply", {"value": line, "status": "ok"})
        if question is not None:
            reply["parent_header"] = self.cell.questions[question].header
        self._client.stdin_channel.send(reply)

    def send(self, content: dict[str, Any], *, view: str | None = None) -> None:
        """A message to the view, on this page's route."""
        data = {"method": "custom", "content": content}
        body = {"comm_id": view or self.cell.view, "data": data}
        message = self._client.session.msg("comm_msg", body)
        if self._subshell is not None:
            message["header"]["subshell_id"] = self._subshell
        self._sent.add(message["header"]["msg_id"])
        self._client.shell_channel.send(message)

    def _take(self, channel: str, message: Message) -> None:
        cell, content = self.cell, message["content"]
        kind, parent = message["msg_type"], message["parent_header"].get("msg_id")
        if parent != self._request and parent not in self._sent:
            return
        if channel == "stdin":
            question = Question(content["prompt"])
            question.header = message["header"]
            cell.questions.append(question)
        elif kind == "execute_reply":
            cell.status = content["status"]
        elif kind == "status":
            cell.is_idle |= parent == self._request and content["execution_state"] == "idle"
        elif kind == "stream":
            cell.stdout += content["text"]
        elif kind == "error":
            cell.error = content["ename"]
            cell.traceback = "\n".join(content["traceback"])
        elif kind in ("display_data", "update_display_data"):
            self._take_display(content)
        elif kind == "comm_msg" and content["comm_id"] == cell.view:
            self._take_view_message(content["data"].get("content") or {})

    def _take_display(self, content: Message) -> None:
        key = content.get("transient", {}).get("display_id") or str(len(self.cell.displays))
        self.cell.displays[key] = content
        if VIEW in content["data"]:
            self.cell.view = content["data"][VIEW]["model_id"]
            if self._attaches:
                self.send({"kind": "attach", "have": None})

    def _take_view_message(self, content: dict[str, Any]) -> None:
        for op in content.get("ops", []):
            if op[0] == "tool_status":
                _, call_id, change = op
                card = self.cell.cards.setdefault(call_id, {})
                approval = {**card.get("approval", {}), **change.get("approval", {})}
                card.update(change)
                if approval:
                    card["approval"] = approval
