"""What holds for every provider's transport over a real connection, whatever its wire format."""

from __future__ import annotations

import json

from tests.servers import raw, text, tool_call
from tests.support.wired import GO, KEY, Wired


async def test_the_key_and_the_requests_own_headers_and_fields_reach_it(wired: Wired) -> None:
    options = {"headers": {"x-extra": "1"}, "extra_body": wired.extra}
    body = await wired.send(GO, request_options=options)
    assert body.items() >= wired.extra.items()
    assert wired.last_request.headers["x-extra"] == "1"
    assert wired.last_request.headers["authorization"] == f"Bearer {KEY}"


async def test_a_whole_json_answer_is_read_as_well(wired: Wired) -> None:
    """Some gateways ignore `stream`; a tool's argument named "error" is no error."""
    whole = wired.server.script(text("Hi"), tool_call("f", {"error": "none"})).whole
    assert whole is not None
    body = json.dumps({"error": None, **json.loads(whole)}).encode()
    wired.server.queue(raw(body, content_type="application/json"))
    completion = await wired.service.complete(GO)
    assert completion.content == "Hi"
    assert completion.tool_calls[0].input == {"error": "none"}


async def test_a_new_reason_to_stop_keeps_its_name(wired: Wired) -> None:
    name = "stop_reason" if wired.name == "anthropic" else "finish_reason"
    wired.server.reply(text("x"), **{name: "brand_new_reason"})
    assert (await wired.service.complete(GO)).stop_reason == "brand_new_reason"


async def test_a_closed_service_opens_a_new_client_when_it_is_asked_again(wired: Wired) -> None:
    await wired.send()
    await wired.service.close()
    await wired.send()
    assert len(wired.server.requests) == 2
