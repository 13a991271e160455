"""The words of a magic's line: quotes, comments, and backslashes that stay.

It knows no option.
"""

from __future__ import annotations

from dataclasses import dataclass

from lauren_nb._cuts import quoted
from lauren_nb._errors import OptionError


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the line; `quoted` ones are values, whatever they begin with."""

    text: str
    quoted: bool


def split_words(line: str) -> list[Word]:
    r"""The words of a line, up to a `#` that begins a word.

    Quotes of either kind group words. A backslash is an ordinary character, so that
    `local:C:\x.gguf` survives; only `\"` inside double quotes is a quote.

    Raises:
        OptionError: a quote is not closed.
    """
    words: list[Word] = []
    position = 0
    while position < len(line):
        if line[position].isspace():
            position += 1
        elif line[position] == "#":
            break
        else:
            word, position = _read_word(line, position)
            words.append(word)
    return words


def _read_word(line: str, position: int) -> tuple[Word, int]:
    text: list[str] = []
    quoted = line[position] in "'\""
    while position < len(line) and not line[position].isspace():
        if line[position] in "'\"":
            piece, position = _read_quoted(line, position)
            text.append(piece)
        else:
            text.append(line[position])
            position += 1
    return Word("".join(text), quoted), position


def _read_quoted(line: str, start: int) -> tuple[str, int]:
    quote = line[start]
    text: list[str] = []
    position = start + 1
    while position < len(line):
        if quote == '"' and line.startswith('\\"', position):
            text.append('"')
            position += 2
        elif line[position] == quote:
            return "".join(text), position + 1
        else:
            text.append(line[position])
            position += 1
    raise OptionError(
        f"The quote {quote} before {quoted(line[start + 1 :])} is not closed. "
        "Close it, or put the value in quotes of the other kind."
    )
