"""Tab completion of our magics' lines inside IPython, with the names that this kernel has.

What may stand where is `_options/completion.py`'s business.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)

from lauren_ai import Tool
from lauren_ai._agents import ATTRIBUTE
from lauren_ai._tools import ATTRIBUTE as TOOL
from lauren_nb._magics.commands import COMMANDS
from lauren_nb._options.completion import complete_command, complete_line
from lauren_nb._prompt.namespace import get_own_variables
from lauren_nb._run.agents import KERNEL
from lauren_nb._session.listing import list_models
from lauren_nb._session.session import Session

Matcher = Callable[[CompletionContext], SimpleMatcherResult]
#: Before those of Python, which would offer its own names after `--`.
PRIORITY = 1_000


def make_matcher(session: Session) -> Matcher:
    """What IPython asks for completions; it goes into the completer's `custom_matchers`."""

    @context_matcher(identifier="lauren_nb", priority=PRIORITY)  # type: ignore[untyped-decorator]
    def match(context: CompletionContext) -> SimpleMatcherResult:
        word, found = _complete(context, session)
        return SimpleMatcherResult(
            completions=[SimpleCompletion(text, type="magic") for text in found],
            matched_fragment=word,
            ordered=True,
            suppress=True,
        )

    return match  # type: ignore[no-any-return]


def _complete(context: CompletionContext, session: Session) -> tuple[str, list[str]]:
    """The word that ends at the cursor, and what may stand in its place."""
    line = context.text_until_cursor
    magic, space, rest = line.lstrip().partition(" ")
    word = rest.rpartition(" ")[2]
    if not space or magic not in ("%lauren", "%%lauren"):
        return "", []
    names = list_names(session, list_models(word))
    if magic == "%lauren":
        return word, complete_command(rest, tuple(COMMANDS), names=names)
    before = context.full_text.split("\n")[: context.cursor_line]
    if any(earlier.strip() for earlier in before):  # the body of another cell
        return "", []
    return word, complete_line(rest, names=names)


def list_names(session: Session, models: Sequence[str] = ()) -> Mapping[str, Sequence[str]]:
    """Names of the kernel by the field of `CellOptions` that they are values of; `models` beside
    its aliases."""
    from lauren_ai import Chain

    own = get_own_variables(session.namespace, session.shell.user_ns_hidden)
    tools = [name for name, value in own.items() if _is_tool(value)]
    return {
        "model": [*session.aliases, *models],
        "output": list(own),
        "images": list(own),
        "map_over": list(own),
        "tools": [*tools, KERNEL],
        "approve": tools,
        "agent": [name for name, value in own.items() if _is_agent(value)],
        "chain_name": [name for name, value in own.items() if issubclass(type(value), Chain)],
    }


def _is_tool(value: Any) -> bool:
    """Asks the type, so that no code of the value runs."""
    return (
        inspect.isfunction(value)
        or issubclass(type(value), Tool)
        or (issubclass(type(value), type) and hasattr(value, TOOL))
    )


def _is_agent(value: Any) -> bool:
    return hasattr(value if issubclass(type(value), type) else type(value), ATTRIBUTE)
