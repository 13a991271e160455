"""No cassette holds a key, wherever it travelled: header, query, body, answer."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from anthropic import AsyncAnthropic

from lauren_ai import LLMConfig, LLMService, Message
from lauren_ai._secrets.scrub import PLACEHOLDER
from lauren_ai._transport.anthropic.transport import AnthropicTransport
from lauren_ai.cassettes import CassettePlayer, CassetteRecorder
from tests.servers import FakeAnthropic, text
from tests.support.cassettes import Tape, load_text
from tests.support.wired import GO, KEY, Wired


async def test_nothing_of_the_key_is_in_the_file(wired: Wired, file: Path) -> None:
    secret = "aB3-SECRET/with+odd=signs-0123456789"
    wired.server.strict = False  # it takes a field that no provider has
    wired.server.reply(text([f"{secret[:9]}", secret[9:], f" and {KEY}"]))
    config = replace(
        wired.service.config,
        default_headers={"x-team-token": secret, "cookie": f"session={secret}"},
    )
    service = LLMService.from_config(config, cassette=CassetteRecorder(file))
    question = f"{secret} {quote(secret)} {base64.b64encode(secret.encode()).decode()}"
    completion = await service.complete(
        [Message.user(question)],
        system=KEY,
        request_options={"headers": {"x-other": KEY}, "extra_body": {"api_key": "hunter2"}},
    )
    await service.close()
    assert secret in completion.content  # it was there to be kept
    kept = load_text(file)
    replayed = await LLMService.from_config(
        replace(config, api_key=None, default_headers={}), cassette=CassettePlayer(file)
    ).complete(
        [Message.user(question)], system=KEY, request_options={"extra_body": {"api_key": ""}}
    )
    assert "hunter2" not in kept
    assert_no_trace(secret, kept + replayed.content)
    assert_no_trace(KEY, kept + replayed.content)


def assert_no_trace(secret: str, kept: str) -> None:
    """Neither the secret nor eight letters of it, plain or in base64, as a hex or in an address."""
    data = secret.encode()
    guises = [secret, quote(secret), quote(secret, safe=""), data.hex()]
    guises += [base64.b64encode(b"x" * n + data).decode()[4:-4] for n in range(3)]
    for guise in guises:
        parts = [guise[i : i + 8] for i in range(3, len(guise) - 7)]
        assert not [part for part in parts if part in kept]


async def test_what_a_client_of_the_users_own_sends_is_not_kept(
    file: Path, anthropic_server: FakeAnthropic
) -> None:
    query, header = "qqqq-1111-query-secret", "hhhh-2222-header-secret"
    anthropic_server.reply(text(f"You sent {query}, {header} and {KEY}."))
    client = AsyncAnthropic(
        api_key=KEY,
        base_url=anthropic_server.base_url,
        default_query={"code": query},
        default_headers={"x-proxy-pass": header},
    )
    config = LLMConfig.for_anthropic("m")
    transport = AnthropicTransport(config, client=client, cassette=CassetteRecorder(file))
    await LLMService(transport, config).complete(GO)
    await client.close()
    assert anthropic_server.requests[0].path.endswith(f"?code={query}")
    player = LLMService.from_config(config, cassette=CassettePlayer(file))
    content = (await player.complete(GO)).content
    assert content == f"You sent {PLACEHOLDER}, {PLACEHOLDER} and {PLACEHOLDER}."
    for secret in (query, header, KEY):
        assert_no_trace(secret, load_text(file))


async def test_a_header_of_the_response_that_names_the_account_is_not_kept(tape: Tape) -> None:
    headers = {
        "set-cookie": "__cf=abc123",
        "anthropic-organization-id": "0a1b2c3d-0000-4000-8000-0123456789ab",
        "openai-organization": "org-a1b2c3d4e5f6",
        "x-ratelimit-remaining": "ratelimit-73519",
    }
    script = tape.wired.server.script(text("hi"))
    tape.wired.server.queue(replace(script, headers={**script.headers, **headers}))
    await tape.live.complete(GO)
    kept = load_text(tape.file)
    assert not [v for v in headers.values() if v in kept]
    assert "set-cookie" not in kept
