r"""`{{ expr }}` of a cell's body replaced by values of the user's namespace, once.

It owns finding and evaluating expressions; how a value reads in a prompt is `content.py`'s.

The rules: `{{` begins an expression, which ends at the first `}}` that leaves valid Python, so
that it may hold braces, dictionaries and strings. `\{{` is a plain `{{`. Single braces are text.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

from lauren_ai import ContentBlock
from lauren_nb._cuts import cut_end
from lauren_nb._errors import InterpolationError
from lauren_nb._prompt.content import to_content

#: A longer text between braces is a forgotten `}}`, not an expression.
MAX_EXPRESSION = 4000

_NOT_PYTHON = (SyntaxError, ValueError, MemoryError, RecursionError)


@dataclass(frozen=True, slots=True)
class Expression:
    """One `{{ expr }}`: its text without braces, and its line in the template, from 1."""

    code: CodeType
    text: str
    line: int

    @property
    def names(self) -> frozenset[str]:
        """The variables and the attributes that it names, in its lambdas too."""
        names: set[str] = set()
        codes = [self.code]
        while codes:
            code = codes.pop()
            names.update(code.co_names)
            codes += (const for const in code.co_consts if isinstance(const, CodeType))
        return frozenset(names)

    def evaluate(self, scope: dict[str, Any]) -> Any:
        """The object itself. What `:=` binds stays in `scope`. Raises InterpolationError."""
        try:
            value = eval(self.code, scope)
        except Exception as exc:  # The user's own code: whatever it raises is shown, and chained.
            raise self._build_error(exc) from exc
        if inspect.isawaitable(value):
            if inspect.iscoroutine(value):
                value.close()  # It will never be awaited, and Python would warn of that.
            message = _refuse_await(self.text, self.line)
            raise InterpolationError(message, expression=self.text, line=self.line)
        return value

    def render(self, scope: dict[str, Any]) -> str | ContentBlock:
        """What stands in the prompt for its value. Raises InterpolationError."""
        value = self.evaluate(scope)
        try:
            return to_content(value)
        except Exception as exc:  # likewise: a repr of theirs
            raise self._build_error(exc) from exc

    def _build_error(self, exc: Exception) -> InterpolationError:
        message = f"{_name(self.text)} on line {self.line} failed: {_describe(exc)}"
        return InterpolationError(message, expression=self.text, line=self.line)


def make_scope(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of `namespace` for expressions to be evaluated in."""
    return {"__builtins__": builtins, **namespace}


def interpolate(template: str, namespace: Mapping[str, Any]) -> list[str | ContentBlock]:
    """The parts of `template` with every `{{ expr }}` replaced: texts, and blocks for images.

    Two texts never stand side by side. A substituted value is not read for `{{` again.
    `namespace` is not changed, not even by `:=`.

    Raises:
        InterpolationError: an expression is not closed, is no Python, awaits, or raises; names
            the expression and its line, and chains the cause.
    """
    scope = make_scope(namespace)
    parts: list[str | ContentBlock] = []
    text: list[str] = []
    for found in iter_pieces(template):
        piece = found if isinstance(found, str) else found.render(scope)
        if isinstance(piece, str):
            text.append(piece)
            continue
        parts += [joined, piece] if (joined := "".join(text)) else [piece]
        text.clear()
    if (joined := "".join(text)) or not parts:
        parts.append(joined)
    return parts


def iter_pieces(template: str) -> Iterator[str | Expression]:
    r"""The texts of `template`, `\{{` read as `{{`, and its expressions, in order.

    Evaluates nothing. Raises InterpolationError for what is not closed, is no Python, or awaits.
    """
    position = 0
    while (start := template.find("{{", position)) >= 0:
        if start > position and template[start - 1] == "\\":
            yield template[position : start - 1] + "{{"
            position = start + 2
            continue
        yield template[position:start]
        line = template.count("\n", 0, start) + 1
        code, text, position = _read_expression(template, start, line)
        yield Expression(code, text, line)
    yield template[position:]


def _read_expression(template: str, start: int, line: int) -> tuple[CodeType, str, int]:
    """The code and text of the expression that `{{` at `start` opens, and where it ends."""
    first_error: BaseException | None = None
    first_text = template[start + 2 : start + 60]
    limit = start + 2 + MAX_EXPRESSION
    end = template.find("}}", start + 2, limit)
    while end >= 0:
        text = template[start + 2 : end].strip()
        try:
            tree = _parse(text)
        except _NOT_PYTHON as exc:
            if first_error is None:
                first_error, first_text = exc, text
        else:
            return _compile(tree, text, line), text, end + 2
        end = template.find("}}", end + 1, limit)
    if first_error is None:
        problem = (
            f"{_name(first_text).removesuffix(' }}')} on line {line} has no }}}} that closes it"
        )
    else:
        reason = _describe(first_error).rstrip(".?")
        problem = f"{_name(first_text)} on line {line} is not Python: {reason}"
    raise InterpolationError(
        f"{problem}. Write \\{{{{ for plain braces.",
        expression=first_text,
        line=line,
    ) from first_error


def _parse(text: str) -> ast.Expression:
    if not text:
        raise ValueError("nothing stands between the braces")
    with warnings.catch_warnings():
        # A trial up to the wrong }} may warn of what the user never wrote.
        warnings.simplefilter("ignore")
        # The parentheses let an expression go on over several lines.
        return ast.parse(f"({text}\n)", "<{{ }}>", "eval")


def _compile(tree: ast.Expression, text: str, line: int) -> CodeType:
    for node in ast.walk(tree):
        if isinstance(node, ast.Await) or (isinstance(node, ast.comprehension) and node.is_async):
            raise InterpolationError(_refuse_await(text, line), expression=text, line=line)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return compile(tree, "<{{ }}>", "eval")
    except _NOT_PYTHON as exc:
        message = f"{_name(text)} on line {line} is not Python: {_describe(exc)}."
        raise InterpolationError(message, expression=text, line=line) from exc


def _refuse_await(expression: str, line: int) -> str:
    return (
        f"{_name(expression)} on line {line} needs await, which {{{{ }}}} does not do. "
        "Await it in a cell before, and name its result here."
    )


def _name(expression: str) -> str:
    return "{{ " + cut_end(" ".join(expression.split()), 80) + " }}"


def _describe(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return error.msg
    text = cut_end(" ".join(str(error).split()), 300)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
