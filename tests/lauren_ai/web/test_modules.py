"""Runners, agents and tools are injected by constructor, with the real framework."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from lauren import get, injectable, module
from lauren.exceptions import MissingProviderError
from lauren.testing import TestClient as LaurenClient

from lauren_ai import (
    AgentRunner,
    AgentRunnerBase,
    LLMConfig,
    LLMService,
    agent,
    tool,
    use_tools,
)
from lauren_ai._agents.signals import AgentRunComplete
from lauren_ai._transport._mock import MockTransport
from lauren_ai.errors import AgentConfigError, ToolConfigError
from lauren_ai.signals import SignalBus
from lauren_ai.web import AgentModule, LLMModule
from tests.support.web_app import build_app


@injectable()
class Database:
    def get_balance(self, user: str) -> int:
        return {"ada": 42}[user]


database_module = module(providers=[Database], exports=[Database])(type("DB", (), {}))


@tool
class Balance:
    """Look up a balance."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, user: str) -> int:
        return self._database.get_balance(user)


@tool
def shout(text: str) -> str:
    """Say it loudly."""
    return text.upper()


@agent
class Teller:
    """You tell balances."""

    def __init__(self, database: Database) -> None:
        self.database = database


@agent
@use_tools(Balance)
class Careful:
    """You tell balances only."""


class Desk:
    """Takes everything that can be injected."""

    def __init__(
        self,
        runner: AgentRunner,
        teller_runner: AgentRunner[Teller],
        teller: Teller,
        careful: Careful,
        llm: LLMService,
    ) -> None:
        self.runner, self.teller_runner = runner, teller_runner
        self.teller, self.careful, self.llm = teller, careful, llm
        made.append(self)

    @get("/ask/{name}")
    async def ask(self, name: str) -> str:
        chosen = self.teller if name == "teller" else self.careful
        return (await self.runner.run(chosen, "How much has ada?")).content


made: list[Desk] = []


@pytest.fixture
def mock() -> MockTransport:
    made.clear()
    return MockTransport()


def build_desk(mock: MockTransport, **options: Any) -> LaurenClient:
    config, _ = LLMConfig.for_testing()
    llm = LLMModule.for_root(config, transport_override=mock)
    agents = AgentModule.for_root(
        agents=[Teller, Careful],
        tools=[Balance, shout],
        imports=[llm, database_module],
        **options,
    )
    return LaurenClient(build_app(Desk, imports=[llm, agents]))


def offered(mock: MockTransport, number: int) -> list[str]:
    return [schema.name for schema in mock.calls[number].tools]


async def test_everything_is_injected_by_constructor(mock: MockTransport) -> None:
    mock.queue_tool_use("Balance", {"user": "ada"})
    mock.queue_response("Ada has 42.")
    response = await build_desk(mock).arequest("GET", "/ask/teller")
    assert response.body == b"Ada has 42."
    [desk] = made
    assert isinstance(desk.runner, AgentRunnerBase) and desk.teller_runner is desk.runner
    assert isinstance(desk.teller.database, Database)
    assert isinstance(desk.llm, LLMService) and desk.llm.transport is mock
    assert "42" in str(mock.calls[1].messages[-1].content)  # the tool has its database too


async def test_an_agent_with_tools_of_its_own_gets_no_others(mock: MockTransport) -> None:
    mock.queue_tool_use("Balance", {"user": "ada"})
    for _ in range(2):
        mock.queue_response("42.")
    client = build_desk(mock)
    await client.arequest("GET", "/ask/careful")
    await client.arequest("GET", "/ask/teller")
    assert offered(mock, 0) == ["Balance"]
    assert "42" in str(mock.calls[1].messages[-1].content)
    assert offered(mock, 2) == ["Balance", "shout"]


async def test_signals_of_a_module_hear_its_runs(mock: MockTransport) -> None:
    bus, heard = SignalBus(), []
    bus.on(AgentRunComplete)(heard.append)
    mock.queue_response("hi")
    await build_desk(mock, signals=bus).arequest("GET", "/ask/teller")
    assert [type(event) for event in heard] == [AgentRunComplete]


def test_two_applications_of_one_process_share_nothing(mock: MockTransport) -> None:
    for transport in (mock, MockTransport()):
        transport.queue_response("hi")
        build_desk(transport).request("GET", "/ask/teller")
    first, second = made
    assert first.runner is not second.runner and first.teller is not second.teller


def test_what_cannot_work_is_told_when_the_module_is_made() -> None:
    with pytest.raises(AgentConfigError, match="Database is not an agent"):
        AgentModule.for_root(agents=[Database])
    with pytest.raises(ToolConfigError, match="is not a tool"):
        AgentModule.for_root(tools=[print])
    with pytest.raises(MissingProviderError, match="LLMService"):
        build_app(imports=[AgentModule.for_root(agents=[Careful])])


def test_importing_the_core_imports_no_web_framework() -> None:
    code = "import lauren_ai, sys; print('lauren' in sys.modules, 'uvicorn' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]
