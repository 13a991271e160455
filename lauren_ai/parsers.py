"""Parsers: steps of a chain that make a value of a model's text. One's own is an `OutputParser`."""

from lauren_ai._output_parsers.parsers import (
    CommaSeparatedListParser,
    JSONOutputParser,
    MarkdownCodeBlockParser,
    OutputParser,
    PydanticOutputParser,
    RegexParser,
    StrOutputParser,
)
from lauren_ai._output_parsers.retry import (
    RetryOutputParser,
)

__all__ = [
    "CommaSeparatedListParser",
    "JSONOutputParser",
    "MarkdownCodeBlockParser",
    "OutputParser",
    "PydanticOutputParser",
    "RegexParser",
    "RetryOutputParser",
    "StrOutputParser",
]
