"""Answers of a given type: the model is made to call one tool whose arguments are the answer.

It owns the request and the check of its answer; `schema_type.py` reads JSON schemas.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from lauren_ai._config import LLMConfig
from lauren_ai._exceptions import OutputParserError
from lauren_ai._output_parsers.parsers import JSONOutputParser, describe_mismatch
from lauren_ai._pipe import Pipeable
from lauren_ai._streaming.stream import CompletionStream
from lauren_ai._types import Completion, Message, ToolChoice, ToolSchema

T = TypeVar("T")

TOOL = "structured_output"
_WRAPPED = "value"
_ASK = f"Answer by calling the tool {TOOL}, once; write no other answer."


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
    answer is plain data). A provider that answers in text instead of a call is read as JSON.
    """

    def __init__(self, llm: LanguageModel, model: type[T] | Mapping[str, Any]) -> None:
        from pydantic import TypeAdapter

        from lauren_ai._output_parsers.schema_type import build_type

        self.llm, self.model = llm, model
        checked: Any = build_type(model) if isinstance(model, Mapping) else model
        self._adapter: TypeAdapter[Any] = TypeAdapter(checked)
        schema = dict(model) if isinstance(model, Mapping) else self._adapter.json_schema()
        # A tool's arguments are always an object.
        self._is_wrapped = schema.get("type") != "object" and "properties" not in schema
        if self._is_wrapped:
            schema = _wrap(schema)
        self.schema: dict[str, Any] = schema
        self.tool = ToolSchema(TOOL, "Give the answer in this form.", schema)

    def complete_stream(self, messages: Sequence[Message], **options: Any) -> CompletionStream:
        """The stream of the request, its answer in `tool_call_delta`; options as `LLMService`'s.
        `read` gives the value of its completion."""
        choice = ToolChoice("tool", TOOL)
        if options.get("thinking"):
            # Providers refuse a forced call from a model that thinks: it is asked for one instead.
            # Source: https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking
            choice = ToolChoice()
            system = options.get("system")
            options["system"] = f"{system}\n\n{_ASK}" if system else _ASK
        return self.llm.complete_stream(messages, tools=[self.tool], tool_choice=choice, **options)

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
            if call.name == TOOL:
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
