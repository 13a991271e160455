"""Prompt templates: text with named places, rendered into a prompt. They call no model.

A place is `{name}` and nothing more: no attributes, no indexes, no formats, so that a template can
reach nothing but the values it was given. `{{` and `}}` are literal braces. A value is inserted as
it is: braces in it are text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lauren_ai._exceptions import PromptRenderError
from lauren_ai._pipe import Pipeable
from lauren_ai._types import Message, Role

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_ROLES: dict[str, Role] = {
    "system": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
}

#: The variable that always takes the answer of the step before, if a template has it.
INPUT = "input"


class Template(Pipeable):
    """What every template can do; a subclass has `variables` and `render`."""

    #: The names of its places, each once, in order.
    variables: tuple[str, ...] = ()

    def render(self, /, **values: Any) -> Any:
        """The prompt. Raises PromptRenderError on a variable without a value."""
        raise NotImplementedError

    def invoke(self, input: Any = None, /, **values: Any) -> Any:
        """Render with `values` and, from the step before, `input`: see `bind`."""
        return self.render(**self.bind(input, values))

    def bind(self, input: Any, values: Mapping[str, Any]) -> dict[str, Any]:
        """The value of each variable. A mapping gives its keys. Any other `input` goes to the
        variable called `input`, else to the template's only variable, else to the only one that
        `values` leaves open. Raises PromptRenderError where it would have no place: what a step
        before has made is never dropped silently."""
        result = dict(values)
        if input is None:
            return result
        if isinstance(input, Mapping) and any(name in input for name in self.variables):
            return {**result, **input}
        still_open = [name for name in self.variables if name not in values]
        if INPUT in self.variables:
            name = INPUT
        elif len(self.variables) == 1:
            name = self.variables[0]
        elif len(still_open) == 1:
            name = still_open[0]
        else:
            raise PromptRenderError(
                f"{self!r} does not say where the input from the step before goes. "
                f"Name one of its variables {{{INPUT}}}.",
                variable=INPUT,
            )
        return {**result, name: input}


class PromptTemplate(Template):
    """One text: `PromptTemplate("Write about {topic}.")`; in a chain, the user's message."""

    def __init__(self, template: str) -> None:
        """Raises PromptRenderError where a brace is no place and not doubled."""
        self.template = template
        self._parts = _parse(template)
        names = (part.name for part in self._parts if isinstance(part, _Place))
        self.variables = tuple(dict.fromkeys(names))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_shorten(self.template)!r})"

    def render(self, /, **values: Any) -> str:
        """The text. Raises PromptRenderError on a variable without a value."""
        return "".join(
            part if isinstance(part, str) else self._get(part.name, values) for part in self._parts
        )

    def _get(self, name: str, values: Mapping[str, Any]) -> str:
        if name not in values:
            given = ", ".join(sorted(values)) or "nothing"
            raise PromptRenderError(
                f"No value for the variable {name!r} of {self!r} (given: {given}). "
                f"Pass {name}=…, or write {{{{{name}}}}} for literal braces.",
                variable=name,
            )
        return str(values[name])


@dataclass(slots=True)
class ChatPrompt:
    """A rendered conversation. `system` goes to the provider's system field."""

    system: str | None
    messages: list[Message]


class ChatPromptTemplate(Template):
    """A conversation: `ChatPromptTemplate([("system", "Be {mood}."), ("user", "{question}")])`.

    Roles are system, user (or human) and assistant (or ai); a `Message` stands as it is. System
    texts, wherever they are, are joined by a blank line.
    """

    def __init__(self, messages: Sequence[tuple[str, str] | Message]) -> None:
        """Raises PromptRenderError on an unknown role or a broken template."""
        self._entries = [_build_entry(entry) for entry in messages]
        templates = (t for _, t in self._entries if isinstance(t, PromptTemplate))
        self.variables = tuple(dict.fromkeys(n for t in templates for n in t.variables))

    def __repr__(self) -> str:
        return f"ChatPromptTemplate({[(role, content) for role, content in self._entries]!r})"

    def render(self, /, **values: Any) -> ChatPrompt:
        """The conversation. Raises PromptRenderError on a variable without a value."""
        system: list[str] = []
        messages: list[Message] = []
        for role, content in self._entries:
            message = (
                Message(role, content.render(**values))
                if isinstance(content, PromptTemplate)
                else content
            )
            if role == "system":
                system.append(message.text())
            else:
                messages.append(message)
        return ChatPrompt("\n\n".join(system) or None, messages)


