"""Requests that cannot be sent: the mistake is explained at once, and no key is shown."""

from __future__ import annotations

from typing import Any

import pytest

from lauren_ai import ContentBlock, LLMService, Message, ToolSchema, TransportError
from tests.servers import FakeOpenAI
from tests.support.leaks import LEAKS, show_everything
from tests.support.wired import GO, KEY, Wired, build_config

CYCLE: dict[str, Any] = {}
CYCLE["again"] = CYCLE

UNWRITABLE: dict[str, dict[str, Any]] = {
    "an object in a schema": {"tools": [ToolSchema("f", "d", {"x": object()})]},
    "a number that is none, as JSON has it": {"request_options": {"extra_body": {"seed": 1j}}},
    "a value inside itself": {"request_options": {"extra_body": CYCLE}},
    "an object in a call": {
        "messages": [
            Message.assistant([ContentBlock.tool_use_block("c", "f", {"x": {1, object()}})])
        ]
    },
    "a header that is no text": {"request_options": {"headers": {"x": 5}}},
    "a header of two lines": {"request_options": {"headers": {"x": "a\nb"}}},
}


async def provoke(service: LLMService, messages: Any = GO, **options: Any) -> Exception:
    # Nothing that holds the key may be a variable here, or the test would show it itself.
    try:
        await service.complete(messages, **options)
    except (TransportError, TypeError, AttributeError) as exc:
        return exc
    raise AssertionError("no error")


@pytest.mark.parametrize("what", UNWRITABLE)
async def test_what_cannot_be_written_is_explained_once_and_shows_no_key(
    wired: Wired, what: str
) -> None:
    service = wired.build(default_headers={"x-proxy-key": KEY}, max_retries=2)
    error = await provoke(service, **UNWRITABLE[what])
    assert type(error) is TransportError
    assert "cannot be written" in str(error)
    assert wired.server.requests == []
    shown = show_everything(error)
    assert not [leak for leak in LEAKS if leak in shown]
    await service.close()


async def test_an_error_that_nobody_expected_shows_its_place_and_no_key(wired: Wired) -> None:
    """A bare string as a tool's result: no check finds it before the request is built."""
    odd: Any = ["text"]
    error = await provoke(wired.service, [Message.user([ContentBlock("tool_result", content=odd)])])
    assert isinstance(error, AttributeError)
    shown = show_everything(error)
    assert "Raised in lauren_ai._transport." in shown
    assert not [leak for leak in LEAKS if leak in shown]


def make_options() -> dict[str, Any]:
    return {"headers": {"x-key": KEY}}


@pytest.mark.parametrize("structured", [False, True])
async def test_the_headers_of_a_call_are_in_no_frame_of_an_error(
    wired: Wired, structured: bool
) -> None:
    asked: Any = wired.service.with_structured_output(dict) if structured else wired.service
    wired.server.queue(wired.server.error(400, "no"))
    caught: list[BaseException] = []
    try:
        await asked.complete(GO, request_options=make_options())
    except TransportError as exc:
        caught.append(exc)
    shown = show_everything(caught[0])
    assert not [leak for leak in LEAKS if leak in shown]


@pytest.mark.parametrize(
    ("messages", "hint"),
    [
        ("hello", "list of Message, not str"),
        (None, "list of Message, not NoneType"),
        (Message.user("hello"), "list of Message, not Message"),
        (["hello"], "hold Message objects, not str"),
        ([{"role": "user", "content": "hello"}], "hold Message objects, not dict"),
        ([Message("user", None)], "not of NoneType"),  # type: ignore[arg-type]
        ([Message.user(["hello"])], "from_multimodal"),  # type: ignore[list-item]
    ],
    ids=repr,
)
async def test_what_is_no_list_of_messages_is_explained_before_anything_is_sent(
    wired: Wired, messages: Any, hint: str
) -> None:
    with pytest.raises(TypeError, match=hint) as caught:
        wired.service.complete_stream(messages)
    shown = show_everything(caught.value)
    assert not [leak for leak in LEAKS if leak in shown]
    with pytest.raises(TypeError, match=hint):
        await wired.service.count_tokens(messages)
    assert wired.server.requests == []


async def test_an_image_that_only_another_provider_can_find_is_explained(
    openai_server: FakeOpenAI,
) -> None:
    service = LLMService.from_config(build_config("openai", openai_server.base_url))
    image = ContentBlock("image", source={"type": "file", "file_id": "file_1"})
    error = await provoke(service, [Message.user([image])])
    assert isinstance(error, TransportError)
    assert "'file'" in str(error)
    await service.close()
