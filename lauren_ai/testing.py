"""Helpers to test agents without a provider: a runner over a queue of scripted answers.

It runs agents as they are; `MockTransport` is what answers.
"""

from __future__ import annotations

import asyncio
import threading

from typing_extensions import Unpack

from lauren_ai._agents.history import UserMessage
from lauren_ai._agents.runner import AgentRunnerBase
from lauren_ai._agents.spec import RunOptions
from lauren_ai._agents.stream import RunStream
from lauren_ai._agents.types import AgentResponse
from lauren_ai._streaming.request import CompletionRequest
from lauren_ai._transport._mock import MockTransport

__all__ = ["AgentTestClient", "MockTransport", "TestClient"]


class AgentTestClient:
    """Made by a test for one agent. `mock` is where answers are queued, `calls` the requests that
    the agent made; `runner` takes approvals."""

    __test__ = False  # pytest shall not collect it

    def __init__(self, agent_instance: object, mock: MockTransport | None = None) -> None:
        self.agent = agent_instance
        self.mock = mock or MockTransport()
        self.runner = AgentRunnerBase(self.mock)

    @property
    def calls(self) -> list[CompletionRequest]:
        return self.mock.calls

    def reset(self) -> None:
        """Forget queued answers, calls, and conversations."""
        self.mock.reset()
        self.runner = AgentRunnerBase(self.mock)

    async def run_async(self, message: UserMessage, **options: Unpack[RunOptions]) -> AgentResponse:
        """Run the agent; options as `AgentRunnerBase.run`."""
        return await self.runner.run(self.agent, message, **options)

    def run(self, message: UserMessage, **options: Unpack[RunOptions]) -> AgentResponse:
        """The same for a test that is not async. Under a running loop it uses a thread."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self.run_async(message, **options))
        return self._run_in_thread(message, options)

    def _run_in_thread(self, message: UserMessage, options: RunOptions) -> AgentResponse:
        outcome: list[AgentResponse | BaseException] = []

        def work() -> None:
            try:
                outcome.append(asyncio.run(self.run_async(message, **options)))
            except BaseException as exc:  # noqa: BLE001 - raised again in the caller's thread
                outcome.append(exc)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        if isinstance(outcome[0], BaseException):
            raise outcome[0]
        return outcome[0]


class TestClient(AgentTestClient):
    """An AgentTestClient that streams as well."""

    def run_stream_async(self, message: UserMessage, **options: Unpack[RunOptions]) -> RunStream:
        """The stream of a run; options as `AgentRunnerBase.run_stream`."""
        return self.runner.run_stream(self.agent, message, **options)
