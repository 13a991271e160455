"""The parser that shows a model its mistake and asks again. What is a mistake, others say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from lauren_ai._exceptions import OutputParserError
from lauren_ai._output_parsers.parsers import OutputParser, text_of
from lauren_ai._output_parsers.structured import LanguageModel
from lauren_ai._types import Completion, Message
from lauren_ai._usage import TokenUsage

T = TypeVar("T")


class RetryOutputParser(OutputParser[T]):
    """Shows the model its text and the parser's error, and asks again, up to `max_retries` times.

    `parse` tries once; `parse_with_retry` asks. In a chain it asks with the messages of the LLM
    step before it.
    """

    def __init__(self, parser: OutputParser[T], llm: LanguageModel, max_retries: int = 3) -> None:
        self.parser, self.llm, self.max_retries = parser, llm, max_retries
        self.format_instructions = parser.format_instructions

    def parse(self, text: str) -> T:
        return self.parser.parse(text)

    async def parse_with_retry(
        self,
        completion: Completion | str,
        original_messages: Sequence[Message] = (),
        *,
        system: str | None = None,
        on_usage: Callable[[TokenUsage | None], None] | None = None,
    ) -> T:
        """The value of the first text that parses; `on_usage` gets the usage of each request.

        Raises the last OutputParserError, and TransportError; cancelling closes the connection.
        """
        text = text_of(completion)
        messages = list(original_messages)
        for _ in range(self.max_retries):
            try:
                return self.parser.parse(text)
            except OutputParserError as exc:
                complaint = f"{exc}\n{self.format_instructions}"
            # An empty turn would be refused by providers.
            messages += [Message.assistant(text or "(no text)"), Message.user(complaint)]
            answer = await self.llm.complete(messages, system=system)
            text = answer.content
            if on_usage is not None:
                on_usage(answer.usage)
        return self.parser.parse(text)
