"""Runs chain cells in this process, without a kernel: what they publish, and their variables."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from lauren_ai import LLMConfig, LLMService
from lauren_ai._transport._mock import MockTransport
from lauren_nb._chains.cell import run_chain_cell
from lauren_nb._options.parse import parse_line
from lauren_nb._session.session import Session

#: A price that the offline table knows.
PRICED = "claude-sonnet-4-6"


class Cells:
    """Made by a test. `ns` is the notebook's namespace; `shown` what the last cell published."""

    def __init__(self, **namespace: Any) -> None:
        self.ns: dict[str, Any] = {"_": "the last output", **namespace}
        self.published: list[tuple[dict[str, Any], dict[str, Any]]] = []
        publisher = SimpleNamespace(publish=self._publish)
        # Nobody watches: the presenter is the one of nbclient.
        kernel = SimpleNamespace(_allow_stdin=False)
        shell: Any = SimpleNamespace(user_ns=self.ns, display_pub=publisher, kernel=kernel)
        self.session = Session(shell)

    async def run(self, line: str, body: str) -> None:
        """Run `%%lauren LINE` over `body`; raises what the cell raises."""
        self.published.clear()
        await run_chain_cell(parse_line(line), body, session=self.session)

    @property
    def markdown(self) -> str:
        return str(self.published[-1][0]["text/markdown"])

    @property
    def plain(self) -> str:
        return str(self.published[-1][0]["text/plain"])

    @property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = self.published[-1][1]["lauren"]
        return facts

    def _publish(self, data: dict[str, Any], metadata: dict[str, Any] | None = None) -> None:
        self.published.append((data, metadata or {}))


def make_mock(*answers: str) -> tuple[LLMService, MockTransport]:
    """A service that gives these answers, and its transport."""
    transport = MockTransport()
    for answer in answers:
        transport.queue_response(answer)
    return LLMService(transport, LLMConfig("mock", "mock-1", max_retries=0)), transport
