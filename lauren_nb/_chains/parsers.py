"""Finds what makes a value of a step's text: `parser: json`, or a type or parser of the namespace.

The parsers themselves are the core's.
"""

from __future__ import annotations

import ast
import difflib
import re
import types
from collections.abc import Callable, Mapping
from typing import Any, get_origin

from lauren_ai.parsers import (
    CommaSeparatedListParser,
    JSONOutputParser,
    MarkdownCodeBlockParser,
    OutputParser,
    PydanticOutputParser,
    RegexParser,
    StrOutputParser,
)
from lauren_nb._chains.steps import StepSpec
from lauren_nb._cuts import quoted
from lauren_nb._errors import OptionError
from lauren_nb._prompt.interpolation import make_scope
from lauren_nb._protocol import TextFormat

Parser = OutputParser[Any] | Callable[[str], Any]

SHORT: dict[str, Callable[[], OutputParser[Any]]] = {
    "text": StrOutputParser,
    "json": JSONOutputParser,
    "list": CommaSeparatedListParser,
    "code": MarkdownCodeBlockParser,
}
_NAMES = (*SHORT, "regex")


def find_parser(spec: StepSpec, namespace: Mapping[str, Any], *, where: str) -> Parser | None:
    """The parser that a step names; None where it names none. Raises OptionError."""
    if spec.pattern is not None and spec.parser not in (None, "regex"):
        raise OptionError(f"{where}: pattern goes with parser: regex.")
    if spec.parser == "regex" or spec.pattern is not None:
        return _build_regex(spec.pattern, where)
    if spec.parser is None:
        return None
    if spec.parser in SHORT:
        return SHORT[spec.parser]()
    return _find_named(spec.parser, namespace, where)


def get_instructions(parser: Parser | None) -> str | None:
    """What the model is told so that its text can be read; None where there is nothing to say."""
    if not isinstance(parser, OutputParser) or isinstance(parser, StrOutputParser):
        return None
    return parser.format_instructions


def get_format(parser: Parser | None) -> TextFormat | None:
    """How the text shows while it comes; None is "as the cell says"."""
    inner = getattr(parser, "parser", parser)  # of a RetryOutputParser
    return "json" if isinstance(inner, JSONOutputParser | PydanticOutputParser) else None


def _build_regex(pattern: str | None, where: str) -> OutputParser[Any]:
    if pattern is None:
        raise OptionError(f"{where}: parser: regex needs a pattern: '…' too.")
    try:
        return RegexParser(pattern)
    except re.error as exc:
        raise OptionError(f"{where}: the pattern {quoted(pattern)} is wrong: {exc}.") from exc


def _find_named(name: str, namespace: Mapping[str, Any], where: str) -> Parser:
    try:
        value = eval(
            compile(ast.parse(name, mode="eval"), "<parser>", "eval"), make_scope(namespace)
        )
    except Exception as exc:  # the user's own expression: whatever it raises is chained
        close = difflib.get_close_matches(name, _NAMES, n=1)
        hint = f"Did you mean {close[0]}? " if close else ""
        raise OptionError(
            f"{where}: there is no parser {quoted(name)}. {hint}Use one of {', '.join(_NAMES)}, "
            "or a pydantic model, a type, a parser or a function of the namespace."
        ) from exc
    if isinstance(value, OutputParser):
        return value
    if value is str:  # not a text in JSON
        return StrOutputParser()
    if isinstance(value, type) and issubclass(value, OutputParser):
        return _make(value, name, where)
    if isinstance(value, type | types.UnionType) or get_origin(value) is not None:
        return _build_typed(value, name, where)
    if callable(value):
        found: Callable[[str], Any] = value
        return found
    raise OptionError(f"{where}: {quoted(name)} is {type(value).__name__}, which reads no text.")


def _make(kind: type[OutputParser[Any]], name: str, where: str) -> OutputParser[Any]:
    try:
        return kind()
    except TypeError as exc:
        raise OptionError(f"{where}: name an object, such as {name}(…), not its class.") from exc


def _build_typed(value: Any, name: str, where: str) -> OutputParser[Any]:
    from pydantic.errors import PydanticUserError

    try:
        return PydanticOutputParser(value)
    except PydanticUserError as exc:
        reason = str(exc).split("\n")[0]
        raise OptionError(f"{where}: {quoted(name)} has no JSON schema: {reason}") from exc
