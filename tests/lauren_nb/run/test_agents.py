"""What -t and -a find in a namespace, and what they leave of it."""

from __future__ import annotations

import functools
import types
from typing import Any

import pytest

from lauren_ai import AgentContext, ShortTermMemory, ToolResult, agent, tool, use_tools
from lauren_ai._agents import get_meta
from lauren_ai._tools import Tool, get_tool
from lauren_nb import tools as kernel_tools
from lauren_nb._errors import OptionError
from lauren_nb._options.parse import CellOptions
from lauren_nb._run.agents import build_agent, check_approved, find_tools, list_tools


def plain(text: str) -> str:
    """Do something."""
    return text


@tool
def safe(text: str) -> str:
    """Look at something."""
    return text


@tool(requires_confirmation=True)
def risky(text: str) -> str:
    """Delete something."""
    return text


@tool
class Counter:
    """Count."""

    def run(self, step: int) -> int:
        return step


MEMORY = ShortTermMemory()


@agent(system="You are a librarian.", model="claude-test", memory=MEMORY)
@use_tools(safe)
class Librarian:
    def __init__(self) -> None:
        self.seen: list[str] = []

    async def on_tool_result(self, result: ToolResult, context: AgentContext) -> None:
        self.seen.append(result.text)


NAMESPACE: dict[str, Any] = {
    "plain": plain,
    "safe": safe,
    "risky": risky,
    "Counter": Counter,
    "counter": Counter(),
    "both": [plain, safe],
    "Librarian": Librarian,
    "librarian": Librarian(),
    "text": "a string",
    "partial": functools.partial(plain, "x"),
    "untyped": lambda x: x,
    "builtin": len,
    "plain_class": int,
    "mixed": [safe, 3],
}


def find(*names: str) -> dict[str, Tool]:
    return {one.name: one for one in map(get_tool, find_tools(names, NAMESPACE))}


def test_plain_function_asks_and_a_tool_asks_as_it_says() -> None:
    found = find("plain", "safe", "risky")
    assert {n: t.requires_confirmation for n, t in found.items()} == {
        "plain": True,
        "safe": False,
        "risky": True,
    }


def test_dots_of_a_name_are_followed() -> None:
    box = types.SimpleNamespace(safe=safe, helpers=types.SimpleNamespace(Librarian=Librarian))
    assert find_tools(["box.safe"], {"box": box}) == [safe]
    options = CellOptions(agent="box.helpers.Librarian")
    assert build_agent(options, {"box": box}) is Librarian
    with pytest.raises(OptionError, match=r"-t box.nope: there is no nope in it."):
        find_tools(["box.nope"], {"box": box})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (CellOptions(tools=("plain",), approve=("plian",)), "no tool of that name. Its tools: pl"),
        (CellOptions(approve=("ask", "all")), "--approve ask: .* Name its tools with -t."),
    ],
)
def test_approve_of_a_tool_that_is_not_there_is_refused(options: CellOptions, message: str) -> None:
    # It would be denied in papermill for a slip of the pen, hours later.
    with pytest.raises(OptionError, match=message):
        check_approved(options.approve, build_agent(options, NAMESPACE))


def test_approve_names_tools_of_the_agent_too() -> None:
    check_approved(("safe",), Librarian)
    check_approved("all", Librarian)


def test_plain_function_stays_as_it_was() -> None:
    before = dict(vars(plain))
    find("plain")
    assert vars(plain) == before == {}


def test_plain_function_is_the_same_tool_in_each_cell() -> None:
    """So that an "Always" of one cell holds in the next."""
    first, second = find("plain")["plain"], find("plain")["plain"]
    assert first.origin is second.origin is plain


def test_list_tool_classes_and_instances_are_found() -> None:
    assert list(find("both")) == ["plain", "safe"]
    assert list(find("Counter")) == list(find("counter")) == ["Counter"]


def test_kernel_brings_them_all() -> None:
    assert sorted(find("kernel")) == kernel_tools.__all__
    assert find("kernel")["run_python"].requires_confirmation


def test_variable_of_that_name_comes_first() -> None:
    found = find_tools(["kernel"], {"kernel": safe})
    assert found == [safe]


@pytest.mark.parametrize(
    "name, message",
    [
        ("missing", "no variable of that name"),
        ("text", "not a tool"),
        ("partial", "not a tool"),
        ("builtin", "not a tool"),
        ("plain_class", "not a tool"),
        ("mixed", "not a tool"),
        ("untyped", "no type"),
    ],
)
def test_what_is_no_tool_is_one_line_that_names_it(name: str, message: str) -> None:
    with pytest.raises(OptionError, match=message) as caught:
        find(name)
    assert str(caught.value).startswith(f"-t {name}: ")
    assert "\n" not in str(caught.value)


def test_two_tools_of_one_name_are_refused() -> None:
    def other() -> None:
        """Do another thing."""

    other.__name__ = "safe"
    namespace = {**NAMESPACE, "other": other}
    with pytest.raises(OptionError, match="-t safe,other: Two tools are called 'safe'"):
        find_tools(["safe", "other"], namespace)
    with pytest.raises(OptionError, match="-t other: Two tools are called 'safe'"):
        build_agent(CellOptions(agent="Librarian", tools=("other",)), namespace)
    assert vars(other) == {}


def test_cell_without_an_agent_makes_one_of_its_options() -> None:
    made = build_agent(CellOptions(tools=("safe",), system="Be brief."), NAMESPACE)
    assert get_meta(made).system == "Be brief."
    assert list(list_tools(made)) == ["safe"]


@pytest.mark.parametrize("name", ["Librarian", "librarian"])
def test_agent_is_found_as_it_is(name: str) -> None:
    assert build_agent(CellOptions(agent=name), NAMESPACE) is NAMESPACE[name]


@pytest.mark.parametrize("name", ["Librarian", "librarian"])
def test_tools_of_the_cell_are_added_to_the_agents_own(name: str) -> None:
    made = build_agent(CellOptions(agent=name, tools=("plain",)), NAMESPACE)
    assert list(list_tools(made)) == ["safe", "plain"]
    assert get_meta(made).system == "You are a librarian."
    assert get_meta(made).model == "claude-test"
    assert list(list_tools(NAMESPACE[name])) == ["safe"]


@pytest.mark.parametrize("name", ["Librarian", "librarian"])
def test_agent_keeps_its_hooks_and_its_memory_beside_tools_of_the_cell(name: str) -> None:
    made = build_agent(CellOptions(agent=name, system="Be brief."), NAMESPACE)
    assert isinstance(made, Librarian)
    assert get_meta(made).memory is MEMORY
    assert get_meta(made).system == "Be brief."
    assert get_meta(NAMESPACE[name]).system == "You are a librarian."


@pytest.mark.parametrize("name", ["missing", "text", "safe"])
def test_what_is_no_agent_is_one_line_that_names_it(name: str) -> None:
    with pytest.raises(OptionError, match=f"-a {name}: "):
        build_agent(CellOptions(agent=name), NAMESPACE)
