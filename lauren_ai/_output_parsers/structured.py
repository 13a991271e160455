"""Answers of a given type: the model is given a schema, and what it answers is checked.

It owns the schema and the check; transports send it as each model takes it, as the form of its
text or as a tool's; `schema_type.py` reads JSON schemas.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from lauren_ai._config import LLMConfig
from lauren_ai._exceptions import OutputParserError
from lauren_ai._output_parsers.parsers import JSONOutputParser, describe_mismatch
from lauren_ai._pipe import Pipeable
from lauren_ai._streaming.request import ANSWER_TOOL
from lauren_ai._streaming.stream import CompletionStream
from lauren_ai._types import Completion, Message

T = TypeVar("T")

_WRAPPED = "value"


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
    answer is plain data). The answer comes as JSON text, or as the arguments of a call.
    """

    def __init__(self, llm: LanguageModel, model: type[T] | Mapping[str, Any]) -> None:
        from pydantic import TypeAdapter

        from lauren_ai._output_parsers.schema_type import build_type

        self.llm, self.model = llm, model
        checked: Any = build_type(model) if isinstance(model, Mapping) else model
        self._adapter: TypeAdapter[Any] = TypeAdapter(checked)
        schema = dict(model) if isinstance(model, Mapping) else self._adapter.json_schema()
        # An answer's form, and a tool's arguments, are always an object.
        self._is_wrapped = schema.get("type") != "object" and "properties" not in schema
        if self._is_wrapped:
            schema = _wrap(schema)
        self.schema: dict[str, Any] = schema

    def complete_stream(self, messages: Sequence[Message], **options: Any) -> CompletionStream:
        """The stream of the request; options as `LLMService`'s. The answer comes in `delta`, or
        in `tool_call_delta` where the model takes no schema for its text. `read` gives the value
        of its completion."""
        return self.llm.complete_stream(messages, output_schema=self.schema, **options)

    async def complete(self, messages: Sequence[Message], **options: Any) -> T:
        """The value. Raises OutputParserError with the model's text where it does not fit, and
        TransportError. Cancelling it closes the connection."""
        stream = self.complete_stream(messages, **options)
        options.clear()  # its headers may hold keys, and tracebacks show this frame
        async for _ in stream:
            pass
        return self.read(stream.completion)

    def read(self, completion: Completion) -> T:
        """The value of a completion. Raises OutputParserError with what the model wrote."""
        text, value = self._find(completion)
        if self._is_wrapped and isinstance(value, dict) and value.keys() == {_WRAPPED}:
            value = value[_WRAPPED]
        from pydantic import ValidationError

        try:
            # As JSON, not as Python: only then may a date be written as a string.
            result: T = self._adapter.validate_json(json.dumps(value))
        except ValidationError as exc:
            raise OutputParserError(describe_mismatch(self.model, exc), text=text) from exc
        return result

    def _find(self, completion: Completion) -> tuple[str, Any]:
        for call in completion.tool_calls:
            if call.name == ANSWER_TOOL:
                return json.dumps(call.input, ensure_ascii=False), call.input
        for broken in completion.invalid_tool_calls:
            raise OutputParserError(
                f"The model's answer cannot be read: {broken.error}", text=broken.input_text
            )
        return completion.content, JSONOutputParser().parse(completion.content)


def _wrap(schema: dict[str, Any]) -> dict[str, Any]:
    inner = {key: value for key, value in schema.items() if key != "$defs"}
    wrapped = {"type": "object", "properties": {_WRAPPED: inner}, "required": [_WRAPPED]}
    return {**wrapped, "$defs": schema["$defs"]} if "$defs" in schema else wrapped
