"""Reads the body of `%%lauren chain NAME`: a YAML mapping of the chain's inputs.

A value that is exactly one `{{ expr }}` is the object itself; elsewhere an expression is text, as
in any prompt. It runs no chain.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import yaml

from lauren_ai import Chain
from lauren_ai._prompts import INPUT
from lauren_nb._chains.prompt_yaml import load_yaml
from lauren_nb._chains.steps import find_problem
from lauren_nb._errors import InterpolationError, OptionError
from lauren_nb._prompt.interpolation import Expression, iter_pieces, make_scope

#: Private use characters, which YAML leaves alone.
_PRIVATE = range(0xE000, 0xF8FF)


class Inputs:
    """Made of a body, checked against a chain, then resolved: once, or once an item."""

    def __init__(self, body: str) -> None:
        """Raises OptionError where the body is no mapping, InterpolationError on bad braces."""
        self.expressions: list[Expression] = []
        # They stand for expressions while YAML is read, which takes `{{ x }}` for a mapping.
        unused = (chr(code) for code in _PRIVATE if chr(code) not in body)
        self._begin, self._end, self._braces = next(unused), next(unused), next(unused)
        self._marked = re.compile(rf"{self._begin}(\d+){self._end}")
        marked = "".join(self._mark(piece) for piece in iter_pieces(body))
        try:
            loaded, empty = load_yaml(marked)
        except (yaml.YAMLError, ValueError, RecursionError) as exc:
            place = getattr(exc, "problem_mark", None)
            line = f" on line {place.line + 1}" if place is not None else ""
            problem = getattr(exc, "problem", None) or "it cannot be read"
            raise OptionError(
                f"The chain's inputs are no YAML{line}: {problem}. Write name: value, "
                "quotes around a value with a colon, and | before a text of several lines."
            ) from exc
        if loaded is not None and not isinstance(loaded, dict):
            raise OptionError("The body is a mapping of the chain's inputs: name: value a line.")
        self._values: dict[str, Any] = {str(k): v for k, v in (loaded or {}).items()}
        if any(self._marked.search(key) for key in self._values):
            raise OptionError("The name of an input is written as it is, without {{ }}.")
        if empty:
            raise OptionError(
                f"The input {empty[0]} has no value. Write one after the colon, or null for None."
            )

    def _mark(self, piece: str | Expression) -> str:
        if isinstance(piece, str):
            return piece.replace("{{", self._braces)  # they were written with a backslash
        self.expressions.append(piece)
        return f"{self._begin}{len(self.expressions) - 1}{self._end}"

    def check(self, chain: Chain, name: str, known: Collection[str]) -> list[str]:
        """The inputs that the chain needs and the body leaves out.

        Raises OptionError for one that the chain does not have, InterpolationError for an
        expression that names no variable."""
        for expression in self.expressions:
            if problem := find_problem(expression, known):
                text = f"{{{{ {expression.text} }}}} {problem}"
                raise InterpolationError(text, expression=expression.text, line=expression.line)
        possible = get_possible(chain)
        unknown = [key for key in self._values if possible is not None and key not in possible]
        if unknown:
            raise OptionError(_explain_unknown(unknown, possible or (), name))
        return [key for key in get_needed(chain) if key not in self._values]

    @property
    def names(self) -> frozenset[str]:
        """The variables that its expressions name."""
        return frozenset(name for expression in self.expressions for name in expression.names)

    def resolve(self, namespace: Mapping[str, Any]) -> dict[str, Any]:
        """The values. Raises InterpolationError."""
        scope = make_scope(namespace)
        return {key: self._resolve(value, scope) for key, value in self._values.items()}

    def _resolve(self, value: Any, scope: dict[str, Any]) -> Any:
        if isinstance(value, list):
            return [self._resolve(item, scope) for item in value]
        if isinstance(value, dict):
            return {self._resolve(k, scope): self._resolve(v, scope) for k, v in value.items()}
        if not isinstance(value, str):
            return value
        if whole := self._marked.fullmatch(value.strip()):
            return self.expressions[int(whole[1])].evaluate(scope)
        value = value.replace(self._braces, "{{")
        return self._marked.sub(lambda match: self._render(int(match[1]), scope), value)

    def _render(self, number: int, scope: dict[str, Any]) -> str:
        expression = self.expressions[number]
        content = expression.render(scope)
        if isinstance(content, str):
            return content
        message = f"{{{{ {expression.text} }}}} is an image, which has no place in a text."
        raise InterpolationError(message, expression=expression.text, line=expression.line)


def get_needed(chain: Chain) -> tuple[str, ...]:
    """The inputs without which the chain cannot run."""
    first = chain.steps[0].kind
    extra = (INPUT,) if first in ("llm", "parser") else ()
    return tuple(dict.fromkeys((*extra, *chain.input_variables)))


def get_possible(chain: Chain) -> tuple[str, ...] | None:
    """The inputs that it may be given; None where its first step takes any."""
    if chain.takes_any_variable:
        return None
    return tuple(dict.fromkeys((*get_needed(chain), *chain.variables)))


def explain_missing(missing: Sequence[str], name: str) -> str:
    """The one line for inputs that the body leaves out."""
    lines = ", ".join(f"{key}: …" for key in missing)
    return f"chain {name}: no value for {', '.join(missing)}. Write in the body: {lines}"


def _explain_unknown(unknown: Sequence[str], possible: Sequence[str], name: str) -> str:
    close = difflib.get_close_matches(unknown[0], possible, n=1)
    hint = f"Did you mean {close[0]}? " if close else ""
    there = f"It has: {', '.join(possible)}." if possible else "It has none."
    return f"chain {name} has no input {', '.join(unknown)}. {hint}{there}"
