"""Answers of a given type: the model is given a schema, and what it answers is checked.

It owns the schema and the check; transports send it as each model takes it, as the form of its
text or as a tool's; `schema_type.py` reads JSON schemas.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from lauren_ai._config import LLMConfig
from lauren_ai._exceptions import OutputParserError
from lauren_ai._json import encode_json
from lauren_ai._output_parsers.parsers import JSONOutputParser
from lauren_ai._output_parsers.typed import TypeCheck
from lauren_ai._pipe import Pipeable
from lauren_ai._streaming.request import ANSWER_TOOL
from lauren_ai._streaming.stream import CompletionStream
from lauren_ai._types import Completion, ContentBlock, Message
from lauren_ai._usage import TokenUsage

T = TypeVar("T")

_WRAPPED = "value"
#: Endings after which another try would end alike, and what to say of them.
_FINAL = {
    "max_tokens": "was cut off at max_tokens. Raise max_tokens",
    "context_window": "was cut off where the model's context was full. Send less",
    "refusal": "is a refusal. Ask for something else, or another model",
    "content_filter": "was stopped by the provider's filter. Ask for something else",
}
#: Words that make a root other than a plain object: providers refuse them there.
_NO_ROOT = ("$ref", "anyOf", "oneOf", "allOf", "not", "enum", "const")
_DEFINITIONS = ("$defs", "definitions")


class LanguageModel(Protocol):
    """Who is asked for an answer: an LLMService, whose methods say what they take and raise."""

    @property
    def config(self) -> LLMConfig: ...

    @property
    def complete(self) -> Callable[..., Awaitable[Completion]]: ...

    @property
    def complete_stream(self) -> Callable[..., CompletionStream]: ...


class StructuredLLM(Pipeable, Generic[T]):
    """Made by `LLMService.with_structured_output(model)`; it shares the service's transport.

    `model` is a pydantic model, any type that pydantic validates, or a JSON schema (then the
    answer is plain data). The answer comes as JSON text, or as the arguments of a call. One that
    does not fit is asked for once more, with the reason.
    """

    def __init__(self, llm: LanguageModel, model: type[T] | Mapping[str, Any]) -> None:
        self.llm, self.model = llm, model
        self._check = TypeCheck(model)
        schema = self._check.schema
        # An answer's form, and a tool's arguments, are always an object.
        is_object = schema.get("type", "object" if "properties" in schema else None) == "object"
        self._is_wrapped = not is_object or any(word in schema for word in _NO_ROOT)
        self.schema: dict[str, Any] = _wrap(schema) if self._is_wrapped else schema

    def complete_stream(self, messages: Sequence[Message], **options: Any) -> CompletionStream:
        """The stream of the request; options as `LLMService`'s. The answer comes in `delta`, or
        in `tool_call_delta` where the model takes no schema for its text. `read` gives the value
        of its completion."""
        return self.llm.complete_stream(messages, output_schema=self.schema, **options)

    async def complete(self, messages: Sequence[Message], **options: Any) -> T:
        """The value. Raises OutputParserError with the model's text where it does not fit, and
        TransportError. Cancelling it closes the connection."""
        stream = self.complete_stream(messages, **options)
        try:
            async for _ in stream:
                pass
            return await self.read_or_ask(stream.completion, messages, **options)
        finally:
            options.clear()  # its headers may hold keys, and tracebacks show this frame

    async def read_or_ask(
        self,
        completion: Completion,
        messages: Sequence[Message],
        *,
        on_usage: Callable[[TokenUsage | None], None] | None = None,
        **options: Any,
    ) -> T:
        """The value of a completion that answered `messages`, or of a second one: the model is
        told what does not fit. `on_usage` gets that request's usage; raises as `complete`."""
        try:
            return self.read(completion)
        except OutputParserError as exc:
            if completion.stop_reason in _FINAL:
                raise
            again = [*messages, *_build_complaint(completion, exc)]
        stream = self.complete_stream(again, **options)
        options.clear()
        async for _ in stream:
            pass
        if on_usage is not None:
            on_usage(stream.completion.usage)
        return self.read(stream.completion)

    def read(self, completion: Completion) -> T:
        """The value of a completion. Raises OutputParserError with what the model wrote."""
        text, value = self._find(completion)
        if self._is_wrapped and isinstance(value, dict) and value.keys() == {_WRAPPED}:
            value = value[_WRAPPED]
        return self._check.read(value, text=text)

    def _find(self, completion: Completion) -> tuple[str, Any]:
        for call in completion.tool_calls:
            if call.name == ANSWER_TOOL:
                return encode_json(call.input), call.input
        broken = completion.invalid_tool_calls
        text = broken[0].input_text if broken else completion.content
        if why := _FINAL.get(completion.stop_reason):
            raise OutputParserError(f"The model's answer {why}: {text[:200]!r}.", text=text)
        if broken:
            raise OutputParserError(
                f"The model's answer cannot be read: {broken[0].error}", text=text
            )
        return text, JSONOutputParser().parse(text)


def _build_complaint(completion: Completion, error: OutputParserError) -> list[Message]:
    """The answer that does not fit, as a turn, and what is wrong with it."""
    said = f"{error}\nAnswer once more, in the form that was asked for."
    calls = [block for block in completion.blocks if block.type == "tool_use"]
    if not calls:
        turn = completion.message() if completion.content else Message.assistant("(no answer)")
        return [turn, Message.user(said)]
    results = [
        ContentBlock.tool_result_block(call.tool_use_id or "", said, is_error=True)
        for call in calls
    ]
    return [completion.message(), Message("tool", results)]


def _wrap(schema: Mapping[str, Any]) -> dict[str, Any]:
    """An object with the answer as its one field; definitions stay where they are referred to."""
    inner = {key: value for key, value in schema.items() if key not in _DEFINITIONS}
    wrapped = {"type": "object", "properties": {_WRAPPED: inner}, "required": [_WRAPPED]}
    return {**wrapped, **{key: schema[key] for key in _DEFINITIONS if key in schema}}
