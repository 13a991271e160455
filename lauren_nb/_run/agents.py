"""Finds the agent and the tools that a cell names in the user's namespace. It runs neither."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lauren_ai import (
    LaurenAIError,
    Tool,
    get_tool,
    make_agent,
    tool,
)
from lauren_ai._agents import ATTRIBUTE, get_meta
from lauren_ai._tools import ATTRIBUTE as TOOL
from lauren_ai._tools import collect_tools
from lauren_ai.errors import ToolConfigError
from lauren_nb._errors import OptionError
from lauren_nb._options.parse import CellOptions, Policy
from lauren_nb._prompt.namespace import find_name

KERNEL = "kernel"


def build_agent(options: CellOptions, namespace: Mapping[str, Any]) -> object:
    """What the cell runs: the agent of `-a`, or one made of the system prompt and the tools.

    Tools of `-t` are added to those of the agent. Raises OptionError for a name that is missing
    or is neither agent nor tool.
    """
    tools = find_tools(options.tools, namespace)
    if options.agent is None:
        return make_agent(options.system, tools)
    found = find_name(options.agent, namespace, option="-a")
    if not hasattr(found, ATTRIBUTE):
        raise OptionError(f"-a {options.agent}: that is no agent. Decorate its class with @agent.")
    if not tools and options.system is None:
        return found
    meta = get_meta(found)
    _check([*meta.tools, *tools], options.tools)
    return copy_agent(found, options.system, [*meta.tools, *tools])


def copy_agent(agent: object, system: str | None, tools: Iterable[object]) -> object:
    """An agent with these tools, and this system prompt if there is one. Hooks and memory go along
    with the copy; the user's own agent stays as it is."""
    meta = get_meta(agent)
    made = agent() if inspect.isclass(agent) else copy.copy(agent)
    setattr(made, ATTRIBUTE, replace(meta, system=system or meta.system, tools=tuple(tools)))
    return made


def check_approved(approve: Policy | tuple[str, ...], agent: object) -> None:
    """Raises OptionError for a name of `--approve` that is no tool of the agent: it would approve
    nothing, and the call that was meant would be denied or asked about."""
    tools = list_tools(agent)
    unknown = [name for name in approve if name not in tools] if isinstance(approve, tuple) else []
    if unknown:
        known = f"Its tools: {', '.join(tools)}." if tools else "Name its tools with -t."
        raise OptionError(f"--approve {unknown[0]}: the model has no tool of that name. {known}")


def find_tools(names: Sequence[str], namespace: Mapping[str, Any]) -> list[object]:
    """The tools of `-t`: decorated ones, plain functions, lists of them, and `kernel`.

    A plain function says nothing about its risk, so it asks before it runs: decorate it with
    `@tool` to let it run by itself. Raises OptionError.
    """
    tools: list[object] = []
    for name in names:
        if name == KERNEL and name not in namespace:
            tools += _get_kernel_tools()
            continue
        value = find_name(name, namespace, option="-t")
        for one in value if isinstance(value, list | tuple) else [value]:
            tools.append(_as_tool(one, name))
    _check(tools, names)
    return tools


def list_tools(agent: object) -> dict[str, Tool]:
    """The agent's tools by name."""
    return dict(collect_tools(get_meta(agent).tools))


def _check(tools: Sequence[object], names: Sequence[str]) -> None:
    try:
        collect_tools(tools)
    except LaurenAIError as exc:
        raise OptionError(f"-t {','.join(names)}: {exc}") from exc


def _as_tool(value: Any, name: str) -> object:
    try:
        get_tool(value)
    except ToolConfigError as exc:
        if not inspect.isfunction(value):
            raise OptionError(f"-t {name}: {exc}") from exc
    else:
        return value
    try:
        return _make_tool(value)
    except LaurenAIError as exc:
        raise OptionError(f"-t {name}: {exc}") from exc


def _make_tool(function: Any) -> Tool:
    """A tool that asks. The function stays the user's: no longer a tool in the next cell, while an
    "Always" is bound to it."""
    made = get_tool(tool(requires_confirmation=True)(function))
    delattr(function, TOOL)
    return made


def _get_kernel_tools() -> list[object]:
    from lauren_nb import tools

    return [getattr(tools, name) for name in tools.__all__]