class FewShotPromptTemplate(Template):
    """Worked examples between a prefix and a suffix, joined by `separator`; one text.

    `FewShotPromptTemplate([{"q": "2+2", "a": "4"}], "Q: {q} A: {a}", suffix="Q: {q} A:")`.
    `prefix` and `suffix` are templates too; the examples are rendered once, when it is made.
    """

    def __init__(
        self,
        examples: Sequence[Mapping[str, Any]],
        example_template: str | PromptTemplate,
        *,
        prefix: str = "",
        suffix: str = "",
        separator: str = "\n\n",
    ) -> None:
        """Raises PromptRenderError on an example that lacks a variable, naming both."""
        if isinstance(example_template, str):
            example_template = PromptTemplate(example_template)
        self._prefix, self._suffix = PromptTemplate(prefix), PromptTemplate(suffix)
        self._examples = [
            _render_example(example_template, example, number)
            for number, example in enumerate(examples, 1)
        ]
        self._separator = separator
        names = (*self._prefix.variables, *self._suffix.variables)
        self.variables = tuple(dict.fromkeys(names))

    def __repr__(self) -> str:
        return f"FewShotPromptTemplate({len(self._examples)} examples, suffix={self._suffix!r})"

    def render(self, /, **values: Any) -> str:
        """The text. Raises PromptRenderError on a variable without a value."""
        parts = [self._prefix.render(**values), *self._examples, self._suffix.render(**values)]
        return self._separator.join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class _Place:
    name: str


def _parse(template: str) -> list[str | _Place]:
    parts: list[str | _Place] = []
    end = 0
    for match in _PLACE.finditer(template):
        parts.append(template[end : match.start()])
        end = match.end()
        if (name := match[1]) is not None:
            if not name.isidentifier():
                raise PromptRenderError(
                    f"{{{_shorten(name)}}} in a template is no variable: only a name may stand "
                    "in braces, no attribute, index or format. Prepare the value first, or "
                    "double the braces to write them literally.",
                    variable=name,
                )
            parts.append(_Place(name))
        elif len(match[0]) == 2:
            parts.append(match[0][0])
        else:
            raise PromptRenderError(
                f"A single {match[0]!r} at character {match.start()} of the template. "
                f"Write {match[0] * 2!r} for a literal brace."
            )
    parts.append(template[end:])
    return parts


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _build_entry(entry: tuple[str, str] | Message) -> tuple[Role, PromptTemplate | Message]:
    if isinstance(entry, Message):
        return entry.role, entry
    is_pair = isinstance(entry, tuple | list) and len(entry) == 2
    if not is_pair or not all(isinstance(part, str) for part in entry):
        raise PromptRenderError(
            f'A message is a pair such as ("user", "{{question}}"), or a Message, not '
            f"{_shorten(repr(entry))}."
        )
    role, template = entry
    if role not in _ROLES:
        raise PromptRenderError(f"Unknown role {role!r}. Use one of: {', '.join(_ROLES)}.")
    return _ROLES[role], PromptTemplate(template)


def _render_example(template: PromptTemplate, example: Mapping[str, Any], number: int) -> str:
    try:
        return template.render(**example)
    except PromptRenderError as exc:
        raise PromptRenderError(f"Example {number}: {exc}", variable=exc.variable) from None
