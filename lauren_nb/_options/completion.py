"""Tab completion of the lines of `%%lauren` and `%lauren`.

It knows the table of options; the names of a kernel's namespace are given to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lauren_nb._errors import OptionError
from lauren_nb._options.table import BY_NAME, OPTIONS, OptionSpec
from lauren_nb._options.words import split_words

#: What may follow a command of `%lauren`; of `fix`, models too.
_AFTER = {
    "approvals": ("revoke",),
    "config": ("model=",),
    "fix": ("-m",),
    "panel": ("--dock",),
    "record": ("off",),
    "replay": ("off", "--paced"),
}


def complete_command(
    text: str, commands: Sequence[str], *, names: Mapping[str, Sequence[str]]
) -> list[str]:
    """The words that may stand in place of the last word of `text`, the line after `%lauren`."""
    *before, word = text.lstrip().split(" ")
    if not before:
        return _match(word, commands)
    name = before[0]
    models = [*BY_NAME["-m"].suggestions, *names.get("model", ())]
    if name == "fix" and before[-1] == "-m":
        return _match(word, models)
    if name == "config" and word.startswith("model="):
        return _match(word, [f"model={model}" for model in models])
    return [found for found in _match(word, _AFTER.get(name, ())) if found not in before]


def complete_line(text: str, *, names: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """The words that may stand in place of the last word of `text`, the line up to the cursor.

    `names` adds values by field of `CellOptions` ("tools", "agent", "model", "chain_name", …).
    Inside an open quote or a comment nothing is offered.
    """
    length = len(text)
    while length and not text[length - 1].isspace():
        length -= 1
    head, last = text[:length], text[length:]
    if "'" in last or '"' in last or last.startswith("#"):
        return []
    try:
        before = [word.text for word in split_words(head)]
        in_comment = len(split_words(head + "x")) == len(before)
    except OptionError:
        return []
    return [] if in_comment else _complete_word(last, before, names or {})


def _complete_word(word: str, before: list[str], names: Mapping[str, Sequence[str]]) -> list[str]:
    name, has_value, value = word.partition("=")
    if has_value and (spec := BY_NAME.get(name)) is not None:
        return [f"{name}={found}" for found in _complete_value(spec, value, names)]
    if before and (spec := BY_NAME.get(before[-1])) is not None and not word.startswith("-"):
        values = _complete_value(spec, word, names)
        if spec.kind not in ("flag", "budget"):
            return values
    if before[-1:] == ["chain"] and not word.startswith("-"):
        return _match(word, names.get("chain_name", ()))
    return _match(word, _get_open_words(before, word))


def _get_open_words(before: list[str], word: str) -> list[str]:
    """Every option that may still be given, and chain where no word came before it."""
    used = [word.partition("=")[0] for word in before]
    given = {BY_NAME[name].field for name in used if name in BY_NAME}
    specs = [s for s in OPTIONS if not s.hidden and (s.repeatable or s.field not in given)]
    short = [s.short for s in specs if s.short is not None and word == s.short]
    return ([] if before else ["chain"]) + short + [s.name for s in specs]


def _complete_value(spec: OptionSpec, value: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    known = [*spec.choices, *spec.suggestions, *names.get(spec.field, ())]
    if spec.kind not in ("names", "policy"):
        return _match(value, known)
    head, comma, last = value.rpartition(",")
    taken = set(head.split(","))
    return [head + comma + found for found in _match(last, known) if found not in taken]


def _match(prefix: str, known: Iterable[str]) -> list[str]:
    return [word for word in dict.fromkeys(known) if word.startswith(prefix)]
