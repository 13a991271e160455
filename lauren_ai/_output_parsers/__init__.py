"""Typed answers: parsers, structured output, another try.

It renders no prompt and knows no provider's wire.
"""

from lauren_ai._output_parsers.parsers import (
    CommaSeparatedListParser,
    JSONOutputParser,
    MarkdownCodeBlockParser,
    OutputParser,
    PydanticOutputParser,
    RegexParser,
    StrOutputParser,
    text_of,
)
from lauren_ai._output_parsers.retry import RetryOutputParser
from lauren_ai._output_parsers.typed import describe_mismatch
from lauren_ai._usage import add_usage

__all__ = [
    "CommaSeparatedListParser",
    "JSONOutputParser",
    "MarkdownCodeBlockParser",
    "OutputParser",
    "PydanticOutputParser",
    "RegexParser",
    "RetryOutputParser",
    "StrOutputParser",
    "add_usage",
    "describe_mismatch",
    "text_of",
]
