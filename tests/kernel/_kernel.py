"""Owns one real kernel: runs cells in it, counts what it sends, plays the page's part of a view.

It asserts nothing; every frame of every message counts towards its size.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from tests.servers import FakeAnthropic

ROOT = Path(__file__).parent.parent.parent
WAIT_S = 30.0
WIDGET = "application/vnd.jupyter.widget-view+json"
#: Its parts are of capital letters: six digits in a row stand by chance in ids and times, too.
KEY = "sk-ant-api03-THISISTHESECRET-QZWXVKJPYG"
FOREIGN = ("ANTHROPIC_", "OPENAI_", "OLLAMA_", "LAUREN_", "JUPYTER_")


@dataclass
class Published:
    """One message of the iopub channel: `size` in bytes, all frames counted."""

    type: str
    content: dict[str, Any]
    size: int
    at: float
    of_cell: bool
    """Whether the cell caused it, rather than a message of the page to its view."""

    @property
    def is_idle(self) -> bool:
        return self.type == "status" and self.content["execution_state"] == "idle"

    @property
    def view_message(self) -> dict[str, Any]:
        """What this message carries to a view, {} where it carries something else."""
        data = self.content.get("data", {})
        return data.get("content", {}) if data.get("method") == "custom" else {}


@dataclass
class Run:
    """One cell that ran: all that was published for it, and what a frontend would show."""

    messages: list[Published] = field(default_factory=list)
    displays: dict[str, dict[str, Any]] = field(default_factory=dict)
    error: dict[str, Any] | None = None

    @property
    def stdout(self) -> str:
        return "".join(m.content["text"] for m in self.messages if m.type == "stream")

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The displays as they rest: {"data": …, "metadata": …} each."""
        return list(self.displays.values())

    @property
    def markdown(self) -> str:
        return "\n".join(d["data"].get("text/markdown", "") for d in self.shown)

    @property
    def traceback(self) -> str:
        return "\n".join(self.error["traceback"]) if self.error else ""

    @property
    def size(self) -> int:
        return sum(message.size for message in self.messages)

    def add(self, message: Published) -> None:
        self.messages.append(message)
        content = message.content
        if message.type in ("display_data", "update_display_data"):
            key = content.get("transient", {}).get("display_id") or str(len(self.displays))
            self.displays[key] = {"data": content["data"], "metadata": content["metadata"]}
        elif message.type == "error":
            self.error = content

    def view_messages(self, kind: str) -> list[Published]:
        """The messages to the view of that kind: delta, snapshot, tick."""
        return [m for m in self.messages if m.view_message.get("kind") == kind]


class Kernel:
    """A context manager. One cell runs at a time: `start` it, then `wait`; or `run` it."""

    def __init__(self, **environment: str) -> None:
        self._environment = environment
        self._parent = ""

    def __enter__(self) -> Self:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(FOREIGN)}
        paths = [str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]
        environment = {**kept, "PYTHONPATH": os.pathsep.join(paths), **self._environment}
        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel(env=environment)
        self._client: BlockingKernelClient = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        return self

    def __exit__(self, *exc: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()

    def run(self, code: str, *, person: bool = True) -> Run:
        """Run a cell to its end; `person` is whether someone could answer a question there."""
        self.start(code, person=person)
        return self.wait()

    def start(self, code: str, *, person: bool = True) -> Run:
        """Start a cell; the run returned is filled by `wait` and `wait_for`."""
        self._parent = self._client.execute(code, allow_stdin=person)
        self._from_page: set[str] = set()
        self._run = Run()
        return self._run

    def run_watched(self, code: str, *, timeout: float = WAIT_S) -> Run:
        """Run a cell beside a page that attaches to its view, as JupyterLab does."""
        self.start(code)
        view = self.wait_for(lambda message: WIDGET in message.content.get("data", {}))
        comm_id = view.content["data"][WIDGET]["model_id"]
        self.send_to_view(comm_id, {"kind": "attach", "have": None})
        return self.wait(timeout=timeout)

    def wait(self, *, timeout: float = WAIT_S) -> Run:
        """Wait until the cell has ended."""
        self.wait_for(lambda m: m.of_cell and m.is_idle, timeout=timeout)
        return self._run

    def wait_for(
        self, wanted: Callable[[Published], bool], *, timeout: float = WAIT_S
    ) -> Published:
        """Read what the cell publishes until `wanted`; TimeoutError after `timeout` s."""
        deadline = time.monotonic() + timeout
        while (left := deadline - time.monotonic()) > 0:
            message = self._read(left)
            if message is not None and wanted(message):
                return message
        raise TimeoutError(f"The cell did not get there; it published {self._run.messages[-5:]}")

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def send_to_view(self, comm_id: str, content: dict[str, Any]) -> None:
        """Send what a page would send: `{"kind": "attach", "have": None}` and the like."""
        data = {"method": "custom", "content": content}
        message = self._client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self._client.shell_channel.send(message)
        self._from_page.add(message["header"]["msg_id"])

    def _read(self, timeout: float) -> Published | None:
        socket = self._client.iopub_channel.socket
        if not socket.poll(round(timeout * 1000)):
            return None
        frames = socket.recv_multipart()
        _, parts = self._client.session.feed_identities(frames)
        message = self._client.session.deserialize(parts)
        parent = message["parent_header"].get("msg_id")
        if parent not in (self._parent, *self._from_page):
            return None
        size = sum(len(frame) for frame in frames)
        published = Published(
            message["msg_type"], message["content"], size, time.monotonic(), parent == self._parent
        )
        self._run.add(published)
        return published


def set_up(kernel: Kernel, server: FakeAnthropic) -> None:
    """Forget what was there, load the extension anew, and let it ask this provider."""
    ready = kernel.run(
        "%reset -f\nimport os\n"
        f"os.environ['ANTHROPIC_API_KEY'] = {KEY!r}\n"
        f"os.environ['ANTHROPIC_BASE_URL'] = {server.base_url!r}\n"
        "%reload_ext lauren_nb\n%xmode Context"
    )
    assert ready.error is None, ready.traceback
