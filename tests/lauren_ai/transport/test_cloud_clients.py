"""Clients of the SDK that the user made: each cloud's path, body, framing and errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import anthropic
import pytest

from lauren_ai import LLMService, Message, TransportError
from lauren_ai.errors import AgentConfigError, AuthTransportError, RateLimitTransportError
from tests.servers import FakeAnthropic, raw, text
from tests.support.event_stream import build_exception, wrap
from tests.support.wired import GO

MODEL = "claude-sonnet-4-6"
FRAMES = "application/vnd.amazon.eventstream"
Make = Callable[[str], Any]

CLIENTS: dict[str, Make] = {
    "claude": lambda url: anthropic.AsyncAnthropic(api_key="key-of-mine", base_url=url),
    "bedrock": lambda url: anthropic.AsyncAnthropicBedrock(
        api_key="key-of-mine", aws_region="us-east-1", base_url=url
    ),
    "vertex": lambda url: anthropic.AsyncAnthropicVertex(
        access_token="key-of-mine", project_id="p", region="global", base_url=url + "/v1"
    ),
    "mantle": lambda url: anthropic.AsyncAnthropicBedrockMantle(
        api_key="key-of-mine", aws_region="us-east-1", base_url=url
    ),
    "foundry": lambda url: anthropic.AsyncAnthropicFoundry(api_key="key-of-mine", base_url=url),
    "aws": lambda url: anthropic.AsyncAnthropicAWS(
        api_key="key-of-mine", aws_region="us-east-1", workspace_id="w", base_url=url
    ),
}


class Cloud(FakeAnthropic):
    """Takes a script wherever a cloud is asked; it judges nothing."""

    def is_scripted(self, path: str) -> bool:
        return "/invoke" in path or "awPredict" in path or super().is_scripted(path)


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with Cloud(strict=False) as server:
        yield server


@pytest.fixture(params=CLIENTS)
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


def queue(cloud: Cloud, name: str, words: str = "Hi there") -> None:
    if name == "bedrock":
        cloud.queue(raw(wrap(cloud.script(text(words)).data), content_type=FRAMES))
    else:
        cloud.reply(text(words))


async def test_every_client_of_the_sdk_answers(cloud: Cloud, name: str) -> None:
    client = CLIENTS[name](cloud.url)
    service = LLMService.from_client(client, MODEL, max_retries=0)
    queue(cloud, name)
    options: dict[str, Any] = {"thinking": True, "cache": "5m", "system": "Be brief."}
    completion = await service.complete(GO, **options)
    assert (completion.content, completion.stop_reason) == ("Hi there", "end_turn")
    await service.close()
    assert not client.is_closed()  # it is the user's
    await client.close()


async def test_a_cloud_gets_its_own_path_and_marks_on_blocks(cloud: Cloud) -> None:
    for name, path in (
        ("bedrock", f"/model/{MODEL}/invoke-with-response-stream"),
        ("vertex", f"/v1/projects/p/locations/global/publishers/anthropic/models/{MODEL}:"),
    ):
        client = CLIENTS[name](cloud.url)
        service = LLMService.from_client(client, MODEL, max_retries=0)
        queue(cloud, name)
        history = [*GO, Message.assistant("Hello"), Message.user("and?")]
        await service.complete(history, system="Be brief.", cache="1h", temperature=0.1)
        request = cloud.requests[-1]
        assert request.path.startswith(path)
        body = request.body
        assert "model" not in body
        assert "cache_control" not in body
        marker = {"type": "ephemeral", "ttl": "1h"}
        assert body["system"] == [{"type": "text", "text": "Be brief.", "cache_control": marker}]
        marked = [m["content"] for m in body["messages"] if "cache_control" in str(m)]
        assert [content[0]["text"] for content in marked] == ["go", "and?"]
        assert body["temperature"] == 0.1
        assert body["anthropic_version"] in ("bedrock-2023-05-31", "vertex-2023-10-16")
        assert history[0].content == "go"  # the caller's own
        await client.close()


async def test_the_sdk_repeats_nothing_behind_the_streams_back(cloud: Cloud, name: str) -> None:
    client = CLIENTS[name](cloud.url)  # with two retries of its own
    service = LLMService.from_client(client, MODEL, max_retries=0)
    cloud.queue(cloud.error(429, "slow down, key-of-mine"))
    with pytest.raises(RateLimitTransportError, match="slow down") as caught:
        await service.complete(GO)
    assert "key-of-mine" not in str(caught.value)
    assert len(cloud.requests) == 1
    await client.close()


async def test_an_exception_in_bedrocks_stream_keeps_the_text(cloud: Cloud) -> None:
    client = CLIENTS["bedrock"](cloud.url)
    service = LLMService.from_client(client, MODEL, max_retries=0)
    script = cloud.script(text("Half of it"))
    frames = wrap(b"".join(script.events[:5])) + build_exception("throttlingException", "Enough")
    cloud.queue(raw(frames, content_type=FRAMES))
    stream = service.complete_stream(GO)
    with pytest.raises(RateLimitTransportError, match="Enough"):
        async for _ in stream:
            pass
    assert stream.text.startswith("Half")
    await client.close()


async def test_what_a_cloud_cannot_do_is_said_at_once(cloud: Cloud) -> None:
    client = CLIENTS["bedrock"](cloud.url)
    service = LLMService.from_client(client, MODEL, max_retries=3)
    with pytest.raises(TransportError, match="Token counting is not supported in Bedrock"):
        await service.count_tokens(GO)
    assert cloud.requests == []
    await client.close()


async def test_credentials_that_cannot_be_found_are_no_bare_error_of_a_library(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = CLIENTS["vertex"](cloud.url)

    async def refresh(*_: object) -> str:
        raise RuntimeError("Could not refresh the access credentials")

    monkeypatch.setattr(type(client), "_ensure_access_token", refresh)
    service = LLMService.from_client(client, MODEL, max_retries=0)
    with pytest.raises(AuthTransportError, match="Sign in to the cloud again"):
        await service.complete(GO)
    await client.close()


@pytest.mark.parametrize("client", [object(), "key", anthropic.Anthropic(api_key="k")])
def test_what_is_no_client_that_can_be_awaited_is_refused(client: object) -> None:
    with pytest.raises(AgentConfigError, match="asynchronous client"):
        LLMService.from_client(client, MODEL)
