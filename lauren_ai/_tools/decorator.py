"""The decorator `@tool`. It checks what it decorates and calls nothing."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, TypeVar, overload

from lauren_ai._exceptions import DecoratorUsageError, ToolConfigError
from lauren_ai._tools.definition import ATTRIBUTE, ConfirmationPolicy, Tool
from lauren_ai._tools.docstring import Description, parse_docstring
from lauren_ai._types import ToolSchema

F = TypeVar("F", bound=Callable[..., Any])

#: What every provider takes as a tool's name.
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@overload
def tool(target: F) -> F: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    requires_confirmation: bool = False,
    confirmation_policy: ConfirmationPolicy | None = None,
    timeout_s: float | None = None,
) -> Callable[[F], F]: ...


def tool(
    target: Callable[..., Any] | None = None,
    *,
    name: str | None = None,
    description: str | None = None,
    requires_confirmation: bool = False,
    confirmation_policy: ConfirmationPolicy | None = None,
    timeout_s: float | None = None,
) -> Any:
    """Let a model call a function, or a class with a method `run`; it stays callable as before.

    The docstring (Google, NumPy or Sphinx style) describes the tool and its parameters to the
    model. A parameter annotated `ToolContext` is filled in and not shown. A sync function runs in
    a thread. `confirmation_policy` gets the call and says whether a person has to agree, in place
    of `requires_confirmation`. `timeout_s` (seconds) bounds a call's run, not a person's answer.

    Raises DecoratorUsageError, ToolSchemaError (a signature without a schema) and ToolConfigError
    (a name that providers refuse).
    """

    def decorate(target: F) -> F:
        function, documented = _read_target(target)
        from lauren_ai._tools.schema import build_parameters

        parameters = build_parameters(function, documented, skip_self=inspect.isclass(target))
        made = Tool(
            schema=ToolSchema(
                _check_name(name or target.__name__),
                documented.text if description is None else description,
                parameters.json_schema,
            ),
            origin=target,
            function=function,
            parameters=parameters,
            requires_confirmation=requires_confirmation,
            confirmation_policy=confirmation_policy,
            timeout_s=_check_timeout(timeout_s),
        )
        setattr(target, ATTRIBUTE, made)
        return target

    return decorate if target is None else decorate(target)


def _read_target(target: object) -> tuple[Callable[..., Any], Description]:
    """The function to call and its description; a class may describe itself or its `run`."""
    if inspect.isclass(target):
        run = inspect.getattr_static(target, "run", None)
        if not inspect.isfunction(run):
            raise DecoratorUsageError(
                f"@tool on the class {target.__name__} needs a method `run(self, …)`."
            )
        own, method = parse_docstring(target.__doc__), parse_docstring(run.__doc__)
        parameters = {**own.parameters, **method.parameters}
        return run, Description(own.text or method.text, parameters)
    if not callable(target) or not _wraps_function(target):
        raise DecoratorUsageError(
            f"@tool decorates a function or a class with `run`, not {type(target).__name__} "
            f"({target!r}). Its options are keywords: @tool(name=…)."
        )
    if inspect.isasyncgenfunction(target) or inspect.isgeneratorfunction(target):
        raise DecoratorUsageError(
            f"@tool on the generator {target!r}: a call has one result. Return it."
        )
    return target, parse_docstring(target.__doc__)


def _wraps_function(target: Callable[..., Any]) -> bool:
    """Also what `functools.cache` makes of one. A static method would lose the tool's mark."""
    return inspect.isfunction(inspect.unwrap(target)) and not isinstance(target, staticmethod)


def _check_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ToolConfigError(
            f"A tool cannot be called {name!r}: providers take up to 64 letters, digits, _ and -."
        )
    return name


def _check_timeout(timeout_s: float | None) -> float | None:
    if timeout_s is not None and not timeout_s > 0:
        raise ToolConfigError(f"timeout_s must be over 0 seconds, not {timeout_s}.")
    return timeout_s
