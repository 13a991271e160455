"""A service that is wired to a loopback provider, and what its tests send."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from lauren_ai import CompletionChunk, CompletionStream, LLMConfig, LLMService, Message
from lauren_ai._transport._mock import MockTransport
from tests.servers import FakeAnthropic, FakeOpenAI, Request, text

KEY = "sk-test-0123456789abcdefSECRET"
GO = [Message.user("go")]


@dataclass
class Wired:
    """A provider's server and a service that talks to it."""

    name: str
    server: FakeAnthropic | FakeOpenAI
    service: LLMService

    @property
    def older_model(self) -> str:
        """A model that takes a temperature."""
        return "claude-sonnet-4-5" if self.name == "anthropic" else "test-model"

    @property
    def extra(self) -> dict[str, Any]:
        """A field that has no option here, as the provider knows it."""
        return {"metadata": {"user_id": "u"}} if self.name == "anthropic" else {"seed": 7}

    def stream(self, **options: Any) -> CompletionStream:
        return self.service.complete_stream(GO, **options)

    def build(self, **options: Any) -> LLMService:
        """Another service to the same server, which the caller closes."""
        return LLMService.from_config(replace(self.service.config, **options))

    async def send(self, messages: Any = GO, **options: Any) -> Any:
        """The body of the request that these options make."""
        self.server.reply(text("ok"))
        await self.service.complete(messages, **options)
        return self.last_request.body

    @property
    def last_request(self) -> Request:
        return self.server.requests[-1]


def build_config(name: str, base_url: str, **options: Any) -> LLMConfig:
    make = LLMConfig.for_anthropic if name == "anthropic" else LLMConfig.for_openai
    return make("test-model", api_key=KEY, base_url=base_url, **options)


def asked(mock: MockTransport, number: int = -1) -> str:
    """The one message of a request."""
    [message] = mock.calls[number].messages
    assert message.role == "user"
    return message.text()


async def collect(stream: CompletionStream) -> list[CompletionChunk]:
    return [chunk async for chunk in stream]
