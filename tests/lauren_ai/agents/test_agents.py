"""What the decorators write on an agent class."""

from __future__ import annotations

from typing import Any

import pytest

from lauren_ai import (
    AgentConfig,
    ShortTermMemory,
    agent,
    make_agent,
    tool,
    use_tools,
)
from lauren_ai.errors import AgentConfigError, DecoratorUsageError, ToolConfigError
from lauren_ai.types import AgentMeta
from tests.support.agents import add, greet


def meta_of(value: Any) -> AgentMeta:
    meta = value.__lauren_ai_agent__
    assert isinstance(meta, AgentMeta)
    return meta


def test_the_docstring_is_the_system_prompt() -> None:
    @agent
    class Helper:
        """You help.

        Be kind."""

    meta = meta_of(Helper)
    assert (meta.name, meta.system, meta.model) == ("Helper", "You help.\n\nBe kind.", None)


def test_options_become_the_metadata() -> None:
    memory = ShortTermMemory(100)
    config = AgentConfig(max_turns=3, temperature=0.1)

    @agent(name="h", model="m", system="S", config=config, temperature=0.7, memory=memory)
    class Helper:
        """Not used."""

    meta = meta_of(Helper)
    assert (meta.name, meta.model, meta.system, meta.memory) == ("h", "m", "S", memory)
    assert (meta.config.max_turns, meta.config.temperature) == (3, 0.7)
    assert config.temperature == 0.1


@pytest.mark.parametrize("above", [True, False])
def test_use_tools_works_above_and_below(above: bool) -> None:
    class Helper:
        pass

    decorators = [agent(model="m"), use_tools(add, greet)]
    for decorate in decorators if above else reversed(decorators):
        decorate(Helper)
    assert meta_of(Helper).tools == (add, greet)
    assert meta_of(Helper).model == "m"


def test_a_subclass_adds_to_its_tools_and_changes_no_other() -> None:
    @agent
    @use_tools(add)
    class Base:
        pass

    @use_tools(greet)
    @agent(name="sub")
    class Sub(Base):
        pass

    assert meta_of(Base).tools == (add,)
    assert meta_of(Sub).tools == (add, greet)


def test_tools_reach_a_subclass_that_is_not_decorated_again() -> None:
    @agent(model="m")
    @use_tools(add)
    class Base:
        """You add."""

    @use_tools(greet)
    class Sub(Base):
        pass

    assert meta_of(Base).tools == (add,)
    assert (meta_of(Sub).tools, meta_of(Sub).system) == ((add, greet), "You add.")


@pytest.mark.parametrize("target", [lambda: None, 3, "x"])
def test_agent_on_something_else_is_refused(target: Any) -> None:
    with pytest.raises(DecoratorUsageError):
        agent(target)
    with pytest.raises(DecoratorUsageError):
        use_tools(add)(target)


IMPOSSIBLE: list[dict[str, Any]] = [
    {"max_turns": 0},
    {"max_turns": None},
    {"max_tokens_per_turn": 0},
    {"memory_window_tokens": -1},
    {"max_cost_usd": float("nan")},
    {"tool_timeout_s": 0},
    {"approval_timeout_s": -1.0},
    {"transport_max_retries": -1},
    {"tool_error_policy": "ignore"},
]


@pytest.mark.parametrize("fields", IMPOSSIBLE)
def test_a_configuration_is_checked_when_it_is_made(fields: Any) -> None:
    with pytest.raises(AgentConfigError, match=next(iter(fields))):
        AgentConfig(**fields)


@pytest.mark.parametrize("fields", [{"max_turn": 1}, *IMPOSSIBLE])
def test_impossible_fields_are_refused(fields: Any) -> None:
    with pytest.raises(AgentConfigError):
        agent(**fields)(type("Helper", (), {}))
    with pytest.raises(AgentConfigError):
        make_agent(**fields)


def test_what_is_no_tool_or_comes_twice_is_refused() -> None:
    @tool(name="add")
    def other() -> None: ...

    for tools in ([print], [add, other]):
        with pytest.raises(ToolConfigError):
            use_tools(*tools)(type("Helper", (), {}))
        with pytest.raises(ToolConfigError):
            make_agent(tools=tools)
    with pytest.raises(ToolConfigError):
        use_tools(type("Helper", (), {}))


def test_an_agent_can_be_made_without_a_class() -> None:
    meta = meta_of(make_agent("You add.", [add], model="m", max_turns=2))
    assert (meta.system, meta.model, meta.config.max_turns) == ("You add.", "m", 2)
    assert [t.name for t in meta.tools] == ["add"]  # type: ignore[attr-defined]
