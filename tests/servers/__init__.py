"""Loopback servers that speak the providers' wire formats, paced and faulty on demand.

with FakeAnthropic() as server:
    server.reply(thinking("Hm."), text("Hello there"), tokens_per_s=50)
    server.queue(server.script(text("a b c")).cut_at_event(4, end="reset"))
    server.queue(server.error(429, "slow down", headers={"retry-after": "1"}))
    ...  # a client at server.base_url
    assert server.requests[0].body["stream"]
    assert await server.requests[0].client_closed()

They refuse what the providers refuse, by model (`rules`): `server.refused` holds why, and a refused
request takes no script. `FakeOpenAI(vendor="deepseek")` is that vendor's server.
"""

from tests.servers._blocks import Raw, redacted_thinking, text, thinking, tool_call
from tests.servers._http import Request, Sent
from tests.servers._process import ServerProcess
from tests.servers._script import Script, html, raw, wire_bodies
from tests.servers._server import sse
from tests.servers.anthropic import PING, FakeAnthropic
from tests.servers.openai import DONE, FakeOpenAI

__all__ = [
    "DONE",
    "PING",
    "FakeAnthropic",
    "FakeOpenAI",
    "Raw",
    "Request",
    "Script",
    "Sent",
    "ServerProcess",
    "html",
    "raw",
    "redacted_thinking",
    "sse",
    "text",
    "thinking",
    "tool_call",
    "wire_bodies",
]
