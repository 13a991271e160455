"""Parsers read what models write, and every failure carries the whole text."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from lauren_ai import (
    LLMService,
    Message,
    OutputParserError,
    TokenUsage,
)
from lauren_ai._transport._mock import MockTransport
from lauren_ai.parsers import (
    CommaSeparatedListParser,
    JSONOutputParser,
    MarkdownCodeBlockParser,
    OutputParser,
    PydanticOutputParser,
    RegexParser,
    RetryOutputParser,
    StrOutputParser,
)


class Person(BaseModel):
    name: str
    born: date


ADA = Person(name="Ada", born=date(1815, 12, 10))
ADA_JSON = '{"name": "Ada", "born": "1815-12-10"}'


@pytest.mark.parametrize(
    ("parser", "text", "value"),
    [
        (StrOutputParser(), "  hi \n", "hi"),
        (JSONOutputParser(), ' {"a": [1, null]} ', {"a": [1, None]}),
        (JSONOutputParser(), "```json\n[1]\n```", [1]),
        (JSONOutputParser(), 'Sure!\n\n```json\n{"a": 1}\n```\nAnything else?', {"a": 1}),
        (JSONOutputParser(), 'Here it is: {"a": {"b": "}"}}. Bye', {"a": {"b": "}"}}),
        (JSONOutputParser(), "12", 12),
        (JSONOutputParser(), '"```json"', "```json"),
        (JSONOutputParser(), "```python\nx\n```\n```json\n{}\n```", {}),
        (PydanticOutputParser(Person), ADA_JSON, ADA),
        (PydanticOutputParser(Person), f"```json\n{ADA_JSON}\n```", ADA),
        (PydanticOutputParser(list[Person]), f"[{ADA_JSON}]", [ADA]),
        (
            RegexParser(r"Score: (?P<score>\d+)(?P<half>½)?"),
            "My Score: 8.",
            {"score": "8", "half": None},
        ),
        (RegexParser(r"(\d+)/(\d+)"), "it is 8/10", ("8", "10")),
        (RegexParser(r"yes|no"), "well, no.", "no"),
        (RegexParser(r"<(.*?)>"), "<b>", "b"),
        (CommaSeparatedListParser(), " a, b c ,,d\n", ["a", "b c", "d"]),
        (CommaSeparatedListParser(), "", []),
        (MarkdownCodeBlockParser(), "x\n```\nprint(1)\n\n```\ny", "print(1)\n"),
        (MarkdownCodeBlockParser("python"), "```js\n1\n```\n```Python title\n2\n```", "2"),
        (MarkdownCodeBlockParser(), "````md\n```\ninner\n```\n````", "```\ninner\n```"),
        (MarkdownCodeBlockParser(), "~~~\n```\n~~~", "```"),
        (MarkdownCodeBlockParser(), "```\n```", ""),
    ],
)
def test_a_parser_reads(parser: OutputParser[Any], text: str, value: Any) -> None:
    assert parser.parse(text) == value


@pytest.mark.parametrize(
    ("parser", "text"),
    [
        (JSONOutputParser(), "no JSON here"),
        (JSONOutputParser(), ""),
        (JSONOutputParser(), '{"a": 1'),
        (JSONOutputParser(), '{"a": NaN}'),
        (JSONOutputParser(), "[" * 100_000 + "]" * 100_000),
        (PydanticOutputParser(Person), '{"name": "Ada"}'),
        (PydanticOutputParser(Person), "{'name': 'Ada'}"),
        (RegexParser(r"\d"), "none"),
        (MarkdownCodeBlockParser(), "```python\ncut off"),
        (MarkdownCodeBlockParser("sql"), "```python\n1\n```"),
    ],
)
def test_a_failure_carries_the_whole_text(parser: OutputParser[Any], text: str) -> None:
    with pytest.raises(OutputParserError) as caught:
        parser.parse(text)
    assert caught.value.text == text


def test_a_mismatch_names_the_field_and_no_website() -> None:
    with pytest.raises(OutputParserError, match=r"not a valid Person: born: Field required") as e:
        PydanticOutputParser(Person).parse('{"name": "Ada"}')
    assert "http" not in str(e.value)


def test_instructions_for_the_model_tell_the_form() -> None:
    assert '"born"' in PydanticOutputParser(Person).format_instructions
    assert r"\d+" in RegexParser(r"\d+").format_instructions
    assert "```sql" in MarkdownCodeBlockParser("sql").format_instructions


async def test_a_retry_shows_the_model_its_text_and_the_error(
    mock: MockTransport, llm: LLMService
) -> None:
    mock.queue_response('{"name": "Ada"}', usage=TokenUsage(1, 2))
    mock.queue_response(ADA_JSON, usage=TokenUsage(10, 20))
    seen: list[TokenUsage | None] = []
    parser = RetryOutputParser(PydanticOutputParser(Person), llm, max_retries=2)
    question = [Message.user("Who?")]
    value = await parser.parse_with_retry("Ada!", question, system="s", on_usage=seen.append)
    assert value == ADA and seen == [TokenUsage(1, 2), TokenUsage(10, 20)]
    first, second = mock.calls
    assert first.system == "s" and question == [Message.user("Who?")]
    assert [m.role for m in second.messages] == ["user", "assistant", "user", "assistant", "user"]
    assert first.messages[1] == Message.assistant("Ada!")
    assert "is not JSON" in first.messages[2].text()
    assert "born: Field required" in second.messages[4].text()


async def test_a_retry_ends_with_the_last_text(mock: MockTransport, llm: LLMService) -> None:
    for answer in ("one", "two"):
        mock.queue_response(answer)
    parser = RetryOutputParser(JSONOutputParser(), llm, max_retries=2)
    with pytest.raises(OutputParserError) as caught:
        await parser.parse_with_retry("zero")
    assert caught.value.text == "two" and len(mock.calls) == 2


async def test_what_parses_at_once_asks_nobody(mock: MockTransport, llm: LLMService) -> None:
    parser = RetryOutputParser(JSONOutputParser(), llm, max_retries=2)
    assert await parser.parse_with_retry("[1]") == [1]
    assert parser.parse("[2]") == [2]
    assert mock.calls == []
