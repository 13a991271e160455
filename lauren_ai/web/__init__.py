"""lauren_ai in web applications of the `lauren` framework: injection, and streams as server-sent
events. It needs the extra `web`; nothing else of lauren_ai imports it."""

from lauren_ai.web._event_stream import EventStream
from lauren_ai.web._modules import AgentModule, LLMModule

__all__ = ["AgentModule", "EventStream", "LLMModule"]
