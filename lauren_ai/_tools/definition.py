"""A tool as a runner uses it: its schema, the check of its arguments, its call.

It decides no approval and serialises no result.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from lauren_ai._exceptions import ToolConfigError
from lauren_ai._tools.context import ToolContext
from lauren_ai._tools.thread import run_in_thread
from lauren_ai._types import ToolCall, ToolSchema

if TYPE_CHECKING:
    from lauren_ai._tools.schema import ToolParameters

ATTRIBUTE = "__lauren_ai_tool__"

ConfirmationPolicy = Callable[[ToolCall], "bool | Awaitable[bool]"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Tool:
    """Made by `@tool` and kept on what it decorates; shared by all runs, it never changes.

    `origin` is the decorated function or class: what an approval for always is bound to.
    """

    schema: ToolSchema
    origin: object
    function: Callable[..., Any]
    parameters: ToolParameters
    requires_confirmation: bool = False
    confirmation_policy: ConfirmationPolicy | None = None
    timeout_s: float | None = None
    instance: object = None

    @property
    def name(self) -> str:
        return self.schema.name

    def open_texts(self, input: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with lists and objects in place of JSON text that stands for them: what
        people and policies see is what runs."""
        return self.parameters.open_texts(input)

    def validate(self, input: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as Python values. Raises ToolExecutionError in words for the model."""
        return self.parameters.validate(self.name, input)

    async def call(self, input: Mapping[str, Any], context: ToolContext) -> Any:
        """What the function returns. A sync function runs in a thread, with the context variables
        of the run. Raises ToolExecutionError for arguments that do not fit, and whatever the
        function raises. Cancelling it leaves a thread to end by itself."""
        arguments = self.validate(self.open_texts(input))
        arguments.update(dict.fromkeys(self.parameters.context_names, context))
        bound = self.function if self.instance is None else partial(self.function, self.instance)
        if inspect.iscoroutinefunction(self.function):
            return await bound(**arguments)
        result = await run_in_thread(partial(bound, **arguments), name=f"tool {self.name}")
        return await result if inspect.isawaitable(result) else result

    async def needs_confirmation(self, call: ToolCall) -> bool:
        """Whether a person has to agree to this call."""
        if self.confirmation_policy is None:
            return self.requires_confirmation
        answer = self.confirmation_policy(call)
        return bool(await answer if inspect.isawaitable(answer) else answer)


def find_tool(value: object) -> Tool:
    """What `@tool` made of this function, class or instance. Raises ToolConfigError."""
    if isinstance(value, Tool):
        return value
    found = getattr(value, ATTRIBUTE, None)
    name = getattr(value, "__name__", repr(value))
    if not isinstance(found, Tool):
        raise ToolConfigError(f"{name} is not a tool. Decorate it with @tool.")
    if not _is_what_runs(found, value):
        raise ToolConfigError(
            f"{name} was changed after @tool (by a decorator above it, or in a subclass), and that "
            "change would not run. Put @tool on top, or on the subclass."
        )
    return found


def _is_what_runs(tool: Tool, value: object) -> bool:
    """A wrapper carries the mark of what it wraps, and a subclass that of its base."""
    if not inspect.isclass(tool.origin):
        return value is tool.origin
    cls = value if inspect.isclass(value) else type(value)
    return inspect.getattr_static(cls, "run", None) is tool.function


def get_tool(value: object) -> Tool:
    """A tool that can be called: a class is made an instance of. Raises ToolConfigError."""
    found = find_tool(value)
    if found is not value and inspect.isclass(found.origin):
        return replace(found, instance=_make_instance(value))
    return found


def _make_instance(value: object) -> object:
    if not inspect.isclass(value):
        return value
    try:
        return value()
    except TypeError as exc:
        raise ToolConfigError(
            f"The tool class {value.__name__} cannot be made without arguments ({exc}). "
            "Pass an instance of it."
        ) from exc


def collect_tools(values: Iterable[object]) -> dict[str, Tool]:
    """The tools by name, in order, ready to be called. Raises ToolConfigError."""
    values = list(values)
    check_tools(values)
    return {tool.name: tool for tool in map(get_tool, values)}


def check_tools(values: Iterable[object]) -> None:
    """Raises ToolConfigError for what is no tool, and where two have one name."""
    origins: dict[str, object] = {}
    for found in map(find_tool, values):
        if origins.setdefault(found.name, found.origin) is not found.origin:
            raise ToolConfigError(
                f"Two tools are called {found.name!r}. Give one another name: @tool(name=…)."
            )
