"""Reads the body of `%%lauren chain`: steps between lines of `---`, which may carry options.

It evaluates nothing and asks nobody; `inline.py` runs the steps.

    --- name: draft, temperature: 0.9
    Write a haiku about {{ topic }}.
    --- name: translate, model: openai:gpt-5-mini, parser: json
    Translate it into French, as {"haiku": …}: {{ _ }}
"""

from __future__ import annotations

import ast
import builtins
import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import yaml

from lauren_nb._chains.prompt_yaml import load_yaml
from lauren_nb._cuts import quoted
from lauren_nb._errors import InterpolationError, OptionError
from lauren_nb._options.parse import read_option
from lauren_nb._prompt.interpolation import Expression, iter_pieces

#: A line of three dashes, alone or with options; `\---` is a line of text.
_SEPARATOR = re.compile(r"^---(?:[ \t]+(?P<options>\S.*))?[ \t]*\r?$", re.MULTILINE)
#: Of `thinking`, which may be a number too.
_SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_ESCAPED = re.compile(r"^\\(?=---)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSpec:
    """One step as it is written; None is "as the cell says". `parser` is a short name or an
    expression of the namespace, `pattern` the one of `parser: regex`."""

    text: str
    name: str | None = None
    model: str | None = None
    parser: str | None = None
    pattern: str | None = None
    system: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    thinking: bool | int | None = None
    effort: str | None = None
    timeout: float | None = None
    extra: Mapping[str, Any] | None = None


KEYS = tuple(field.name for field in fields(StepSpec) if field.name != "text")


def parse_steps(body: str) -> list[StepSpec]:
    """The steps of a cell's body.

    Raises OptionError, in one line that names the step: it is empty, its options cannot be read,
    or its name is taken.
    """
    steps: list[StepSpec] = []
    options: dict[str, Any] = {}
    start = 0
    matches = [*_SEPARATOR.finditer(body)]
    if matches and not body[: matches[0].start()].strip():
        options = _read_options(matches[0]["options"], 1)
        start = matches.pop(0).end()
    for match in matches:
        steps.append(_build(body[start : match.start()], options, steps))
        options = _read_options(match["options"], len(steps) + 1)
        start = match.end()
    steps.append(_build(body[start:], options, steps))
    return steps


def _build(text: str, options: dict[str, Any], before: list[StepSpec]) -> StepSpec:
    where = f"Step {len(before) + 1}"
    text = _ESCAPED.sub("", text.strip())
    if not text:
        raise OptionError(f"{where} has no text. Write its prompt under the line of ---.")
    spec = StepSpec(text=text, **options)
    if spec.name is not None and spec.name in [step.name for step in before]:
        raise OptionError(f"{where}: the name {spec.name!r} is taken by an earlier step.")
    return spec


def _read_options(line: str | None, number: int) -> dict[str, Any]:
    where = f"Step {number}"
    if line is None:
        return {}
    line = line.strip()
    flow = line if line.startswith("{") else f"{{{line}\n}}"
    try:
        loaded, _ = load_yaml(flow)
    except (yaml.YAMLError, ValueError, RecursionError) as exc:
        raise OptionError(
            f"{where}: the options {quoted(line)} cannot be read. Write --- name: draft, "
            "temperature: 0.2, and quotes around a value with a comma, a bracket or a brace."
        ) from exc
    if not isinstance(loaded, dict):
        raise OptionError(f"{where}: options are key: value, not {quoted(line)}.")
    return dict(_read_option(str(key).replace("-", "_"), loaded[key], where) for key in loaded)


def _read_option(key: str, value: Any, where: str) -> tuple[str, Any]:
    if key not in KEYS:
        close = difflib.get_close_matches(key, KEYS, n=1)
        hint = f"Did you mean {close[0]}? " if close else ""
        raise OptionError(
            f"{where}: unknown option {quoted(key)}. {hint}A step has: {', '.join(KEYS)}."
        )
    if key == "thinking" and str(value).lower() in _SWITCH:
        return key, _SWITCH[str(value).lower()]
    if key == "extra" and isinstance(value, dict):
        return key, value
    if value is None or isinstance(value, dict | list):
        raise OptionError(f"{where}: {key} needs a value. Put quotes around it.")
    if key in ("temperature", "max_tokens", "thinking", "timeout", "extra"):
        try:
            return key, read_option(key, str(value))
        except OptionError as exc:
            raise OptionError(f"{where}: {exc}") from exc
    if key == "name" and not str(value).isidentifier():
        raise OptionError(f"{where}: a name is a word such as draft, not {quoted(str(value))}.")
    return key, str(value)


def check_expressions(steps: list[StepSpec], known: Collection[str]) -> None:
    """Raise InterpolationError for what can never be evaluated: no Python, a variable that is
    neither in `known` nor a builtin, an earlier step that does not exist."""
    for number, step in enumerate(steps):
        names = [spec.name for spec in steps[:number]]
        for template in filter(None, (step.text, step.system)):
            for piece in iter_pieces(template):
                if isinstance(piece, str):
                    continue
                problem = find_problem(piece, known) or _find_lost_step(piece, names)
                if problem:
                    raise InterpolationError(
                        f"Step {number + 1}: {{{{ {piece.text} }}}} {problem}",
                        expression=piece.text,
                        line=piece.line,
                    )


def find_names(steps: list[StepSpec]) -> frozenset[str]:
    """The variables that their expressions and their parsers name."""
    names: set[str] = set()
    for step in steps:
        for template in filter(None, (step.text, step.system)):
            for piece in iter_pieces(template):
                names |= piece.names if isinstance(piece, Expression) else set()
        if step.parser:
            tree = ast.parse(step.parser, mode="eval")
            names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return frozenset(names)


def find_problem(expression: Expression, known: Collection[str]) -> str:
    """Why it cannot be evaluated with the variables `known`; empty where it may be."""
    tree = _parse(expression)
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    bound = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    for node in names:
        if node.id not in bound and node.id not in known and not hasattr(builtins, node.id):
            return f"names {node.id}, and there is no variable of that name."
    return ""


def _find_lost_step(expression: Expression, earlier: list[str | None]) -> str:
    count = len(earlier)
    for wanted in _iter_wanted_steps(_parse(expression)):
        if isinstance(wanted, int) and not 0 <= wanted < count:
            return f"asks for step {wanted}, and {count} went before (the first one is 0)."
        if isinstance(wanted, str) and wanted not in earlier:
            there = ", ".join(filter(None, earlier)) or "none has a name"
            return f"asks for the step {wanted!r}. The earlier ones: {there}."
    return ""


def _parse(expression: Expression) -> ast.AST:
    return ast.parse(f"({expression.text}\n)", mode="eval")


def _iter_wanted_steps(tree: ast.AST) -> Iterator[str | int]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="steps"), attr=name):
                yield name
            case ast.Subscript(
                value=ast.Name(id="steps"), slice=ast.Constant(value=str() | int() as key)
            ):
                yield key
