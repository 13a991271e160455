"""Output parsers: from a model's text to a value. They call no model; `retry.py` does.

Every failure is an OutputParserError whose `text` is the model's whole text.
"""

from __future__ import annotations

import json
import re
from typing import Any, Generic, TypeVar

from lauren_ai._exceptions import OutputParserError
from lauren_ai._output_parsers.text import iter_code_blocks, read_json
from lauren_ai._output_parsers.typed import TypeCheck
from lauren_ai._pipe import Pipeable
from lauren_ai._types import Completion

T = TypeVar("T")


class OutputParser(Pipeable, Generic[T]):
    """What every parser can do; a subclass has `parse`."""

    #: What to tell the model, for a prompt's `{format}` or the like.
    format_instructions = "Respond with plain text."

    def parse(self, text: str) -> T:
        """The value of `text`. Raises OutputParserError."""
        raise NotImplementedError

    def invoke(self, input: Any) -> Any:
        """`parse` of a str or of a Completion's text."""
        return self.parse(text_of(input))


class StrOutputParser(OutputParser[str]):
    """The text without the white space around it."""

    def parse(self, text: str) -> str:
        return text.strip()


class JSONOutputParser(OutputParser[Any]):
    """A JSON value: the whole text, or a fenced block in it, or what is between the brackets."""

    format_instructions = "Respond with valid JSON only."

    def parse(self, text: str) -> Any:
        try:
            return read_json(text)
        except ValueError as exc:
            raise OutputParserError(f"The model's text is not JSON: {exc}.", text=text) from exc


class PydanticOutputParser(OutputParser[T]):
    """An instance of `model`: a pydantic model, or any type that pydantic validates."""

    def __init__(self, model: type[T]) -> None:
        self.model = model
        self._check = TypeCheck(model)
        schema = json.dumps(self._check.schema, ensure_ascii=False)
        self.format_instructions = f"Respond with JSON only, of this JSON schema:\n{schema}"

    def parse(self, text: str) -> T:
        return self._check.read(JSONOutputParser().parse(text), text=text)


class RegexParser(OutputParser[Any]):
    """The first match of `pattern`, anywhere in the text: a dict of its named groups, else a
    tuple of its groups, else its one group or the whole match as a str."""

    def __init__(self, pattern: str | re.Pattern[str]) -> None:
        self._pattern = re.compile(pattern)
        self.format_instructions = (
            f"Respond with text that matches this regular expression: {self._pattern.pattern}"
        )

    def parse(self, text: str) -> dict[str, str | None] | tuple[str | None, ...] | str:
        match = self._pattern.search(text)
        if match is None:
            raise OutputParserError(
                f"The model's text does not match {self._pattern.pattern!r}.", text=text
            )
        if self._pattern.groupindex:
            return match.groupdict()
        groups: tuple[str | None, ...] = match.groups()
        return groups if len(groups) > 1 else (groups or (match[0],))[0] or ""


class CommaSeparatedListParser(OutputParser[list[str]]):
    """The items between commas, without the white space around them; empty ones are left out."""

    format_instructions = "Respond with a comma-separated list and nothing else."

    def parse(self, text: str) -> list[str]:
        return [item for part in text.split(",") if (item := part.strip())]


class MarkdownCodeBlockParser(OutputParser[str]):
    """The content of the first fenced block, or of the first one in `language`."""

    def __init__(self, language: str | None = None) -> None:
        self.language = language
        self.format_instructions = f"Respond with one fenced code block: ```{language or ''}"

    def parse(self, text: str) -> str:
        for language, code in iter_code_blocks(text):
            if self.language is None or language.lower() == self.language.lower():
                return code
        kind = f"{self.language} " if self.language else ""
        raise OutputParserError(
            f"The model's text has no complete fenced {kind}code block.", text=text
        )


def text_of(value: Any) -> str:
    """The text of a str or a Completion. Raises OutputParserError on anything else."""
    if isinstance(value, Completion):
        return value.content
    if isinstance(value, str):
        return value
    raise OutputParserError(
        f"A parser reads text, not {type(value).__name__}. Put it right behind the LLM step.",
        text=str(value),
    )
