"""The line of `%%lauren` read by the table of options, and what is said where it is wrong.

It looks up no name and asks no model; the options themselves are the table of `table.py`.
"""

from __future__ import annotations

import difflib
import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any, Literal

from lauren_ai._json import MalformedJSONError, parse_strict
from lauren_nb._cuts import quoted
from lauren_nb._errors import OptionError
from lauren_nb._options.table import BY_NAME, OPTIONS, POLICIES, OptionSpec
from lauren_nb._options.words import Word, split_words

Format = Literal["markdown", "text", "code", "json"]
Policy = Literal["ask", "all", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellOptions:
    """What the line of one cell asks for. `parse_line` makes it; None is "not said".

    `thinking` is True without a budget, or the budget in tokens. `approve` is a policy, or the
    names of the tools that run without asking. `chain` is set by the word chain; `chain_name` is
    None where the body holds the steps. `map_over` is an expression of the namespace.
    """

    model: str | None = None
    output: str | None = None
    agent: str | None = None
    tools: tuple[str, ...] = ()
    conversation: str | None = None
    system: str | None = None
    thinking: bool | int = False
    effort: str | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    format: Format = "markdown"
    images: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    timeout: float | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    approve: Policy | tuple[str, ...] = "ask"
    max_cost_usd: float | None = None
    chain: bool = False
    chain_name: str | None = None
    map_over: str | None = None
    concurrency: int | None = None
    awaited: bool = False


def parse_line(line: str) -> CellOptions:
    """The options of a `%%lauren` line.

    Raises:
        OptionError: an unknown option, a missing or bad value, an option given twice, or a word
            that belongs to none.
    """
    words = split_words(line)
    values: dict[str, Any] = {}
    positionals: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word.quoted or not word.text.startswith("-") or word.text == "-":
            positionals.append(word.text)
            continue
        name, has_value, inline = word.text.partition("=")
        spec = _get_spec(name)
        if has_value:
            value: str | None = inline
        else:
            value = _get_value(spec, words[position : position + 1])
            position += value is not None
        _store(values, spec, name, value)
    values.update(_read_positionals(positionals))
    if "map_over" in values and "chain" not in values:
        raise OptionError("--map runs a chain. Write: %%lauren chain [NAME] --map ITEMS -o NAME.")
    if "concurrency" in values and "map_over" not in values:
        raise OptionError("--concurrency goes with --map: without it, one request runs at a time.")
    return CellOptions(**values)


def read_option(field: str, value: str) -> Any:
    """One value, read as the option of that field reads it. Raises OptionError."""
    spec = next(spec for spec in OPTIONS if spec.field == field)
    return _read_value(spec, field, value)


def _get_spec(name: str) -> OptionSpec:
    spec = BY_NAME.get(name)
    if spec is not None:
        return spec
    if len(name) > 2 and name[:2] in BY_NAME:
        hint = f"Did you mean {name[:2]} {name[2:]}?"
    else:
        hint = _suggest(name, [s.name for s in OPTIONS if not s.hidden]) or (
            "The options: " + ", ".join(s.name for s in OPTIONS if not s.hidden) + "."
        )
    raise OptionError(f"Unknown option {quoted(name)}. {hint}")


def _get_value(spec: OptionSpec, following: list[Word]) -> str | None:
    """The value of `spec` out of the words that follow; None where there is none to take."""
    if spec.kind == "flag" or not following:
        return None
    word = following[0]
    if spec.kind == "budget":
        return word.text if word.text[:1].isdecimal() else None
    is_option = word.text.startswith("-") and not word.text[1:2].isdecimal() and word.text != "-"
    return None if is_option and not word.quoted else word.text


def _store(values: dict[str, Any], spec: OptionSpec, name: str, value: str | None) -> None:
    if spec.field in values and not spec.repeatable:
        raise OptionError(f"{name} is given twice. Keep one of them.")
    if spec.kind == "flag":
        if value is not None:
            raise OptionError(f"{name} takes no value.")
        values[spec.field] = True
    elif value is None and spec.kind == "budget":
        values[spec.field] = True
    elif not value or not value.strip():
        raise OptionError(f"{name} needs a value: {spec.usage}.")
    else:
        read = _read_value(spec, name, value.strip() if spec.field != "system" else value)
        if spec.repeatable:
            read = values.get(spec.field, ()) + (read if isinstance(read, tuple) else (read,))
        values[spec.field] = read


def _read_value(spec: OptionSpec, name: str, value: str) -> Any:
    if spec.choices:
        return _read_choice(spec, name, value)
    match spec.kind:
        case "count" | "budget":
            return _read_count(name, value)
        case "number":
            return _read_number(spec, name, value)
        case "variable":
            return _check_variable(name, value)
        case "name":
            return _check_name(name, value)
        case "names":
            return _read_names(name, value)
        case "json":
            return read_extra(name, value)
        case "policy":
            return value if value in POLICIES else _read_names(name, value)
        case _:
            return value


def _read_choice(spec: OptionSpec, name: str, value: str) -> str:
    if value in spec.choices:
        return value
    hint = _suggest(value, spec.choices)
    known = ", ".join(spec.choices)
    raise OptionError(f"{name} is one of {known}; not {quoted(value)}. {hint}".rstrip())


def _read_count(name: str, value: str) -> int:
    try:
        count = int(value)
    except ValueError:
        count = 0
    if count < 1:
        raise OptionError(f"{name} needs a whole number of at least 1, not {quoted(value)}.")
    return count


def _read_number(spec: OptionSpec, name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if spec.field == "temperature" and not 0 <= number <= 2:
        raise OptionError(f"{name} needs a number from 0 to 2, not {quoted(value)}.")
    if spec.field == "timeout" and not 0 < number < math.inf:
        raise OptionError(f"{name} needs seconds above 0, such as 120, not {quoted(value)}.")
    if spec.field == "max_cost_usd" and not 0 < number < math.inf:
        raise OptionError(f"{name} needs US dollars above 0, such as 0.05, not {quoted(value)}.")
    return number


def read_extra(name: str, value: str) -> dict[str, Any]:
    """The JSON object of `--extra`. Raises OptionError."""
    try:
        extra = parse_strict(value, unique_keys=True)
    except MalformedJSONError as exc:
        raise OptionError(
            f"{name} needs a JSON object in quotes, such as '{{\"top_k\": 5}}'; {quoted(value)} "
            f"cannot be read: {exc}."
        ) from exc
    if not isinstance(extra, dict):
        raise OptionError(f"{name} needs a JSON object, such as '{{\"top_k\": 5}}'.")
    return extra


def _check_variable(name: str, value: str) -> str:
    value = _normalise(value)
    is_pythons = value.startswith("__") and value.endswith("__")  # __builtins__ and its like
    if not value.isidentifier() or iskeyword(value) or is_pythons:
        raise OptionError(f"{name} needs a variable's name, not {quoted(value)}.")
    return value


def _normalise(name: str) -> str:
    """As Python reads a name in code: an é of two characters is the é of one."""
    return unicodedata.normalize("NFKC", name)


def _check_name(name: str, value: str) -> str:
    value = _normalise(value)
    parts = value.split(".")
    if not all(part.isidentifier() and not iskeyword(part) for part in parts):
        raise OptionError(
            f"{name} needs a name of the namespace, such as plot or tools.plot, "
            f"not {quoted(value)}."
        )
    return value


def _read_names(name: str, value: str) -> tuple[str, ...]:
    names = [part.strip() for part in value.split(",")]
    # A comma too many at the end does no harm; a list of nothing was meant to say something.
    return tuple(_check_name(name, part) for part in [n for n in names if n] or [""])


def _read_positionals(words: list[str]) -> dict[str, Any]:
    if not words:
        return {}
    if words[0] == "chain":
        if len(words) > 2:
            raise OptionError(f"chain takes one name; {quoted(words[2])} is too many.")
        name = _check_name("chain", words[1]) if len(words) == 2 else None
        return {"chain": True, "chain_name": name}
    raise OptionError(f"Unexpected word {quoted(words[0])}. {_explain_positional(words[0])}")


def _explain_positional(word: str) -> str:
    for spec in OPTIONS:
        if not spec.hidden and word in (spec.name.lstrip("-"), spec.field):
            return f"Did you mean {spec.name}?"
    if ":" in word:
        return f"A model is named with -m {quoted(word)}."
    if difflib.get_close_matches(word, ["chain"]):
        return "Did you mean chain?"
    return (
        "The prompt goes in the lines below. A value with spaces needs quotes, "
        "and a list of tools commas without spaces."
    )


def _suggest(word: str, known: Iterable[str]) -> str:
    known = list(known)
    close = [name for name in known if len(word) > 2 and name.startswith(word)]
    close = close or difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"Did you mean {close[0]}?" if close else ""
